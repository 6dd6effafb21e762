"""Scenes on a bus that libusb, libudev and pyudev take for real, each in a process of its own.

``LD_PRELOAD=libumockdev-preload.so.0 python -m tests.station.usb.scene NAME [IMAGE]``
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.errors import CameraRefused, CameraSilent, CardGone
from ingest.pull import Pulled, pull
from ingest.staging import Staging
from ingest.watch import Watch
from station.profile import load_profiles
from station.ptp.card import PtpCard
from station.simulator.cameras import PASSWORD, ControlModel, Model, TextModel
from station.simulator.descriptors import KEYBOARD, STORAGE, VENDOR, descriptors
from station.usb.bus import Bus, Changes, Plugged
from station.usb.camera import Camera
from station.usb.gate import Admitted, Turned, judge
from station.usb.link import open_link
from station.usb.still import open_still
from station.usb.watch import changes
from tests.station.usb.mtp_model import PARTS, MtpModel, tree
from tests.station.usb.umockdev import MockedBus

NOW = datetime(2026, 11, 26, 21, 40, 5)  # noqa: DTZ001  a camera knows no zone
PROFILES = load_profiles(None)
BY_ID = {each.id: each for each in PROFILES}
WITHIN = 10.0
"""Seconds a change may take to be seen; a lost event would take HOURS."""
HOURS = 36_000.0


def opened(device: Plugged, profile: str, password: str = PASSWORD) -> Camera:
    wire = BY_ID[profile].wire
    assert wire is not None
    return Camera(link=open_link(device, wire), profile=BY_ID[profile], password=password)


async def seen(news: AsyncIterator[Changes]) -> Changes:
    async with asyncio.timeout(WITHIN):
        return await anext(news)


async def came(news: AsyncIterator[Changes]) -> Plugged:
    """The one device that came, perhaps after others left."""
    while not (found := await seen(news)).came:
        pass
    (device,) = found.came
    return device


async def the_whole_way(image: Path) -> None:
    machine, bus, model = MockedBus(), Bus(), ControlModel()
    news = changes(bus, every=HOURS)
    pull = machine.plug("1-2", model)
    camera = await came(news)
    assert (camera.port, camera.serial) == ("1-2", "BWC0001")
    assert admitted(camera) == {"amba-control control", "amba-text control"}
    switched_on(bus, camera)

    asked = told_to_become_a_disk(camera, model)
    pull()
    pull_disk = machine.plug("1-2", Model(raw=descriptors(0x4255, 0x1000, [STORAGE])))
    disk = await came(news)
    assert disk.port == camera.port
    assert disk.number != camera.number
    assert "amba-control storage" in admitted(disk)
    switched_on(bus, disk)
    hide = machine.show_disk("1-2", "sdb", image)
    assert bus.disks(disk) == ("sdb",)
    assert Path("/dev/sdb").is_block_device()
    assert Path("/dev/sdb").read_bytes() == image.read_bytes()

    try:
        asked.battery()
    except CardGone as error:
        print(error)
    hide()
    pull_disk()
    while bus.listing():
        await seen(news)
    print("the whole way")


def admitted(device: Plugged) -> set[str]:
    judged = judge(device.raw, PROFILES)
    assert isinstance(judged, Admitted), judged
    return {f"{each.profile.id} {each.identity.mode}" for each in judged.candidates}


def switched_on(bus: Bus, device: Plugged) -> None:
    assert not device.is_on
    bus.switch(device, on=True)
    assert [each.is_on for each in bus.listing()] == [True]


def told_to_become_a_disk(device: Plugged, model: ControlModel) -> Camera:
    stranger = opened(device, "amba-control", "111111")
    assert stranger.is_known()
    try:
        stranger.log_in()
    except CameraRefused as error:
        print(str(error)[:44])
    stranger.link.close()  # umockdev's heap breaks with two lines to one device
    asked = opened(device, "amba-control")
    asked.log_in()
    asked.set_clock(NOW)
    assert model.clock == (2026, 11, 26, 21, 40, 5)
    assert asked.battery() == 87
    asked.become_disk()
    assert model.is_disk
    return asked


async def a_keyboard() -> None:
    machine, bus = MockedBus(), Bus()
    news = changes(bus, every=HOURS)
    machine.plug("1-3", Model(raw=descriptors(0x4255, 1, [VENDOR, KEYBOARD])))

    judged = judge((device := await came(news)).raw, PROFILES)

    assert isinstance(judged, Turned)
    assert not device.is_on
    print(judged.words)


async def text_over_bulk() -> None:
    machine, bus, model = MockedBus(), Bus(), TextModel()
    news = changes(bus, every=HOURS)
    pull = machine.plug("1-1", model)
    camera = await came(news)
    bus.switch(camera, on=True)

    other = opened(camera, "amba-control")
    assert not other.is_known()
    other.link.close()
    asked = opened(camera, "amba-text", PASSWORD + "00")
    asked.log_in()
    assert asked.info() == {"camera": "BWC0002"}
    pull()
    try:
        asked.info()
    except (CardGone, CameraSilent) as error:
        print(error)


async def gone_before_it_was_opened() -> None:
    machine, bus = MockedBus(), Bus()
    news = changes(bus, every=HOURS)
    pull = machine.plug("1-1", ControlModel())
    camera = await came(news)
    pull()

    for act in (lambda: bus.switch(camera, on=True), lambda: opened(camera, "amba-control")):
        try:
            act()
        except CardGone as error:
            print(error)


async def an_mtp_camera(folder: Path) -> None:
    """Its cable is pulled in the middle of its file; *folder* takes the copy."""
    data = random.Random(7).randbytes(5 << 20)
    model = MtpModel(things=tree({"DCIM/1.MP4": data}), more=(PARTS,))
    machine, bus = MockedBus(), Bus()
    news = changes(bus, every=HOURS)
    pull_out = machine.plug("1-1", model)
    try:
        copied(await came(news), bus, folder, lambda _copied: pull_out())
    except CardGone as error:
        print(error)
    model.is_open = False
    machine.plug("1-1", model)
    copy = copied(await came(news), bus, folder, lambda _copied: None)
    print(copy.resumed_at, copy.sha256 == Sha256.of(data))


def copied(device: Plugged, bus: Bus, folder: Path, report: Callable[[int], None]) -> Pulled:
    """The one file of *device*, once it is switched on; *report* is called after a MiB."""
    assert "generic-dcim ptp" in admitted(device)
    bus.switch(device, on=True)
    watch = Watch(report, SystemClock())
    with closing(PtpCard(open_still(device))) as card:
        (listed,) = card.listing()
        return pull(card, listed, Staging(folder=folder, reserve=0), "c", watch)


SCENES = {
    scene.__name__: scene
    for scene in (
        the_whole_way,
        a_keyboard,
        text_over_bulk,
        gone_before_it_was_opened,
        an_mtp_camera,
    )
}

if __name__ == "__main__":
    asyncio.run(SCENES[sys.argv[1]](*map(Path, sys.argv[2:])))
