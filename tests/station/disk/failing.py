"""A medium that answers some reads with an error, as worn-out cards do."""

from __future__ import annotations

import errno
import os
from collections import Counter
from pathlib import Path

import pytest

from station.disk.rescue import PIECE


class Failing:
    """Answers EIO for reads of the file *path* that touch one of the pieces *bad*.

    The fault strikes at the system call: all that is ours runs as it is.
    """

    def __init__(self, path: Path, bad: set[int], monkeypatch: pytest.MonkeyPatch) -> None:
        self.bad = bad
        self.asked: Counter[int] = Counter()
        """Failing reads, by their first bad piece."""
        self._held = path.stat()
        self._pread = os.pread
        monkeypatch.setattr("os.pread", self.pread)
        # Nobody pulls a cable here, so nobody waits whether one was pulled.
        monkeypatch.setattr("station.disk.medium._LEAVES_WITHIN", 0.0)

    def pread(self, handle: int, size: int, offset: int) -> bytes:
        if os.path.samestat(os.fstat(handle), self._held):
            pieces = range(offset // PIECE, -(-(offset + size) // PIECE))
            hit = next((piece for piece in pieces if piece in self.bad), None)
            if hit is not None:
                self.asked[hit] += 1
                if hit * PIECE <= offset:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
                size = hit * PIECE - offset  # what comes before is given
        return self._pread(handle, size, offset)
