"""How the parts of a zip file lie (APPNOTE 6.3.10, 4.3): one behind the other, nothing between.

One rule: a program that follows the parts from the first byte and one that follows the directory
at the end must find the same names and the same bytes, or the file is refused.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from evidence.errors import DigestMismatch

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_PART = struct.Struct("<4s5H3L2H")
_ZIP64 = 1
"""The one extra field that is let through; others give a name (0x7075) or an owner anew."""
_UTF_8 = 0x800
_SHORT, _LONG = 0xFFFF, 0xFFFFFFFF
"""What stands where the real number is in a ZIP64 record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Directory:
    """Where the directory is, as the end of the file says."""

    count: int
    size: int
    offset: int
    end: int
    """Where the records behind it begin."""


def faults(stream: BinaryIO, members: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    """What two unzip programs could read differently: where, and why.

    *members* are those of the directory.  DigestMismatch if the end of the file is none of a zip.
    """
    directory, at = _directory(stream), 0
    if directory.offset + directory.size != directory.end:
        yield "the directory", "bytes stand between it and the end record"
    if directory.count != len(members):
        yield "the directory", f"holds {len(members)} names and says {directory.count}"
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset != at:
            yield member.orig_filename, f"stands at byte {member.header_offset}, not {at}: parts of"
            " the file overlap, or bytes that it does not list stand before or between them"
            return
        length, why = _part(stream, member)
        if why is not None:
            yield member.orig_filename, why
            return
        at += length + member.compress_size
    if directory.offset != at:
        yield "the directory", "does not stand right behind the last part that it lists"


def _directory(stream: BinaryIO) -> _Directory:
    """DigestMismatch unless one plain end record is the end of the file."""
    end = stream.seek(0, 2) - _END.size
    signature, *disks, here, count, size, offset, comment = _END.unpack(_at(stream, end, _END.size))
    if signature != b"PK\x05\x06" or comment:
        raise DigestMismatch("the zip file does not end with its end record, or with a comment")
    small = _Directory(count=count, size=size, offset=offset, end=end)
    place = end - _LOCATOR.size
    is_large = place >= 0 and _at(stream, place, 4) == b"PK\x06\x07"
    found = _large(stream, place) if is_large else small
    pairs = ((count, found.count, _SHORT), (size, found.size, _LONG), (offset, found.offset, _LONG))
    if any(disks) or here != count or any(a not in {b, most} for a, b, most in pairs):
        raise DigestMismatch("the end records of the zip file do not agree")
    return found


def _large(stream: BinaryIO, place: int) -> _Directory:
    """What the ZIP64 end record says, whose locator is at *place*."""
    _, disk, start, disks = _LOCATOR.unpack(_at(stream, place, _LOCATOR.size))
    end = place - _END_64.size
    read = _END_64.unpack(_at(stream, end, _END_64.size))
    signature, length, _, _, *numbers, here, count, size, offset = read
    is_plain = (signature, length) == (b"PK\x06\x06", _END_64.size - 12)
    if not is_plain or start != end or disk or disks != 1 or any(numbers) or here != count:
        raise DigestMismatch("the ZIP64 end record of the zip file is not as it must be")
    return _Directory(count=count, size=size, offset=offset, end=end)


def _part(stream: BinaryIO, member: zipfile.ZipInfo) -> tuple[int, str | None]:
    """Bytes of the header that stands before a part, and why it is not that of the directory."""
    header = _at(stream, member.header_offset, _PART.size)
    signature, _, flags, kind, _, _, crc, packed, size, name_size, extra_size = _PART.unpack(header)
    name, extra = stream.read(name_size), stream.read(extra_size)
    if signature != b"PK\x03\x04":
        return 0, "no part begins where the directory says"
    encoding = "utf-8" if member.flag_bits & _UTF_8 else "cp437"
    if name != member.orig_filename.encode(encoding):
        return 0, "has another name before its bytes than in the directory"
    if (flags, kind, crc) != (member.flag_bits, member.compress_type, member.CRC):
        return 0, "is described otherwise before its bytes than in the directory"
    sizes = (member.file_size, member.compress_size)
    if not _are(member.extra, (*sizes, member.header_offset)) or not _are(extra, sizes):
        return 0, "has an extra field: not every unzip reads those alike"
    most = _LONG if extra else -1
    if size not in {sizes[0], most} or packed not in {sizes[1], most}:
        return 0, "has another size before its bytes than in the directory"
    return _PART.size + name_size + extra_size, None


def _are(extra: bytes, numbers: Sequence[int]) -> bool:
    """Whether *extra* is nothing, or one ZIP64 field that holds some of *numbers*, in order."""
    if not extra:
        return True
    if len(extra) < 4 or struct.unpack_from("<2H", extra) != (_ZIP64, len(extra) - 4):  # noqa: PLR2004
        return False
    if len(extra) % 8 != 4:  # noqa: PLR2004
        return False
    held = struct.unpack_from(f"<{len(extra) // 8}Q", extra, 4)
    left = iter(numbers)
    return all(each in left for each in held)


def _at(stream: BinaryIO, place: int, size: int) -> bytes:
    """*size* bytes from *place*; DigestMismatch if there are not that many."""
    if place >= 0:
        stream.seek(place)
        data = stream.read(size)
        if len(data) == size:
            return data
    raise DigestMismatch("the zip file is cut short")
