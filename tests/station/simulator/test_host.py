"""The simulated host, with the station's own ports and their processes before it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import CardGone
from station.disk.opening import Opener
from station.profile import load_profiles
from station.simulator.cameras import PASSWORD, ControlModel, Model, TextModel
from station.simulator.card import CardModel
from station.simulator.descriptors import KEYBOARD, STORAGE, VENDOR, descriptors
from station.simulator.exfat import make_card
from station.simulator.host import SimulatedHost
from station.usb.link import open_link
from station.usb.ports import UsbPorts
from tests.station.simulator.test_exfat import filled
from tests.station.yard import seen

DATA = bytes(range(256)) * 20_000
PROFILES = load_profiles(None)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    made = tmp_path / "card.img"
    make_card(made, filled(tmp_path / "card", {"DCIM/1.MP4": DATA}), serial=7)
    return made


@asynccontextmanager
async def at_work(folder: Path) -> AsyncIterator[tuple[SimulatedHost, UsbPorts]]:
    async with SimulatedHost.running(folder / "usb") as simulated:
        ports = UsbPorts(
            host=simulated.host,
            profiles=PROFILES,
            passwords={"amba-control": PASSWORD, "amba-text": PASSWORD + "00"},
            clock=SystemClock(),
            opener=Opener(clock=SystemClock(), access=simulated.host.access),
        )
        work = asyncio.create_task(ports.run(lambda: None, every=3600.0))
        try:
            yield simulated, ports
        finally:
            work.cancel()
            await asyncio.wait([work])


@pytest.mark.parametrize("kind", [ControlModel, TextModel])
async def test_a_camera_is_asked_becomes_a_card_is_read_and_leaves(
    tmp_path: Path, image: Path, kind: type[Model]
) -> None:
    async with at_work(tmp_path) as (simulated, ports):
        cable = simulated.plug("1-1", kind(), becomes=CardModel(image=image))
        await seen(lambda: set(ports.cards()) == {b"usb 1-1"})
        with closing(ports.open(b"usb 1-1")) as card:
            (listed,) = await asyncio.to_thread(card.listing)
            with card.open(listed) as original:
                assert await asyncio.to_thread(original.read_at, 0, len(DATA)) == DATA

        told = ports.heard(b"usb 1-1")
        assert told is not None
        assert told.camera in {"BWC0001", "BWC0002"}
        simulated.pull(cable)
        await seen(lambda: ports.cards() == {})
        assert simulated.stands("1-1") is None


async def test_a_cable_pulled_at_a_byte_ends_the_read_and_the_card_comes_again(
    tmp_path: Path, image: Path
) -> None:
    at = image.read_bytes().index(DATA[:4096]) + 3_000_000
    async with at_work(tmp_path) as (simulated, ports):
        cut = CardModel(image=image, cut_at=at)
        cable = simulated.plug("1-1", ControlModel(), becomes=cut)
        await seen(lambda: set(ports.cards()) == {b"usb 1-1"})
        before = ports.cards()[b"usb 1-1"]
        with closing(ports.open(b"usb 1-1")) as card:
            (listed,) = await asyncio.to_thread(card.listing)
            with card.open(listed) as original:
                assert await asyncio.to_thread(original.read_at, 0, 1 << 20) == DATA[: 1 << 20]
                with pytest.raises(CardGone):
                    await asyncio.to_thread(original.read_at, 2 << 20, 1 << 20)
        await seen(cable.pulled.is_set)
        await seen(lambda: ports.cards() == {})

        simulated.plug("1-1", ControlModel(), becomes=CardModel(image=image))
        await seen(lambda: set(ports.cards()) == {b"usb 1-1"})
        assert ports.cards()[b"usb 1-1"] != before


async def test_a_keyboard_stays_off_and_what_is_off_answers_nothing(tmp_path: Path) -> None:
    async with at_work(tmp_path) as (simulated, ports):
        model = ControlModel(raw=descriptors(0x4255, 1, [VENDOR, KEYBOARD]))
        simulated.plug("1-2", model)
        await seen(lambda: any("keyboard" in each for each in ports.problems()))

        (device,) = simulated.host.bus.listing()
        assert not device.is_on
        found = await asyncio.to_thread(simulated.host.backend)
        assert (found.plugged, model.heard) == ({}, [])


async def test_pulled_before_it_comes_back_it_does_not_come(tmp_path: Path, image: Path) -> None:
    async with SimulatedHost.running(tmp_path / "usb") as simulated:
        model = ControlModel(logged_in=True)
        cable = simulated.plug("1-1", model, becomes=CardModel(image=image))
        (device,) = simulated.host.bus.listing()
        simulated.host.bus.switch(device, on=True)
        wire = next(each.wire for each in PROFILES if each.id == "amba-control")
        assert wire is not None
        link = await asyncio.to_thread(open_link, device, wire, simulated.host.backend)
        await asyncio.to_thread(link.ask, bytes.fromhex("a1b2c3d400 e10051 00"))
        simulated.pull(cable)
        simulated.pull(cable)
        back = simulated.plug("1-2", Model(raw=descriptors(1, 2, [STORAGE])))

        await seen(lambda: simulated.stands("1-1") is None)
        assert simulated.stands("1-2") is back.model
        with pytest.raises(CardGone):
            await asyncio.to_thread(link.ask, b"\0")


async def test_a_host_far_down_in_folders_has_a_socket_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 200)
    deep.mkdir()

    async with SimulatedHost.running(deep / "usb") as simulated:
        assert await asyncio.to_thread(simulated.host.backend) is not None
    assert not (deep / "usb").exists()
