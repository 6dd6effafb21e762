"""Ports as a dock, over a folder like the kernel's and disks that are images."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.errors import CardGone
from station.card import Card
from station.disk.opening import Opener
from station.profile import load_profiles
from station.simulator.descriptors import HUB, KEYBOARD, PTP, STORAGE, VENDOR, descriptors
from station.usb.bus import Bus
from station.usb.host import Host
from station.usb.ports import UsbPorts
from tests.station.disk.images import fat_image
from tests.station.port.hung_disk import hung_disk
from tests.station.usb.test_bus import plug
from tests.station.yard import seen

DISK = "1-2:1.0/host2/target2:0:0/2:0:0:0/block/sdb"


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[UsbPorts]:
    ports = UsbPorts(
        host=Host(bus=Bus(devices=folder / "devices"), nodes=folder),
        profiles=load_profiles(None),
        passwords={},
        clock=SystemClock(),
        opener=Opener(clock=SystemClock()),
    )
    ports.host.bus.devices.mkdir()
    work = asyncio.create_task(ports.run(lambda: None, every=0.02))
    try:
        yield ports
    finally:
        work.cancel()
        await asyncio.wait([work])


def put_in(ports: UsbPorts, port: str, raw: bytes, *, is_on: bool = False) -> Path:
    """The device appears whole, as the kernel shows one."""
    aside = Bus(devices=ports.host.bus.devices.parent / "aside")
    entry = plug(aside, port)
    (entry / "descriptors").write_bytes(raw)
    (entry / "authorized").write_text("1\n" if is_on else "0\n")
    return entry.rename(ports.host.bus.devices / port)


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


def put_in_disk(ports: UsbPorts, number: int, image: Path) -> None:
    """A camera in port 1-*number* that is a disk with the bytes of *image*."""
    (ports.host.nodes / f"sd{number}").symlink_to(image)
    entry = put_in(ports, f"1-{number}", descriptors(0x4255, 0x1000, [STORAGE]))
    block = f"1-{number}:1.0/host{number}/target2:0:0/2:0:0:0/block/sd{number}"
    (entry / block).mkdir(parents=True)


async def test_of_eight_cards_one_that_hangs_in_the_kernel_keeps_no_other_waiting(
    tmp_path: Path,
) -> None:
    files = fat_image(tmp_path / "image", "FAT12", seed=8)
    with hung_disk(tmp_path / "hung", tmp_path / "image") as disk, ThreadPoolExecutor(8) as threads:
        async with running(tmp_path) as ports:
            for number in range(1, 9):
                put_in_disk(ports, number, disk.node if number == 5 else tmp_path / "image")
            await seen(lambda: len(ports.cards()) == 8)
            cards = {number: ports.open(b"usb 1-%d" % number) for number in range(1, 9)}
            disk.hang()
            reads = {number: threads.submit(contents, card) for number, card in cards.items()}
            hung = reads.pop(5)
            for read in reads.values():
                assert await asyncio.wrap_future(read) == files

        with pytest.raises(CardGone, match=r"USB port 1-5.* it left"):
            await asyncio.wrap_future(hung)  # given up by the ports, which have ended
        for card in cards.values():
            card.close()


def contents(card: Card) -> dict[bytes, bytes]:
    held = {}
    for listed in card.listing():
        with card.open(listed) as original:
            held[listed.path] = original.read_at(0, listed.size)
    return held


async def test_a_card_whose_process_dies_is_gone_until_it_is_plugged_in_anew(
    tmp_path: Path,
) -> None:
    fat_image(tmp_path / "sdb", "FAT12", seed=9)
    async with running(tmp_path) as ports:
        for _ in range(2):
            entry = put_in(ports, "1-2", descriptors(0x4255, 0x1000, [STORAGE]))
            (entry / DISK).mkdir(parents=True)
            await seen(lambda: set(ports.cards()) == {b"usb 1-2"})
            with closing(ports.open(b"usb 1-2")) as card:
                os.kill(card._process.pid, signal.SIGSEGV)  # type: ignore[attr-defined]
                with pytest.raises(CardGone, match="its process ended"):
                    card.listing()
            assert ports.cards() == {}
            assert "its process ended (SIGSEGV). Undock the camera" in ports.problems()[0]
            with pytest.raises(CardGone):
                ports.open(b"usb 1-2")

            shutil.rmtree(entry)
            await seen(lambda: ports.problems() == ())
