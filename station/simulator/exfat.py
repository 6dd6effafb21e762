"""A card made of a folder: an exFAT image, written without any other program.

One rule: nothing of the folder is left out in silence; what a card cannot hold is an error that
names it.  Source: Microsoft, "exFAT file system specification", revision 1.00 (2019).
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from evidence.errors import SetupError
from evidence.names import shown

_SECTOR, _CLUSTER, _SLOT = 512, 32 << 10, 32
_BOOT_SECTORS = 24
"""The boot region and its copy."""
_FIRST, _END, _MEDIA = 2, 0xFFFFFFFF, 0xFFFFFFF8
_SPARE = 64
"""Clusters that are left free."""
_FOLDER, _FILE = 0x10, 0x20
_LONGEST = 255
_FORBIDDEN = frozenset('"*/:<>?\\|') | {chr(code) for code in range(32)}
_COPIED = 1 << 20
_SMALL_LETTERS = range(0x61, 0x7B)
_UTC = 0x80


@dataclass(slots=True, kw_only=True)
class _Node:
    """A file or a folder that goes onto the card."""

    path: Path
    name: str
    size: int
    mtime: float
    inside: list[_Node] | None = None
    """None: a file."""
    first: int = 0
    """Its first cluster; 0 if it has none."""


@dataclass(slots=True)
class _Layout:
    """Which clusters are taken; everything lies in one piece, one after another."""

    next: int = _FIRST
    chains: list[tuple[int, int]] = field(default_factory=list)
    """First cluster and number of those that need a chain in the table."""

    def take(self, size: int, *, chained: bool = False) -> int:
        """The first of the clusters for *size* bytes."""
        first, number = self.next, _clusters(size)
        self.next += number
        if chained:
            self.chains.append((first, number))
        return first


def make_card(image: Path, folder: Path, *, serial: int) -> Mapping[Path, int]:
    """Make *image* a card with everything that stands in *folder*, which is only read.

    Tells at which byte of the image each file begins; all are in one piece, and empty ones nowhere.

    Raises SetupError if *folder* is none, or holds what no card can hold: links, devices, names
    that exFAT does not allow.  Blocks; OSError if the image cannot be written.
    """
    root = _Node(path=folder, name="", size=0, mtime=0.0, inside=list(_nodes(folder)))
    layout, table = _Layout(), _capitals()
    need = sum(map(_clusters, _sizes(root))) + _clusters(len(table)) + _SPARE
    count = need + _clusters(need // 8 + 1)
    bits = layout.take(-(-count // 8), chained=True)
    capitals = layout.take(len(table), chained=True)
    root.first = layout.take(_folder_size(root), chained=True)
    _place(root, layout)
    fixed = [_bitmap_slot(bits, count), _capitals_slot(capitals, table)]
    with image.open("xb") as out:
        heap = _write_frame(out, layout, count, root.first, serial)
        with _at(out, heap, bits):
            out.write(_bitmap(layout.next - _FIRST, count))
        with _at(out, heap, capitals):
            out.write(table)
        _write(out, heap, root, fixed)
        out.seek(heap + count * _CLUSTER - 1)  # the last of the spare clusters
        out.write(b"\0")
    return {each.path: heap + (each.first - _FIRST) * _CLUSTER for each in _files(root)}


# --- what goes onto it


def _nodes(folder: Path) -> Iterator[_Node]:
    """What stands in *folder*, by name."""
    try:
        found = sorted(os.scandir(folder), key=lambda each: each.name)
    except OSError as error:
        raise SetupError(f"{folder} cannot be listed: {error.strerror}") from error
    names = dict[str, str]()
    for each in found:
        path, told = Path(each.path), each.stat(follow_symlinks=False)
        other = names.setdefault(_folded(each.name), each.name)
        if other != each.name:
            raise SetupError(f"{path}: a card takes it for the same name as {other!r}")
        is_folder = stat.S_ISDIR(told.st_mode)
        if not is_folder and not stat.S_ISREG(told.st_mode):
            raise SetupError(f"{path} is neither file nor folder: a card cannot hold it")
        yield _Node(
            path=path,
            name=_named(path),
            size=0 if is_folder else told.st_size,
            mtime=told.st_mtime,
            inside=list(_nodes(path)) if is_folder else None,
        )


def _named(path: Path) -> str:
    name = path.name
    try:
        length = len(name.encode("utf-16-le")) // 2
    except UnicodeEncodeError:
        length = 0
    if not 0 < length <= _LONGEST or _FORBIDDEN & set(name):
        raise SetupError(f"{shown(os.fsencode(path))}: no exFAT card can hold this name")
    return name


def _sizes(node: _Node) -> Iterator[int]:
    """Bytes of *node* and of all inside it."""
    if node.inside is None:
        yield node.size
        return
    yield _folder_size(node)
    for each in node.inside:
        yield from _sizes(each)


def _folder_size(node: _Node) -> int:
    """Bytes of a folder; one more slot than it needs ends it, and the root has two of its own."""
    inside = node.inside or []
    slots = 3 + sum(2 + _pieces(each.name) for each in inside)
    return _clusters(slots * _SLOT) * _CLUSTER


def _files(folder: _Node) -> Iterator[_Node]:
    """Every file inside *folder* that has bytes."""
    for each in folder.inside or []:
        if each.inside is not None:
            yield from _files(each)
        elif each.size:
            yield each


def _place(folder: _Node, layout: _Layout) -> None:
    """Give everything inside *folder* its clusters."""
    for each in folder.inside or []:
        if each.inside is not None:
            each.first = layout.take(_folder_size(each))
            _place(each, layout)
        elif each.size:
            each.first = layout.take(each.size)


# --- how it is written


def _write(out: BinaryIO, heap: int, folder: _Node, fixed: list[bytes]) -> None:
    """Write *folder*, *fixed* slots before its own, and everything inside it."""
    with _at(out, heap, folder.first):
        out.write(b"".join([*fixed, *(_slots(each) for each in folder.inside or [])]))
    for each in folder.inside or []:
        if each.inside is not None:
            _write(out, heap, each, [])
        elif each.size:
            with _at(out, heap, each.first):
                _copy(each, out)


def _copy(node: _Node, out: BinaryIO) -> None:
    left = node.size
    with node.path.open("rb") as source:
        while left and (block := source.read(min(left, _COPIED))):
            out.write(block)
            left -= len(block)
    if left:
        raise SetupError(f"{node.path} became shorter while it was copied")


@contextmanager
def _at(out: BinaryIO, heap: int, cluster: int) -> Iterator[None]:
    """What is written goes to *cluster*."""
    out.seek(heap + (cluster - _FIRST) * _CLUSTER)
    yield


def _write_frame(out: BinaryIO, layout: _Layout, count: int, root: int, serial: int) -> int:
    """Write the boot region and the table; where the clusters begin, in bytes."""
    table = _BOOT_SECTORS * _SECTOR
    length = -(-(count + _FIRST) * 4 // _SECTOR)
    heap = -(-(table + length * _SECTOR) // _CLUSTER) * _CLUSTER
    total = (heap + count * _CLUSTER) // _SECTOR
    boot = struct.pack("<3s8s53xQQIIIIIIHHBBBBB", b"\xeb\x76\x90", b"EXFAT   ", 0, total,
                       _BOOT_SECTORS, length, heap // _SECTOR, count, root, serial, 0x100, 0,
                       9, 6, 1, 0x80, 0xFF)  # fmt: skip
    sectors = boot.ljust(_SECTOR - 2, b"\0") + b"\x55\xaa"
    sectors += 8 * (bytes(_SECTOR - 4) + b"\x00\x00\x55\xaa") + bytes(2 * _SECTOR)
    check = struct.pack("<I", _boot_check(sectors)) * (_SECTOR // 4)
    out.write(2 * (sectors + check))
    out.write(struct.pack("<II", _MEDIA, _END))
    for first, number in layout.chains:
        out.seek(table + first * 4)
        links = [*range(first + 1, first + number), _END]
        out.write(struct.pack(f"<{number}I", *links))
    return heap


def _slots(node: _Node) -> bytes:
    """The set of slots that is the entry of *node*."""
    units = node.name.encode("utf-16-le")
    pieces = [units[at : at + 30].ljust(30, b"\0") for at in range(0, len(units), 30)]
    date, time, hundredths = _moment(node.mtime)
    is_folder = node.inside is not None
    size = _folder_size(node) if is_folder else node.size
    head = struct.pack("<BBHHH", 0x85, 1 + len(pieces), 0, _FOLDER if is_folder else _FILE, 0)
    head += struct.pack("<HHHHHH", time, date, time, date, time, date)
    head += bytes([hundredths, hundredths, _UTC, _UTC, _UTC]) + bytes(7)
    flags = 3 if size else 1
    stream = struct.pack("<BBBBHH", 0xC0, flags, 0, len(units) // 2, _hash(node.name), 0)
    stream += struct.pack("<QIIQ", size, 0, node.first, size)
    whole = bytearray(head + stream + b"".join(b"\xc1\0" + piece for piece in pieces))
    struct.pack_into("<H", whole, 2, _rolled(bytes(whole[:2] + whole[4:]), 16))
    return bytes(whole)


def _moment(mtime: float) -> tuple[int, int, int]:
    """Date, time and hundredths as exFAT writes them, in UTC; its years are 1980 to 2107."""
    least, most = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, tzinfo=UTC)
    at = datetime.fromtimestamp(min(max(mtime, least.timestamp()), most.timestamp()), UTC)
    date = (at.year - 1980) << 9 | at.month << 5 | at.day
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    return date, time, at.second % 2 * 100 + at.microsecond // 10_000


def _bitmap_slot(first: int, count: int) -> bytes:
    return struct.pack("<BB18xIQ", 0x81, 0, first, -(-count // 8))


def _bitmap(used: int, count: int) -> bytes:
    return ((1 << used) - 1).to_bytes(-(-count // 8), "little")


def _capitals() -> bytes:
    """The table of capitals: of the letters of ASCII alone, all others are their own (7.2.5)."""
    start, end = _SMALL_LETTERS.start, _SMALL_LETTERS.stop
    letters = [code - 32 for code in _SMALL_LETTERS]
    return struct.pack(f"<{4 + len(letters)}H", 0xFFFF, start, *letters, 0xFFFF, 0x10000 - end)


def _capitals_slot(first: int, table: bytes) -> bytes:
    return struct.pack("<B3xI12xIQ", 0x82, _rolled(table, 32), first, len(table))


def _folded(name: str) -> str:
    return "".join(each.upper() if each.isascii() else each for each in name)


def _hash(name: str) -> int:
    return _rolled(_folded(name).encode("utf-16-le"), 16)


def _boot_check(sectors: bytes) -> int:
    """Of all but the flags and the share in use, which change (3.4)."""
    return _rolled(sectors[:106] + sectors[108:112] + sectors[113:], 32)


def _rolled(data: bytes, bits: int) -> int:
    """The checksum of the specification: turned right by one, and the next byte added."""
    total, mask = 0, (1 << bits) - 1
    for byte in data:
        total = (total << bits - 1 | total >> 1) + byte & mask
    return total


def _pieces(name: str) -> int:
    return -(-len(name.encode("utf-16-le")) // 30)


def _clusters(size: int) -> int:
    return -(-size // _CLUSTER)
