"""What a volume holds: its entries, and where on the medium their bytes lie."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_FOLDER = 32 << 20
"""Bytes of one folder that are believed: 2 MiB is all that FAT allows, 256 MiB exFAT's limit."""


class Damaged(Exception):
    """A volume contradicts itself; the text says where.  It never leaves this package."""


@dataclass(frozen=True, slots=True)
class Run:
    """Bytes that lie side by side on the volume."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One name in a folder of a volume."""

    name: bytes
    """As the camera wrote it; long names, which are UTF-16, in UTF-8."""
    is_folder: bool
    size: int
    """Bytes, 0 for a folder."""
    valid: int
    """Bytes of these that were written (exFAT); beyond, a file reads as zeros."""
    mtime_ns: int
    """Nanoseconds since 1970, the card's own zone if it names one, else taken for UTC; 0 if the
    card tells none that exists."""
    where: tuple[Run, ...]
    """Where on the volume the entry itself lies."""
    first: int
    """Its first cluster."""
    runs: tuple[Run, ...] = ()
    problem: str | None = None
    """Why its bytes cannot be found, if they cannot."""


def joined(offsets: Iterable[int], length: int) -> tuple[Run, ...]:
    """Clusters of *length* bytes at *offsets*, neighbours made one."""
    return tuple(_joined(offsets, length))


def _joined(offsets: Iterable[int], length: int) -> Iterator[Run]:
    start = end = -1
    for offset in offsets:
        if offset != end:
            if start >= 0:
                yield Run(start, end - start)
            start = offset
        end = offset + length
    if start >= 0:
        yield Run(start, end - start)


def cut(runs: Iterable[Run], size: int) -> tuple[Run, ...]:
    """The first *size* bytes of *runs*; Damaged if they hold fewer."""
    kept, left = [], size
    for run in runs:
        if left <= 0:
            break
        kept.append(Run(run.offset, min(run.length, left)))
        left -= run.length
    if left > 0:
        raise Damaged(f"its clusters hold {left:,} bytes fewer than its {size:,}")
    return tuple(kept)
