"""Ports as a dock, over a folder like the kernel's and disks that are images."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import CardGone
from station.disk.opening import Opener
from station.profile import load_profiles
from station.usb.bus import Bus
from station.usb.ports import UsbPorts
from tests.station.disk.images import fat_image
from tests.station.usb.devices import HUB, KEYBOARD, PTP, STORAGE, VENDOR, descriptors
from tests.station.usb.test_bus import plug
from tests.station.yard import seen

DISK = "1-2:1.0/host2/target2:0:0/2:0:0:0/block/sdb"


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[UsbPorts]:
    ports = UsbPorts(
        bus=Bus(devices=folder / "devices"),
        profiles=load_profiles(None),
        passwords={},
        clock=SystemClock(),
        opener=Opener(clock=SystemClock()),
        nodes=folder,
    )
    ports.bus.devices.mkdir()
    work = asyncio.create_task(ports.run(lambda: None, every=0.02))
    try:
        yield ports
    finally:
        work.cancel()
        await asyncio.wait([work])


def put_in(ports: UsbPorts, port: str, raw: bytes, *, is_on: bool = False) -> Path:
    """The device appears whole, as the kernel shows one."""
    aside = Bus(devices=ports.bus.devices.parent / "aside")
    entry = plug(aside, port)
    (entry / "descriptors").write_bytes(raw)
    (entry / "authorized").write_text("1\n" if is_on else "0\n")
    return entry.rename(ports.bus.devices / port)


def says(ports: UsbPorts, word: str) -> Callable[[], bool]:
    return lambda: any(word in problem for problem in ports.problems())


async def test_a_disk_stands_at_the_dock_until_it_is_taken(tmp_path: Path) -> None:
    files = fat_image(tmp_path / "sdb", "FAT12", seed=1)
    async with running(tmp_path) as ports:
        entry = put_in(ports, "1-2", descriptors(0x4255, 0x1000, [STORAGE]))
        await seen(lambda: (entry / "authorized").read_text() == "1\n")
        assert ports.cards() == {}
        (entry / DISK).mkdir(parents=True)
        await seen(lambda: set(ports.cards()) == {b"usb 1-2"})

        for _ in range(2):  # the station may open it anew
            with closing(ports.open(b"usb 1-2")) as card:
                assert card.identity == ports.cards()[b"usb 1-2"]
                assert {each.path for each in card.listing()} == set(files)
        assert "not write-protected" in ports.problems()[0]

        shutil.rmtree(entry)
        await seen(lambda: ports.cards() == {})
        with pytest.raises(CardGone, match="usb 1-2"):
            ports.open(b"usb 1-2")
    assert ports.problems() == ()


async def test_what_the_gate_turns_away_is_switched_off(tmp_path: Path) -> None:
    async with running(tmp_path) as ports:
        entry = put_in(ports, "1-3", descriptors(0x4255, 1, [VENDOR, KEYBOARD]), is_on=True)

        await seen(says(ports, "keyboard"))

        assert (entry / "authorized").read_text() == "0\n"
        assert ports.cards() == {}


async def test_a_hub_is_switched_on_and_is_no_card(tmp_path: Path) -> None:
    async with running(tmp_path) as ports:
        entry = put_in(ports, "1-1", descriptors(1, 1, [HUB], kind=HUB))

        await seen(lambda: (entry / "authorized").read_text() == "1\n")

        assert (ports.cards(), ports.problems()) == ({}, ())


async def test_a_still_image_device_that_is_not_on_the_bus_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as ports:
        put_in(ports, "1-4", descriptors(0x04B0, 1, [PTP]))

        await seen(says(ports, "USB port 1-4"))


async def test_a_disk_that_is_no_card_is_told(tmp_path: Path) -> None:
    (tmp_path / "sdb").write_bytes(bytes(1 << 20))
    async with running(tmp_path) as ports:
        entry = put_in(ports, "1-2", descriptors(0x4255, 0x1000, [STORAGE]))
        (entry / DISK).mkdir(parents=True)

        await seen(says(ports, "USB port 1-2"))

        assert ports.cards() == {}
