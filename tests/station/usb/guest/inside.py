"""What happens inside the guest: a station and cameras on the USB of a real kernel.

``python -m tests.station.usb.guest.inside HOME IMAGE…``: the folder of a home whose station is
enrolled, and images of cards.  The archive is away all the time.  Says what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evidence.digest import Sha256
from station.service import Station
from station.simulator.cameras import ControlModel, Model
from station.simulator.descriptors import KEYBOARD, STORAGE, descriptors
from station.usb.bus import DEVICES
from tests.station.usb.guest.disk import Disk
from tests.station.usb.guest.house import Slot, parts, say
from tests.station.usb.guest.line import HOST, Line
from tests.station.yard import seen

_PART = 5
"""The cable is pulled when this part of the medium was read."""


def port(station: Station, number: int) -> Slot:
    """Port *number* (from 0) of the host that cameras are plugged into here."""
    (bus,) = {each.name for each in DEVICES.glob("usb*") if _is_ours(each)}
    return Slot(station=station, name=f"{bus.removeprefix('usb')}-{number + 1}")


def _is_ours(root_hub: Path) -> bool:
    """Whether it is the high-speed half of that host."""
    speed = (root_hub / "speed").read_text().strip()
    return root_hub.resolve().is_relative_to(HOST) and speed == "480"


async def dock(slot: Slot, number: int, disk: Disk) -> Line:
    """A camera comes, is let in and asked, and comes again as *disk*."""
    camera = ControlModel()
    line = Line(camera, number)
    await seen(lambda: camera.is_disk)
    line.pull()
    await seen(lambda: not slot.place.exists())
    return Line(disk, number)


async def pulled_out_and_docked_again(station: Station, number: int, image: Path) -> None:
    """The cable is pulled in the middle; the same camera comes again, and the rest is copied."""
    slot, before = port(station, number), Sha256.of_file(image)
    first = Disk(image=image, pulled_at=image.stat().st_size // _PART)
    await dock(slot, number, first)
    await seen(lambda: slot.word != "empty")
    await slot.gone()
    left = await slot.cut_short()

    second = Disk(image=image)
    line = await dock(slot, number, second)
    await seen(lambda: slot.word == "safe")
    say(
        image=image.name,
        cut_short=left,
        digests={item.path.decode(): str(item.sha256) for item in await slot.items()},
        states=sorted({item.state.value for item in await slot.items()}),
        read_only=slot.is_write_protected,
        refused=_refusal_to_write(slot.node),
        by_the_kernel=_as_the_kernel_reads(slot.node),
        writes=first.writes + second.writes,
        unchanged=Sha256.of_file(image) == before,
    )
    line.pull()
    await slot.gone()


def _refusal_to_write(node: Path) -> str:
    try:
        handle = os.open(node, os.O_RDWR)
        try:
            os.write(handle, bytes(512))
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        return error.strerror or "?"
    return "written"


def _as_the_kernel_reads(node: Path) -> dict[str, str]:
    """Digests of all files, by the kernel's own vfat or exfat."""
    with mounted(node) as place:
        return {
            str(path.relative_to(place)): Sha256.of_file(path).hex
            for path in sorted(place.rglob("*"))
            if path.is_file()
        }


@contextmanager
def mounted(node: Path) -> Iterator[Path]:
    """*node*, mounted by the kernel for reading."""
    place = Path("/run/card")
    place.mkdir(exist_ok=True)
    options = ("-o", "ro,iocharset=utf8")
    argvs = [("mount", "-t", kind, *options, node, place) for kind in ("vfat", "exfat")]
    assert any(subprocess.run(argv, check=False).returncode == 0 for argv in argvs)
    try:
        yield place
    finally:
        subprocess.run(("umount", place), check=True)


async def a_keyboard(station: Station) -> None:
    """A disk that is a keyboard, too, is never switched on."""
    slot = port(station, 0)
    line = Line(Model(raw=descriptors(0x4255, 0x1000, [STORAGE, KEYBOARD])), 0)
    await seen(lambda: slot.problems != [])
    say(
        problems=slot.problems,
        on=slot.is_on,
        drivers=slot.drivers,
        disks=[each.name for each in Path("/sys/block").glob("sd*")],
    )
    line.pull()
    await seen(lambda: not slot.place.exists())


async def main(home: Path, *images: Path) -> None:
    async with Station.running(parts(home)) as station:
        await station.items()
        await a_keyboard(station)
        for number, image in enumerate(images):
            await pulled_out_and_docked_again(station, number, image)


if __name__ == "__main__":
    asyncio.run(main(*map(Path, sys.argv[1:])))
