"""Cards whose medium, or whose process, does what a test orders while they are read.

They are opened in the process of a port, so what orders them is a file.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from station.disk.medium import Access
from station.disk.raw_card import RawCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Sick:
    """A card on *image*; *orders* holds a word, and the byte of the medium from which it holds."""

    image: Path
    orders: Path

    def order(self, word: str, at: int = 0) -> None:
        """From now on, whoever reads the medium behind byte *at* meets this."""
        whole = self.orders.with_suffix(".new")
        whole.write_text(f"{word} {at}")
        whole.rename(self.orders)

    def open(self) -> RawCard:
        return RawCard(self.image, life="1", access=Access(pread=self._pread))

    def _pread(self, handle: int, size: int, offset: int) -> bytes:
        if self.orders.exists():
            word, at = self.orders.read_text().split()
            if offset + size > int(at):
                _obey(word)
        return os.pread(handle, size, offset)


def _obey(word: str) -> None:
    match word:
        case "hang":
            while True:
                signal.pause()
        case "bug":
            raise KeyError("a bug of ours")
        case _:
            os.kill(os.getpid(), signal.Signals[word])


def answering(junk: bytes) -> RawCard:
    """What opens a card here writes *junk* as its answer, and hangs."""
    os.write(int(sys.argv[1]), junk)
    while True:
        signal.pause()


def garbage(junk: bytes) -> partial[RawCard]:
    return partial(answering, junk)
