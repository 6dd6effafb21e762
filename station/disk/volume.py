"""The volumes of a medium, and everything in them.

One rule: nobody's claim is trusted to end.  A folder is listed once, whoever says that it lies
inside, not more than :data:`DEEPEST` folders inside one another, and :data:`MOST_NAMES` in all.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from evidence.errors import CardReadFailed
from evidence.names import safe_part
from station.card import DEEPEST
from station.disk import exfat
from station.disk.entry import Damaged, Entry
from station.disk.exfat import ExFat
from station.disk.fat import Fat
from station.disk.medium import Medium, Part

MOST_NAMES = 1_000_000
_SIGNATURE = b"\x55\xaa"
_JUMPS = frozenset({0xEB, 0xE9})
_TABLE, _ENTRY = 446, 16
_TYPES = frozenset({0x01, 0x04, 0x06, 0x07, 0x0B, 0x0C, 0x0E})
"""FAT12, FAT16, exFAT, FAT32 in a partition table."""
_SECTOR = 512


class Volume(Protocol):
    """A file system on a medium."""

    @property
    def kind(self) -> str:
        """FAT12, FAT16, FAT32 or exFAT."""
        ...

    @property
    def serial(self) -> str:
        """Its serial number, eight hexadecimal digits."""
        ...

    @property
    def root_cluster(self) -> int:
        """First cluster of its root folder; 0 where that is none."""
        ...

    @property
    def read(self) -> Part:
        """Reads bytes of this volume."""
        ...

    def top(self) -> Iterator[Entry]:
        """The entries of its root folder."""
        ...

    def inside(self, folder: Entry) -> Iterator[Entry]:
        """The entries of *folder*."""
        ...

    def again(self, entry: Entry) -> Entry | None:
        """*entry* as it stands on the medium now; None if another or none stands there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An entry, and where it is found."""

    path: bytes
    entry: Entry
    problem: str | None
    is_plain: bool = True
    """Whether every part of the path is the very name on the volume."""


def volumes(medium: Medium) -> tuple[Volume, ...]:
    """The volumes of *medium*, in the order of its partition table.

    Raises CardReadFailed if there is none that can be read, CardGone if the medium left.
    """
    boot = medium.read(0, _SECTOR)
    if boot[510:] != _SIGNATURE:
        raise CardReadFailed("the card holds no file system that is known (no boot signature)")
    starts = _partitions(boot) or [0]
    found, problems = list[Volume](), list[str]()
    for start in starts:
        try:
            found.append(_volume(Part(medium=medium, start=start)))
        except Damaged as error:
            problems.append(str(error))
    if not found:
        raise CardReadFailed(f"the card holds no file system that is known ({'; '.join(problems)})")
    return tuple(found)


def walk(volume: Volume) -> Iterator[Place]:
    """Every file of *volume*, and every folder that could not be listed."""
    waiting: list[tuple[bytes, Entry | None, bool]] = [(b"", None, True)]
    seen, names = {volume.root_cluster}, 0
    while waiting and names <= MOST_NAMES:
        path, folder, plain = waiting.pop()
        try:
            for entry in _listed(volume, folder, path, seen):
                names += 1
                name = safe_part(entry.name)
                below, same = path + b"/" + name if path else name, plain and name == entry.name
                if entry.is_folder:
                    waiting.append((below, entry, same))
                else:
                    problem = _problem(volume, entry)
                    yield Place(path=below, entry=entry, problem=problem, is_plain=same)
                if names > MOST_NAMES:
                    break
        except (Damaged, CardReadFailed) as error:
            if folder is None:
                raise CardReadFailed(f"its root folder cannot be listed: {error}") from error
            yield Place(path=path, entry=folder, problem=f"the folder cannot be listed: {error}")
    if names > MOST_NAMES:
        raise CardReadFailed(f"the card claims to hold more than {MOST_NAMES:,} names")


def _listed(volume: Volume, folder: Entry | None, path: bytes, seen: set[int]) -> Iterator[Entry]:
    if folder is None:
        return volume.top()
    if path.count(b"/") >= DEEPEST:
        raise Damaged(f"more than {DEEPEST} folders inside one another")
    if folder.first and folder.first in seen:
        raise Damaged("it is a folder that was listed already")
    seen.add(folder.first)
    return volume.inside(folder)


def _problem(volume: Volume, entry: Entry) -> str | None:
    """Why *entry* cannot be read; memory that is smaller than it claims is common."""
    end = max((run.offset + run.length for run in entry.runs), default=0)
    if entry.problem is None and end > volume.read.size:
        return f"it lies beyond the {volume.read.size:,} bytes that the card has"
    return entry.problem


def _volume(read: Part) -> Volume:
    boot = read(0, _SECTOR)
    if boot[3:11] == exfat.NAME:
        return ExFat.of(read)
    return Fat.of(read)


def _partitions(boot: bytes) -> list[int]:
    """Where the partitions begin; none if the medium is one volume without a table."""
    if boot[3:11] == exfat.NAME:
        return []
    (sector,) = struct.unpack_from("<H", boot, 11)
    if boot[0] in _JUMPS and sector in {512, 1024, 2048, 4096}:
        return []
    found = []
    for number in range(4):
        kind = boot[_TABLE + number * _ENTRY + 4]
        (start,) = struct.unpack_from("<I", boot, _TABLE + number * _ENTRY + 8)
        if kind in _TYPES and start:
            found.append(start * _SECTOR)
    return found
