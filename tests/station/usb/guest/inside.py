"""What happens inside the guest: a station and cameras on the USB of a real kernel.

``python -m tests.station.usb.guest.inside HOME IMAGE…``: the folder of a home whose station is
enrolled, and images of cards.  The archive is away all the time.  Says what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.settings import Settings, StationSettings
from ingest.rendition.cage import CageRule, NoCage
from ingest.rendition.tools import Route, Tools
from station.journal.records import ItemRow
from station.service import Station, StationParts
from station.usb.bus import DEVICES
from tests.station.usb.devices import KEYBOARD, STORAGE, descriptors
from tests.station.usb.guest.disk import Disk
from tests.station.usb.guest.line import HOST, Line
from tests.station.usb.models import PASSWORD, ControlModel, Model
from tests.station.yard import seen

CYCLES = 20
_NOWHERE = "http://127.0.0.1:9"
_PART = 5
"""The cable is pulled when this part of the medium was read."""
_NO_TOOLS = Tools(
    route=Route.SYSTEM,
    ffmpeg=Path("/usr/bin/ffmpeg"),
    prober=("/usr/bin/ffprobe",),
    ffmpeg_version="",
    prober_version="",
    cage=NoCage(reason="no media is opened here", rule=CageRule.REQUIRED),
)


def say(**told: object) -> None:
    print("SAYS " + json.dumps(told), flush=True)


def parts(home: Path) -> StationParts:
    passwords = home / "passwords.toml"
    passwords.write_text(f'amba-control = "{PASSWORD}"\n')
    passwords.chmod(0o600)
    settings = StationSettings(
        rescan_seconds=0.2, settle_seconds=0.1, usb=True, camera_passwords=str(passwords)
    )
    for name in ("docks", "receipts"):
        (home / name).mkdir(exist_ok=True)
    return StationParts(
        settings=Settings(station=settings),
        folder=home / "station",
        docks=home / "docks",
        receipts=home / "receipts",
        archive_url=_NOWHERE,
        enrolment_code=None,
        clock=SystemClock(),
        tools=_NO_TOOLS,
        reserve=0,
    )


@dataclass(slots=True, kw_only=True)
class Port:
    """One port, and the station that looks at it."""

    station: Station
    number: int = 0

    @property
    def name(self) -> str:
        """As the kernel calls it: its bus, and the port of that bus."""
        (bus,) = {each.name for each in DEVICES.glob("usb*") if _is_ours(each)}
        return f"{bus.removeprefix('usb')}-{self.number + 1}"

    @property
    def place(self) -> Path:
        """Where the kernel tells of what is plugged in."""
        return DEVICES / self.name

    @property
    def word(self) -> str:
        slots = {card.slot: card.word.value for card in self.station.snapshot().cards}
        return slots.get(f"usb {self.name}", "empty")

    @property
    def problems(self) -> list[str]:
        """What people are told of it."""
        about = f"USB port {self.name}:"
        return [each for each in self.station.snapshot().problems if each.startswith(about)]

    @property
    def is_on(self) -> bool:
        return (self.place / "authorized").read_text().strip() == "1"

    async def items(self) -> list[ItemRow]:
        """The files that were seen here."""
        slot = f"usb {self.name}".encode()
        return [item for item in await self.station.items() if item.folder == slot]

    async def dock(self, disk: Disk) -> Line:
        """A camera comes, is let in and asked, and comes again as *disk*."""
        camera = ControlModel()
        line = Line(camera, self.number)
        await seen(lambda: camera.is_disk)
        line.pull()
        await seen(lambda: not self.place.exists())
        return Line(disk, self.number)

    async def leave(self, line: Line) -> None:
        line.pull()
        await seen(lambda: self.word == "empty")


def _is_ours(root_hub: Path) -> bool:
    """Whether it is the high-speed half of the host that cameras are plugged into here."""
    speed = (root_hub / "speed").read_text().strip()
    return root_hub.resolve().is_relative_to(HOST) and speed == "480"


def node_of(port: Port) -> Path:
    (block,) = DEVICES.glob(f"{port.name}/{port.name}:*/host*/target*/*/block/*")
    return Path("/dev") / block.name


async def pulled_out_and_docked_again(port: Port, image: Path) -> None:
    """The cable is pulled in the middle; the same camera comes again, and the rest is copied."""
    before = Sha256.of_file(image)
    first = Disk(image=image, pulled_at=image.stat().st_size // _PART)
    await port.dock(first)
    await seen(lambda: port.word != "empty")
    await seen(lambda: port.word == "empty")
    left = [item.problem for item in await port.items() if item.problem]

    second = Disk(image=image)
    line = await port.dock(second)
    await seen(lambda: port.word == "safe")
    node = node_of(port)
    say(
        image=image.name,
        cut_short=left,
        read=[first.read, second.read],
        digests={item.path.decode(): str(item.sha256) for item in await port.items()},
        states=sorted({item.state.value for item in await port.items()}),
        read_only=(Path("/sys/block") / node.name / "ro").read_text().strip(),
        refused=_refusal_to_write(node),
        by_the_kernel=_as_the_kernel_reads(node),
        writes=first.writes + second.writes,
        unchanged=Sha256.of_file(image) == before,
    )
    await port.leave(line)


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


async def again_and_again(port: Port, image: Path) -> None:
    """Nothing of a card that is known is copied again."""
    known, writes = len(await port.station.items()), 0
    for _ in range(CYCLES):
        disk = Disk(image=image)
        line = Line(disk, port.number)
        await seen(lambda: port.word == "safe")
        await port.leave(line)
        writes += disk.writes
    say(cycles=CYCLES, writes=writes, more=len(await port.station.items()) - known)


async def a_keyboard(port: Port) -> None:
    """A disk that is a keyboard, too, is never switched on."""
    line = Line(Model(raw=descriptors(0x4255, 0x1000, [STORAGE, KEYBOARD])), port.number)
    await seen(lambda: port.problems != [])
    say(
        problems=port.problems,
        on=port.is_on,
        drivers=[each.parent.name for each in port.place.glob("*:*/driver")],
        disks=[each.name for each in Path("/sys/block").glob("sd*")],
    )
    line.pull()
    await seen(lambda: not port.place.exists())


async def main(home: Path, *images: Path) -> None:
    async with Station.running(parts(home)) as station:
        port = Port(station=station)
        await station.items()
        await a_keyboard(port)
        for number, image in enumerate(images):
            await pulled_out_and_docked_again(Port(station=station, number=number), image)
        await again_and_again(Port(station=station, number=0), images[0])


if __name__ == "__main__":
    asyncio.run(main(*map(Path, sys.argv[1:])))
