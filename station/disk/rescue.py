"""Reading a failing medium into an image: first what is easy, then what is hard.

One rule: what was read is never asked for again.  In the order of GNU ddrescue: forward in large
blocks, leaping over what fails in growing leaps; then what was leapt over; then the ends of every
block that failed; then, piece by piece, what lies between.  Each piece is tried once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from evidence import durable
from evidence.errors import DiskFull
from station.disk.medium import Medium
from station.disk.rescue_map import Fate, RescueMap, is_finished

BLOCK = 1 << 20
PIECE = 4096
"""The least that is asked for: a page, since the kernel reads no less."""
_LEAP, _LONGEST_LEAP = 1 << 20, 64 << 20
_MAP = ".map"


@dataclass(slots=True, kw_only=True)
class Rescue:
    """The image of *medium* that is made at *image*, with its map beside it."""

    medium: Medium
    image: Path
    map: RescueMap = field(init=False)
    _at: int = 0
    _leap: int = 0

    def __post_init__(self) -> None:
        self.map = RescueMap(self.medium.size)
        with self.image.open("xb") as stream:
            stream.seek(self.medium.size - 1)
            stream.write(b"\0")  # as long as the medium, and a hole

    @property
    def map_file(self) -> Path:
        return self.image.with_name(self.image.name + _MAP)

    @property
    def part_read(self) -> float:
        """Of 1."""
        return self.map.count(Fate.READ) / max(1, self.medium.size)

    def run(self, is_time_up: Callable[[], bool]) -> bool:
        """Go on until all was tried or *is_time_up*; whether all was tried.  Blocks.

        The image is synced and the map written then.  Raises CardGone if the medium left, DiskFull
        or TemporaryError if the image cannot be written.
        """
        with self.image.open("r+b", buffering=0) as stream:
            try:
                done = False
                while not (done or is_time_up()):
                    done = not self._step(stream.fileno())
                os.fsync(stream.fileno())
            except OSError as error:
                raise durable.translate(error, self.image) from error
        durable.replace(self.map_file, self.map.text().encode("ascii"))
        return done

    def discard(self) -> None:
        """Remove image and map."""
        for path in (self.image, self.map_file):
            if path.exists():
                durable.discard(path)

    def _step(self, into: int) -> bool:
        """Ask for the next thing; False if nothing is left to ask for."""
        return self._copy(into) or self._trim(into) or self._scrape(into)

    def _copy(self, into: int) -> bool:
        found = self.map.first(Fate.UNTRIED, self._at)
        if found is None and self._at:
            self._at = 0  # what was leapt over
            found = self.map.first(Fate.UNTRIED)
        if found is None:
            return False
        start, end = found
        end = min(end, start + BLOCK)
        if self._take(into, start, end, Fate.UNTRIMMED):
            self._at, self._leap = end, 0
        else:
            self._leap = min(max(_LEAP, 2 * self._leap), _LONGEST_LEAP)
            self._at = end + self._leap
        return True

    def _trim(self, into: int) -> bool:
        """Take the ends of a block that failed, up to what fails there."""
        found = self.map.first(Fate.UNTRIMMED)
        if found is None:
            return False
        start, end = found
        taken = True
        while taken and start < end:
            stop = min(end, start + PIECE)
            taken, start = self._take(into, start, stop, Fate.LOST), stop
        taken = True
        while taken and start < end:
            last = max(start, (end - 1) // PIECE * PIECE)
            taken, end = self._take(into, last, end, Fate.LOST), last
        if start < end:
            self.map.mark(start, end, Fate.UNSCRAPED)
        return True

    def _scrape(self, into: int) -> bool:
        found = self.map.first(Fate.UNSCRAPED)
        if found is None:
            return False
        start, end = found
        self._take(into, start, min(end, start + PIECE), Fate.LOST)
        return True

    def _take(self, into: int, start: int, end: int, failed: Fate) -> bool:
        """Read from *start* to before *end* into the image; if that fails, note *failed*."""
        data = self.medium.try_read(start, end - start)
        if data is None:
            self.map.mark(start, end, failed)
            return False
        if data.count(0) != len(data):  # what is zeros stays a hole, which reads the same
            written = os.pwrite(into, data, start)
            if written != len(data):
                raise DiskFull(f"no room left to write {self.image}")
        self.map.mark(start, end, Fate.READ)
        return True


def clear_unfinished(folder: Path) -> None:
    """Remove images in *folder* that a crash cut short; only while none is being made."""
    for image in folder.glob("*.img"):
        told = image.with_name(image.name + _MAP)
        if not told.exists() or not is_finished(told.read_text("ascii")):
            for path in (image, told):
                if path.exists():
                    durable.discard(path)
