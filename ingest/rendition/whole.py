"""Does a file end where its own container says it ends?  Pure arithmetic on box and chunk lengths.

A camera that lost power leaves footage whose beginning plays and whose end is missing; a rendition
of it must say so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from evidence.errors import RenditionFailed

_BOX_HEADER = 8
_TS_PACKET = 188
_MOST_BOXES = 1 << 20
"""At the top of a file; footage in fragments has some two a second."""
_UNKNOWN_CHUNK = 0xFFFF_FFFF
"""What RF64 writes where 32 bits do not suffice."""
_JPEG_END = b"\xff\xd9"


def is_truncated(stream: BinaryIO, demuxer: str) -> bool:
    """Whether *stream*, which *demuxer* reads, lacks bytes its container announces.

    False also where the format announces nothing.  RenditionFailed for more boxes than any camera
    writes.
    """
    length = stream.seek(0, os.SEEK_END)
    check = _CHECKS.get(demuxer)
    return check is not None and check(stream, length)


def lacks_index(path: Path) -> bool:
    """Whether the MP4 or QuickTime file at *path* has neither ``moov`` nor ``moof``."""
    with path.open("rb") as stream:
        length = stream.seek(0, os.SEEK_END)
        return not any(kind in {b"moov", b"moof"} for kind, _end in _boxes(stream, length))


def _boxes_overrun(stream: BinaryIO, length: int) -> bool:
    return any(end > length for _kind, end in _boxes(stream, length))


def _boxes(stream: BinaryIO, length: int) -> Iterator[tuple[bytes, int]]:
    """Type and end of each box at the top; an impossible length ends beyond *length*."""
    at = count = 0
    while at < length:
        count += 1
        if count > _MOST_BOXES:
            raise RenditionFailed(f"it has more than {_MOST_BOXES} MP4 boxes at its top")
        stream.seek(at)
        head = stream.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        elif size == 0:
            size = length - at  # to the end of the file, wherever that is
        end = at + size if size >= _BOX_HEADER else length + 1
        yield head[4:8], end
        at = end


def _chunk_overruns(stream: BinaryIO, length: int) -> bool:
    stream.seek(4)
    announced = int.from_bytes(stream.read(4), "little")
    return announced != _UNKNOWN_CHUNK and announced + 8 > length


def _cut_in_packet(stream: BinaryIO, length: int) -> bool:
    stream.seek(0)
    return stream.read(1) == b"\x47" and length % _TS_PACKET != 0


def _segment_overruns(stream: BinaryIO, length: int) -> bool:
    """The EBML header, then a Segment whose length may be unknown (RFC 8794, section 6)."""
    stream.seek(4)
    header = _vint(stream)
    stream.seek(header or 0, os.SEEK_CUR)
    if stream.read(4) != b"\x18\x53\x80\x67":
        return True
    announced = _vint(stream)
    return announced is not None and stream.tell() + announced > length


def _vint(stream: BinaryIO) -> int | None:
    """An EBML length; None if it says "unknown"."""
    first = int.from_bytes(stream.read(1), "big")
    more = 8 - first.bit_length()
    value = int.from_bytes(bytes([first & (0x7F >> more)]) + stream.read(more), "big")
    return None if value == (1 << 7 * (more + 1)) - 1 else value


def _lacks_end_mark(stream: BinaryIO, length: int) -> bool:
    stream.seek(max(length - 65_536, 0))  # cameras append padding and data of their own
    return _JPEG_END not in stream.read()


_CHECKS: Mapping[str, Callable[[BinaryIO, int], bool]] = {
    "mov": _boxes_overrun,
    "jpeg_pipe": _lacks_end_mark,
    "avi": _chunk_overruns,
    "wav": _chunk_overruns,
    "mpegts": _cut_in_packet,
    "matroska": _segment_overruns,
}
