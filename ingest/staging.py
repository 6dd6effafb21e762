"""The station's own disk, where a pulled copy waits until the archive holds it.

One rule: a name here without a suffix is a whole, synced copy; everything else is on the way.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from evidence import durable
from evidence.digest import Sha256
from evidence.errors import DiskFull

RESERVE = 64 * 1024**2
"""Bytes always left free, so that the journal can still be written when footage does not fit."""

_MARK = ".mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The beginning of a copy that is on disk for certain."""

    length: int
    sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """One folder of staged copies, named by clip id."""

    folder: Path
    reserve: int = RESERVE

    def whole(self, clip: str) -> Path:
        """The clip's complete copy."""
        return self.folder / clip

    def part(self, clip: str) -> Path:
        """The beginning of a copy."""
        return self.folder / (clip + durable.PART)

    def mark(self, clip: str) -> Mark | None:
        """What of the part is synced; None if nothing was noted."""
        try:
            noted = json.loads(self._mark(clip).read_bytes())
        except FileNotFoundError:
            return None
        return Mark(length=noted["length"], sha256=Sha256.from_hex(noted["sha256"]))

    def set_mark(self, clip: str, mark: Mark) -> None:
        """Note what of the part is synced.  The caller has synced it."""
        noted = {"length": mark.length, "sha256": mark.sha256.hex}
        durable.replace(self._mark(clip), json.dumps(noted).encode("ascii"))

    def clear_mark(self, clip: str) -> None:
        """The copy is whole: the note on its beginning is not needed any more."""
        _discard(self._mark(clip))

    def set_aside(self, clip: str) -> None:
        """Keep the beginning of a copy that the card does not bear out any more, as evidence."""
        _discard(self._mark(clip))
        begun = self.whole(clip) if self.whole(clip).exists() else self.part(clip)
        number = 1
        while (aside := self.folder / f"{clip}.aside-{number}").exists():
            number += 1
        begun.rename(aside)
        durable.sync_folder(self.folder)

    def hand_over(self, clip: str, to: str) -> None:
        """Let the whole copy of *clip* take the place of that of *to*, which has its digest."""
        self.whole(clip).replace(self.whole(to))
        durable.sync_folder(self.folder)

    @property
    def room(self) -> int:
        """Bytes that fit beside the reserve; less than 0 if that is touched already."""
        disk = os.statvfs(self.folder)
        return disk.f_bavail * disk.f_frsize - self.reserve

    def check_room(self, wanted: int) -> None:
        """Return if *wanted* more bytes fit beside the reserve; else raise DiskFull."""
        if (room := self.room) < wanted:
            raise DiskFull(
                f"{self.folder} has {room + self.reserve:,} bytes free, {wanted:,} are wanted "
                f"and {self.reserve:,} stay in reserve"
            )

    def clear_part(self, clip: str) -> None:
        """Forget the beginning of a copy that is not continued."""
        _discard(self._mark(clip), self.part(clip))

    def free(self, clip: str) -> None:
        """Remove all that is held of *clip*.  The caller knows that the archive holds it."""
        _discard(self._mark(clip), self.part(clip), self.whole(clip))

    def _mark(self, clip: str) -> Path:
        return self.folder / (clip + _MARK)


def _discard(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            durable.discard(path)
