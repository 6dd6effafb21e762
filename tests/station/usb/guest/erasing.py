"""What happens inside the guest: cards that are read raw, and erased through a real kernel.

``python -m tests.station.usb.guest.erasing IMAGE…``: no station runs; the proofs are ours, and the
cards are erased by the process of their port.  Says what it saw as JSON.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from evidence.clock import SystemClock
from evidence.digest import Sha256
from evidence.erase_proof import SecondRead
from evidence.errors import CardWriteFailed, EraseForbidden
from ingest.release import on_card, read_again, release
from ingest.source import ErasableSource, Listed
from ingest.watch import Watch
from station.disk.mounting import node_at
from station.disk.protecting import protect
from station.disk.raw_card import RawCard
from station.port.process import PortProcess
from station.usb.bus import Bus, Plugged
from tests.evidence.erase_proofs import proof_for
from tests.station.usb.guest.disk import Disk
from tests.station.usb.guest.house import say
from tests.station.usb.guest.inside import mounted
from tests.station.usb.guest.line import Line

Found = TypeVar("Found")
WITHIN = 20.0
PARTED, PARTITION = "part", 1 << 20
"""In the name of an image whose volume begins at that byte."""
CLOCK = SystemClock()
_WITHOUT = "-sys_admin,-sys_rawio"


def plugged(disk: Disk, port: int) -> tuple[Line, Plugged, Path]:
    """*disk* at a port, switched on; and its node, write-protected as the station does it."""
    bus = Bus()
    known = {(each.port, each.number) for each in bus.listing()}
    line = Line(disk, port)
    device = _awaited(
        lambda: [each for each in bus.listing() if (each.port, each.number) not in known]
    )
    bus.switch(device, on=True)
    node = _awaited(lambda: [each for each in _nodes(bus, device) if each.exists()])
    assert protect(node) == ""
    return line, device, node


def _nodes(bus: Bus, device: Plugged) -> list[Path]:
    return [Path("/dev") / name for name in bus.disks(device)]


def _awaited(look: Callable[[], list[Found]]) -> Found:
    deadline = time.monotonic() + WITHIN
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found[0]


def digests(card: ErasableSource) -> dict[str, str]:
    """Of all files."""
    return {each.path.decode(): _second(card, each).sha256.hex for each in card.listing()}


def _second(card: ErasableSource, listed: Listed) -> SecondRead:
    return read_again(card, listed, CLOCK, Watch(lambda _read: None, CLOCK))


def erased(card: ErasableSource, listed: Listed) -> bool | str:
    """Erase a file on a proof; what came of it."""
    second = _second(card, listed)
    try:
        return release(card, listed, proof_for(on_card(card, listed), second), CLOCK)
    except (CardWriteFailed, EraseForbidden) as error:
        return str(error)


def a_card_is_erased(image: Path, port: int) -> None:
    """Every other file goes, one after the other; what is left is looked at by others, too."""
    disk = Disk(image=image)
    line, _device, node = plugged(disk, port)
    opened = partial(RawCard, node, life="x")
    with closing(PortProcess(f"USB port {port}")) as process, closing(process.open(opened)) as card:
        before = digests(card)
        read_only_before = disk.writes
        done = {each.path.decode(): erased(card, each) for each in card.listing()[::2]}
        after = digests(card)
    volume = node_at(node, PARTITION if PARTED in image.name else 0)
    assert volume is not None
    with mounted(volume) as place:
        kernel = {
            str(path.relative_to(place)): Sha256.of_file(path).hex
            for path in place.rglob("*")
            if path.is_file()
        }
    is_exfat = image.name.startswith("exfat")
    say(
        image=image.name,
        before=before,
        done=done,
        after=after,
        by_the_kernel=kernel,
        writes_before=read_only_before,
        writes=disk.writes,
        read_only=(Path("/sys/block") / node.name / "ro").read_text().strip(),
        mounts=[
            line for line in Path("/proc/mounts").read_text().splitlines() if "/dev/sd" in line
        ],
        fsck=_fsck(image, is_exfat=is_exfat),
    )
    line.pull()


def _fsck(image: Path, *, is_exfat: bool) -> list[object]:
    """What the tools of others say of the medium: exit code, and the end of their words."""
    whole = image
    if PARTED in image.name:
        whole = Path("/run/part.img")
        whole.write_bytes(image.read_bytes()[PARTITION:])
    tool = "fsck.exfat" if is_exfat else "fsck.vfat"
    done = subprocess.run((tool, "-n", whole), capture_output=True, text=True, check=False)
    return [done.returncode, done.stdout[-500:]]


def nothing_is_erased(image: Path, port: int) -> None:
    """Of a card whose switch is at "lock"; nor by a process that has no right to mount."""
    disk = Disk(image=image, protected=True)
    line, _device, node = plugged(disk, port)
    with closing(RawCard(node, life="x")) as card:
        locked = erased(card, card.listing()[0])
    line.pull()
    time.sleep(1)
    other = Disk(image=image)
    line, _device, node = plugged(other, port)
    argv = ("setpriv", f"--bounding-set={_WITHOUT}", f"--inh-caps={_WITHOUT}", sys.executable, "-m")
    told = subprocess.run(
        (*argv, "tests.station.usb.guest.erasing", "one", node),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    say(locked=locked, helpless=told.stdout + told.stderr, writes=disk.writes + other.writes)
    line.pull()


def one(node: Path) -> None:
    """Try to erase the first file of *node*."""
    with closing(RawCard(node, life="x")) as card:
        sys.stdout.write(str(erased(card, card.listing()[0])))


def main(*images: Path) -> None:
    for number, image in enumerate(images):
        a_card_is_erased(image, number)
    nothing_is_erased(images[0], len(images))


if __name__ == "__main__":
    if sys.argv[1] == "one":
        one(Path(sys.argv[2]))
    else:
        main(*map(Path, sys.argv[1:]))
