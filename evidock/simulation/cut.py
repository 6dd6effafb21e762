"""Where a cable is pulled out: a byte of the longest file on a card.

One rule: it is never the file's first byte, so that something of it was read before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """So many bytes into a file, or so many percent of it."""

    bytes: int | None = None
    percent: float | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """``3000000`` or ``50%``; ValueError if *text* is neither, or none that can be."""
        if text.endswith("%"):
            percent = float(text.removesuffix("%"))
            if not 0 < percent < _WHOLE:
                raise ValueError(text)
            return cls(percent=percent)
        if (count := int(text)) < 1:
            raise ValueError(text)
        return cls(bytes=count)

    def within(self, size: int) -> int | None:
        """The byte of a file of *size* at which it falls; None if the file is too short."""
        percent = self.percent or 0.0
        at = max(1, int(size * percent / _WHOLE)) if self.bytes is None else self.bytes
        return at if at < size else None

    def __str__(self) -> str:
        return f"{self.percent:g} %" if self.bytes is None else f"byte {self.bytes:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where that is on one card."""

    file: Path
    in_file: int
    on_image: int


def place_of(cut: Cut, places: Mapping[Path, int]) -> Place | None:
    """Where *cut* falls into the longest of the files that begin at *places* of an image."""
    sizes = {path: path.stat().st_size for path in places}
    longest = max(sizes, key=lambda path: (sizes[path], str(path)), default=None)
    if longest is None or (at := cut.within(sizes[longest])) is None:
        return None
    return Place(file=longest, in_file=at, on_image=places[longest] + at)
