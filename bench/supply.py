"""The cards of one round: full of bytes that cannot be compressed and that no round had before."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

MEGABYTE = 1_000_000
_BLOCK = 1 << 20
_RECORDING = 300
"""Seconds from one recording to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file that was made, and the digest of what was written."""

    relative: Path
    """Card and name."""
    size: int
    sha256: str


@dataclass(slots=True, kw_only=True)
class Supply:
    """Cards in *folder*, made anew for every round, each contestant getting the same ones cold."""

    folder: Path
    cards: int
    files: int
    """On each card."""
    size: int
    """Bytes in each file."""
    made: Sequence[Made] = ()
    _round: int | None = None
    _seed: int = field(default_factory=lambda: int.from_bytes(os.urandom(8)))

    @property
    def bytes(self) -> int:
        """Bytes on all cards."""
        return self.cards * self.files * self.size

    def make(self, number: int) -> None:
        """See that the cards of round *number* lie there, on disk and out of the page cache."""
        if self._round != number:
            shutil.rmtree(self.folder, ignore_errors=True)
            names = [
                (card, Path(f"card-{card}") / f"clip-{file}.mp4")
                for card in range(self.cards)
                for file in range(self.files)
            ]
            self.made = [
                make_file(self.folder, name, self.size, (self._seed, number, place))
                for place, (_card, name) in enumerate(names)
            ]
            self._date()
            self._round = number
        cool(*(self.folder / made.relative for made in self.made))

    def _date(self) -> None:
        """Give each card's files the times of a shift: one recording after the other."""
        end = time.time()
        for place, made in enumerate(self.made):
            before = (self.files - 1 - place % self.files) * _RECORDING
            os.utime(self.folder / made.relative, (end, end - before))


def make_file(folder: Path, relative: Path, size: int, seed: Sequence[int]) -> Made:
    """Write *size* bytes of chance to *relative* and sync them; one *seed*, the same bytes."""
    chance = np.random.default_rng(seed)
    state = hashlib.sha256()
    path = folder / relative
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=0) as stream:
        for start in range(0, size, _BLOCK):
            block = chance.bytes(min(_BLOCK, size - start))
            state.update(block)
            stream.write(block)
        os.fsync(stream.fileno())
    return Made(relative=relative, size=size, sha256=state.hexdigest())


def cool(*paths: Path) -> None:
    """Let the page cache forget the synced files at *paths*, so that the next read is cold."""
    for path in paths:
        with path.open("rb") as stream:
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
