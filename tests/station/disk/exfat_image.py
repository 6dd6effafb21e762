"""Images of exFAT cards: made by ``mkfs.exfat``, filled here, and held valid by ``fsck.exfat``.

Source: Microsoft, "exFAT file system specification", revision 1.00.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.station.disk.images import run

SIZE = 16 << 20
CLUSTER = 4096
_END = 0xFFFFFFFF
_DATE, _TIME = (2026 - 1980) << 9 | 11 << 5 | 24, 12 << 11 | 34 << 5 | 28
_ZONE = 0x80 | 32
"""UTC+8."""
MTIME = "2026-11-24T04:34:56.5+00:00"
"""What a file made here tells, in UTC."""


@dataclass(slots=True)
class Builder:
    """An image that is filled; nothing is ever removed from it."""

    data: bytearray
    table: int = 0
    heap: int = 0
    root: int = 0
    count: int = 0
    bitmap: int = 0
    used: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        table, _, heap, self.count, self.root = struct.unpack_from("<IIIII", self.data, 80)
        self.table, self.heap = table * 512, heap * 512
        self.used = {n for n in range(2, self.count + 2) if self._link(n) or n == self.root}
        slots = self.data[self.at(self.root) : self.at(self.root) + CLUSTER]
        found = (at for at in range(0, CLUSTER, 32) if slots[at] == 0x81)
        self.bitmap = self.at(struct.unpack_from("<I", slots, next(found) + 20)[0])

    def at(self, cluster: int) -> int:
        return self.heap + (cluster - 2) * CLUSTER

    def _link(self, cluster: int) -> int:
        (link,) = struct.unpack_from("<I", self.data, self.table + cluster * 4)
        return int(link)

    def store(self, data: bytes, *, in_pieces: bool) -> tuple[int, bool]:
        """The first cluster of *data*, and whether all lie side by side and have no chain."""
        step = 2 if in_pieces else 1
        number = max(1, -(-len(data) // CLUSTER))
        start = max(self.used) + 1
        clusters = [start + place * step for place in range(number)]
        for place, cluster in enumerate(clusters):
            piece = data[place * CLUSTER :][:CLUSTER]
            self.data[self.at(cluster) : self.at(cluster) + len(piece)] = piece
            self._take(cluster)
            follows = clusters[place + 1] if cluster != clusters[-1] else _END
            if in_pieces:
                struct.pack_into("<I", self.data, self.table + cluster * 4, follows)
        return start, not in_pieces

    def _take(self, cluster: int) -> None:
        self.used.add(cluster)
        self.data[self.bitmap + (cluster - 2) // 8] |= 1 << (cluster - 2) % 8

    def into_root(self, slots: bytes) -> None:
        start = self.at(self.root)
        free = next(at for at in range(0, CLUSTER, 32) if not self.data[start + at])
        assert free + len(slots) <= CLUSTER, "the root folder is full"
        self.data[start + free : start + free + len(slots)] = slots

    def file(
        self, name: str, data: bytes, *, in_pieces: bool = False, valid: int | None = None
    ) -> bytes:
        """The slots of a new file; *valid*: bytes of it that were written."""
        first, beside = self.store(data, in_pieces=in_pieces) if data else (0, False)
        written = len(data) if valid is None else valid
        return _slots(name, 0x20, first, len(data), beside=beside, valid=written)

    def folder(self, name: str, inside: Sequence[bytes], *, in_pieces: bool = False) -> bytes:
        """The slots of a new folder that holds the slots *inside*."""
        whole = b"".join(inside)
        whole += bytes(-len(whole) % CLUSTER or CLUSTER)
        first, beside = self.store(whole, in_pieces=in_pieces)
        return _slots(name, 0x10, first, len(whole), beside=beside, valid=len(whole))


def exfat_image(image: Path, seed: int) -> Mapping[bytes, bytes]:
    """Make *image* an exFAT card with files in one piece, in many and half written; its content."""
    image.touch()
    os.truncate(image, SIZE)
    run("mkfs.exfat", "-c", "4K", image)
    chance, card = random.Random(seed), Builder(bytearray(image.read_bytes()))
    held = dict[bytes, bytes]()

    def file(name: str, path: str, size: int, *, in_pieces: bool = False) -> bytes:
        held[path.encode()] = data = chance.randbytes(size)
        return card.file(name, data, in_pieces=in_pieces)

    long = "n" * 200 + ".mp4"
    names = [f"VID_{number:04}.mp4" for number in range(60)]
    clips = [
        file(name, f"DCIM/{name}", chance.randrange(60_000), in_pieces=number % 2 == 0)
        for number, name in enumerate(names)
    ]
    half = chance.randbytes(50_000)
    held[b"half.mp4"] = half[:20_000] + bytes(30_000)
    for slots in (
        card.folder("DCIM", clips, in_pieces=True),
        card.folder("执法记录仪", [file("录像 😀.mp4", "执法记录仪/录像 😀.mp4", 5000)]),
        card.folder("empty", []),
        file("nothing.log", "nothing.log", 0),
        file(long, long, 12_345, in_pieces=True),
        card.file("half.mp4", half, valid=20_000),
    ):
        card.into_root(slots)
    image.write_bytes(card.data)
    run("fsck.exfat", "-n", image)
    return held


def _slots(name: str, kind: int, first: int, size: int, *, beside: bool, valid: int) -> bytes:
    units = name.encode("utf-16-le", "surrogatepass")
    pieces = [units[at : at + 30].ljust(30, b"\0") for at in range(0, len(units), 30)]
    head = struct.pack("<BBHHH", 0x85, 1 + len(pieces), 0, kind, 0)
    head += struct.pack("<HHHHHH", _TIME, _DATE, _TIME, _DATE, _TIME, _DATE)
    head += bytes([50, 50, _ZONE, _ZONE, _ZONE]) + bytes(7)
    flags = (1 if size else 0) | (2 if beside else 0)
    stream = struct.pack("<BBBBHH", 0xC0, flags, 0, len(units) // 2, _name_hash(name), 0)
    stream += struct.pack("<QIIQ", valid, 0, first, size)
    whole = bytearray(head + stream + b"".join(b"\xc1\0" + piece for piece in pieces))
    struct.pack_into("<H", whole, 2, _rolled(bytes(whole[:2] + whole[4:])))
    return bytes(whole)


def _name_hash(name: str) -> int:
    """Of the name in capitals; those of ASCII are enough here."""
    capitals = "".join(c.upper() if c.isascii() else c for c in name)
    return _rolled(capitals.encode("utf-16-le", "surrogatepass"))


def _rolled(data: bytes) -> int:
    total = 0
    for byte in data:
        total = (total << 15 | total >> 1) + byte & 0xFFFF
    return total
