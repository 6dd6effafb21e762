"""A medium that answers some reads with an error, as worn-out cards do."""

from __future__ import annotations

import errno
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from station.disk.medium import Access
from station.disk.rescue import PIECE


@dataclass(slots=True, kw_only=True)
class Failing:
    """Reads the file *path* as the kernel does, but answers EIO for the pieces *bad*.

    It stands in for the system call: all that is ours runs as it is.
    """

    path: Path
    bad: set[int]
    strikes: bool = True
    """Whether it fails already."""
    asked: Counter[int] = field(default_factory=Counter)
    """Failing reads, by their first bad piece."""

    @property
    def access(self) -> Access:
        """Nobody pulls a cable here, so nobody waits whether one was pulled."""
        return Access(pread=self.pread, leaves_within=0.0)

    def pread(self, handle: int, size: int, offset: int) -> bytes:
        if self.strikes and os.path.samestat(os.fstat(handle), self.path.stat()):
            pieces = range(offset // PIECE, -(-(offset + size) // PIECE))
            hit = next((piece for piece in pieces if piece in self.bad), None)
            if hit is not None:
                self.asked[hit] += 1
                if hit * PIECE <= offset:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                size = hit * PIECE - offset  # what comes before is given
        return os.pread(handle, size, offset)
