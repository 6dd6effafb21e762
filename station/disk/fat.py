"""FAT12, FAT16 and FAT32, read from their bytes.

Source: Microsoft, "FAT: General Overview of On-Disk Format", version 1.03 (2000); names: section
"FAT Long Directory Entries".  The number of clusters alone tells the three apart.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.errors import CardReadFailed
from station.disk.clusters import Clusters
from station.disk.entry import Damaged, Entry, Run, cut, joined
from station.disk.medium import Part
from station.disk.times import nanoseconds

_SLOT = 32
_MOST_12, _MOST_16 = 4085, 65_525
"""Fewer clusters than these are FAT12, FAT16."""
_SECTORS = frozenset({512, 1024, 2048, 4096})
_LONG, _LABEL, _FOLDER = 0x0F, 0x08, 0x10
_END, _DELETED, _ESCAPED = 0x00, 0xE5, 0x05
_LAST_PIECE = 0x40
_LOWER_BASE, _LOWER_EXTENSION = 0x08, 0x10
_MOST_PIECES = 20
"""A long name has 255 characters at most, 13 in each piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fat:
    """A FAT volume."""

    kind: str
    serial: str
    read: Part
    clusters: Clusters
    root: tuple[Run, ...]
    """Where the root folder lies; for FAT32 it is a chain of clusters as any other."""
    root_cluster: int

    @classmethod
    def of(cls, read: Part) -> Fat:
        """The volume whose bytes *read* gives; Damaged if it is none."""
        boot = read(0, 512)
        sector, per, reserved, tables, slots, small, _, short = struct.unpack_from(
            "<HBHBHHBH", boot, 11
        )
        many, long = struct.unpack_from("<II", boot, 32)
        if sector not in _SECTORS or per not in {1 << power for power in range(8)}:
            raise Damaged(f"{sector} bytes a sector, {per} sectors a cluster: no FAT has these")
        length, total = short or long, small or many
        heap = reserved + tables * length + -(-slots * _SLOT // sector)
        count = (total - heap) // per
        if not reserved or not tables or not length or count < 1:
            raise Damaged("its boot sector describes no clusters")
        bits, end = _width(count)
        clusters = Clusters(
            read=read,
            table=reserved * sector,
            table_size=length * sector,
            bits=bits,
            end=end,
            mask=(1 << min(bits, 28)) - 1,
            heap=heap * sector,
            size=per * sector,
            count=count,
            spare=(reserved + length) * sector if tables > 1 else None,
        )
        wide = bits == 32  # noqa: PLR2004
        (serial,) = struct.unpack_from("<I", boot, 67 if wide else 39)
        (root,) = struct.unpack_from("<I", boot, 44)
        return cls(
            kind=f"FAT{bits}",
            serial=f"{serial:08X}",
            read=read,
            clusters=clusters,
            root=() if wide else (Run((reserved + tables * length) * sector, slots * _SLOT),),
            root_cluster=root if wide else 0,
        )

    def top(self) -> Iterator[Entry]:
        """The entries of the root folder.  Damaged if it cannot be followed."""
        return self._entries(self.root or self.clusters.folder(self.root_cluster))

    def inside(self, folder: Entry) -> Iterator[Entry]:
        """The entries of *folder*.  Damaged if it cannot be followed."""
        return self._entries(self.clusters.folder(folder.first))

    def again(self, entry: Entry) -> Entry | None:
        """*entry* as it stands on the medium now; None if another or none stands there."""
        (where,) = entry.where
        slot = self.read(where.offset, where.length)
        if slot[0] in {_END, _DELETED}:
            return None
        return self._entry(slot, where, entry.name)

    def _entries(self, runs: tuple[Run, ...]) -> Iterator[Entry]:
        long = _LongName()
        for run in runs:
            data = self.read(run.offset, run.length)
            for at in range(0, len(data), _SLOT):
                slot = data[at : at + _SLOT]
                if slot[0] == _END:
                    return
                if slot[0] == _DELETED:
                    long = _LongName()
                elif slot[11] & 0x3F == _LONG:
                    long.add(slot)
                else:
                    told = long.told(slot)
                    long = _LongName()
                    name = told or _short_name(slot)
                    if not slot[11] & _LABEL and (told or not _is_dots(slot)):
                        yield self._entry(slot, Run(run.offset + at, _SLOT), name)

    def _entry(self, slot: bytes, where: Run, name: bytes) -> Entry:
        high, time, date, low, size = struct.unpack_from("<HHHHI", slot, 20)
        is_folder = bool(slot[11] & _FOLDER)
        first = low | (high << 16 if self.clusters.bits == 32 else 0)  # noqa: PLR2004
        runs, problem = tuple[Run, ...](), None
        try:
            runs = () if is_folder else self._runs(first, size)
        except (Damaged, CardReadFailed) as error:
            problem = str(error)
        return Entry(
            name=name,
            is_folder=is_folder,
            size=0 if is_folder else size,
            valid=0 if is_folder else size,
            mtime_ns=nanoseconds(date, time),
            where=(where,),
            first=first,
            runs=runs,
            problem=problem,
        )

    def _runs(self, first: int, size: int) -> tuple[Run, ...]:
        wanted = -(-size // self.clusters.size)
        return cut(joined(self.clusters.chain(first, wanted), self.clusters.size), size)


def _width(count: int) -> tuple[int, int]:
    """Bits of a link, and the first link that ends a chain."""
    if count < _MOST_12:
        return 12, 0xFF8
    return (16, 0xFFF8) if count < _MOST_16 else (32, 0x0FFFFFF8)


@dataclass(slots=True)
class _LongName:
    """The pieces of a long name, which stand before the entry that they name, last piece first."""

    _pieces: list[bytes] = field(default_factory=list)
    _sum: int = -1
    _next: int = 0

    def add(self, slot: bytes) -> None:
        number = slot[0] & 0x1F
        if slot[0] & _LAST_PIECE:
            self._pieces, self._sum, self._next = [], slot[13], number
        if number != self._next or slot[13] != self._sum or not 1 <= number <= _MOST_PIECES:
            self._pieces, self._next = [], -1
            return
        self._pieces.append(slot[1:11] + slot[14:26] + slot[28:32])
        self._next -= 1

    def told(self, slot: bytes) -> bytes | None:
        """The name, if all its pieces stood there and belong to *slot*."""
        if not self._pieces or self._next != 0 or self._sum != _checksum(slot[:11]):
            return None
        text = b"".join(reversed(self._pieces)).decode("utf-16-le", "surrogatepass")
        return text.partition("\0")[0].encode("utf-8", "surrogatepass") or None


def _checksum(short: bytes) -> int:
    total = 0
    for byte in short:
        total = ((total & 1) << 7) + (total >> 1) + byte & 0xFF
    return total


def _is_dots(slot: bytes) -> bool:
    """Whether it is the entry of the folder itself, or of the one around it."""
    return bool(slot[11] & _FOLDER) and slot[:11].rstrip(b" ") in {b".", b".."}


def _short_name(slot: bytes) -> bytes:
    """The 8.3 name, in whatever code page the camera has; two flags say that it is lower case."""
    first = bytes([_DELETED]) if slot[0] == _ESCAPED else slot[:1]
    base, extension = (first + slot[1:8]).rstrip(b" "), slot[8:11].rstrip(b" ")
    base = base.lower() if slot[12] & _LOWER_BASE else base
    extension = extension.lower() if slot[12] & _LOWER_EXTENSION else extension
    return b".".join(filter(None, (base, extension)))
