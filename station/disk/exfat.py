"""exFAT, read from its bytes.

Source: Microsoft, "exFAT file system specification", revision 1.00 (2019), sections 3, 4, 6 and 7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.errors import CardReadFailed
from station.disk.clusters import FIRST, Clusters
from station.disk.entry import MOST_FOLDER, Damaged, Entry, Run, cut, joined
from station.disk.medium import Part
from station.disk.times import nanoseconds

NAME = b"EXFAT   "
_SLOT = 32
_FILE, _STREAM, _NAME_PIECE = 0x85, 0xC0, 0xC1
_SIDE_BY_SIDE = 0x02
_FOLDER = 0x10
_LEAST = 3
"""Slots of a file: itself, its stream, a piece of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExFat:
    """An exFAT volume."""

    serial: str
    read: Part
    clusters: Clusters
    root_cluster: int
    kind: str = "exFAT"

    @classmethod
    def of(cls, read: Part) -> ExFat:
        """The volume whose bytes *read* gives; Damaged if it is none."""
        boot = read(0, 512)
        table, length, heap, count, root, serial = struct.unpack_from("<IIIIII", boot, 80)
        sector, per = boot[108], boot[109]
        if not 9 <= sector <= 12 or sector + per > 25 or not length or not count:  # noqa: PLR2004
            raise Damaged(f"sectors of 2^{sector}, clusters of 2^{per} of these: no exFAT has them")
        clusters = Clusters(
            read=read,
            table=table << sector,
            table_size=min(length << sector, (count + FIRST) * 4),
            bits=32,
            end=0xFFFFFFF8,
            mask=0xFFFFFFFF,
            heap=heap << sector,
            size=1 << sector + per,
            count=count,
        )
        return cls(serial=f"{serial:08X}", read=read, clusters=clusters, root_cluster=root)

    def top(self) -> Iterator[Entry]:
        """The entries of the root folder.  Damaged if it cannot be followed."""
        return self._entries(self.clusters.folder(self.root_cluster))

    def inside(self, folder: Entry) -> Iterator[Entry]:
        """The entries of *folder*.  Damaged if it cannot be followed."""
        if folder.problem is not None:
            raise Damaged(folder.problem)
        return self._entries(folder.runs)

    def again(self, entry: Entry) -> Entry | None:
        """*entry* as it stands on the medium now; None if another or none stands there."""
        slots = b"".join(self.read(run.offset, run.length) for run in entry.where)
        if slots[0] != _FILE:
            return None
        found = self._entry(slots, entry.where)
        return found if found.name == entry.name else None

    def _entries(self, runs: tuple[Run, ...]) -> Iterator[Entry]:
        """Every set of slots that is a file; a set may lie across the end of a run."""
        places = [run.offset + at for run in runs for at in range(0, run.length, _SLOT)]
        data = b"".join(self.read(run.offset, run.length) for run in runs)
        at = 0
        while at < len(places) and data[at * _SLOT]:
            number = 1
            if data[at * _SLOT] == _FILE:
                number = _length(data[at * _SLOT :])
                where = joined(places[at : at + number], _SLOT)
                yield self._entry(data[at * _SLOT : (at + number) * _SLOT], where)
            at += number

    def _entry(self, slots: bytes, where: tuple[Run, ...]) -> Entry:
        """The file that a set of *slots* describes."""
        if len(slots) < _LEAST * _SLOT:
            return _broken(where)
        stream = slots[_SLOT : 2 * _SLOT]
        (attributes,) = struct.unpack_from("<H", slots, 4)
        time, date = struct.unpack_from("<HH", slots, 12)
        (valid,) = struct.unpack_from("<Q", stream, 8)
        first, size = struct.unpack_from("<IQ", stream, 20)
        is_folder = bool(attributes & _FOLDER)
        runs, problem = tuple[Run, ...](), None
        try:
            _check(slots, is_folder=is_folder, size=size)
            runs = self._runs(first, size, side_by_side=bool(stream[1] & _SIDE_BY_SIDE))
        except (Damaged, CardReadFailed) as error:
            problem = str(error)
        return Entry(
            name=_name(slots, stream[3]),
            is_folder=is_folder,
            size=0 if is_folder else size,
            valid=0 if is_folder else min(valid, size),
            mtime_ns=nanoseconds(date, time, hundredths=slots[21], zone=slots[23]),
            where=where,
            first=first,
            runs=runs,
            problem=problem,
        )

    def _runs(self, first: int, size: int, *, side_by_side: bool) -> tuple[Run, ...]:
        if not size:
            return ()
        wanted = -(-size // self.clusters.size)
        if wanted > self.clusters.count:
            raise Damaged(f"{size:,} bytes are more than the volume has")
        if side_by_side:
            start = self.clusters.offset(first)
            self.clusters.offset(first + wanted - 1)
            return (Run(start, size),)
        return cut(joined(self.clusters.chain(first, wanted), self.clusters.size), size)


def _check(slots: bytes, *, is_folder: bool, size: int) -> None:
    """Damaged if a set of *slots* contradicts itself."""
    if _checksum(slots) != struct.unpack_from("<H", slots, 2)[0]:
        raise Damaged("the checksum of its entry is wrong")
    if is_folder and size > MOST_FOLDER:
        raise Damaged(f"a folder of {size:,} bytes")


def _length(slots: bytes) -> int:
    """How many slots the set takes that begins with the first of *slots*; 1 if it is broken off."""
    number = 1 + slots[1]
    whole = len(slots) >= number * _SLOT and number >= _LEAST and slots[_SLOT] == _STREAM
    return number if whole else 1


def _broken(where: tuple[Run, ...]) -> Entry:
    """What is left of an entry whose other slots are not there."""
    return Entry(
        name=b"entry at byte %d" % where[0].offset,
        is_folder=False,
        size=0,
        valid=0,
        mtime_ns=0,
        where=where,
        first=0,
        problem="its entry is broken off",
    )


def _name(slots: bytes, length: int) -> bytes:
    pieces = (
        slots[at + 2 : at + _SLOT]
        for at in range(2 * _SLOT, len(slots), _SLOT)
        if slots[at] == _NAME_PIECE
    )
    units = b"".join(pieces)[: length * 2]
    return units.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass")


def _checksum(slots: bytes) -> int:
    """Of a whole set; its own two bytes are left out."""
    total = 0
    for place, byte in enumerate(slots):
        if place not in {2, 3}:
            total = ((total & 1) << 15) + (total >> 1) + byte & 0xFFFF
    return total
