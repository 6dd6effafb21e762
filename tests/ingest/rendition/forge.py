"""Forging renditions: an MP4 as a tree of boxes that can be changed and written again.

A forger changes the media and then makes the files that describe it again, as a station would, so
that only a comparison with the original can tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evidence.canonical import canonical
from evidence.errors import RenditionFailed
from ingest.rendition.media import read_back

_HOLD_BOXES = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"dinf", b"mvex", b"moof", b"traf", b"edts")
)
_HEADS = {b"stsd": 8, b"avc1": 78, b"mp4a": 28}
"""Bytes before the boxes inside."""


@dataclass(slots=True)
class Box:
    """One box: its type, the bytes of its own, then the boxes inside."""

    kind: bytes
    data: bytearray = field(default_factory=bytearray)
    inside: list[Box] = field(default_factory=list)

    def __bytes__(self) -> bytes:
        body = bytes(self.data) + b"".join(map(bytes, self.inside))
        return (len(body) + 8).to_bytes(4, "big") + self.kind + body

    def all(self, *path: bytes) -> Iterator[Box]:
        """Every box at *path* inside."""
        for each in self.inside:
            if each.kind == path[0]:
                yield from each.all(*path[1:]) if path[1:] else [each]

    def one(self, *path: bytes) -> Box:
        """The first of them."""
        return next(self.all(*path))

    def put(self, at: int, value: int, width: int = 4) -> None:
        """Write *value* at byte *at* of its own bytes; below zero as its two's complement."""
        self.data[at : at + width] = (value % (1 << 8 * width)).to_bytes(width, "big")

    def number(self, at: int, width: int = 4) -> int:
        """The number there."""
        return int.from_bytes(self.data[at : at + width], "big")


def parsed(kind: bytes, body: bytes) -> Box:
    """The box of *kind* with this *body*."""
    head = _HEADS.get(kind, 0 if kind in _HOLD_BOXES else len(body))
    box, at = Box(kind, bytearray(body[:head])), head
    while at < len(body):
        size = int.from_bytes(body[at : at + 4], "big")
        box.inside.append(parsed(body[at + 4 : at + 8], body[at + 8 : at + size]))
        at += size
    return box


def opened(media: Path) -> Box:
    """All of *media*: a box without a type that holds those at the top."""
    body = media.read_bytes()
    whole = parsed(b"moov", body)
    return Box(b"", inside=whole.inside)


def forged(folder: Path, change: Callable[[Box], None]) -> None:
    """Change the media in *folder*, and describe it anew."""
    whole = opened(folder / "media.mp4")
    sizes = [(moof, len(bytes(moof))) for moof in whole.all(b"moof")]
    change(whole)
    for moof, size in sizes:
        for trun in moof.all(b"traf", b"trun"):  # the samples lie so many bytes after the moof
            trun.put(8, trun.number(8) + len(bytes(moof)) - size)
    replaced(folder, b"".join(map(bytes, whole.inside)))


def replaced(folder: Path, media: bytes) -> None:
    """Put *media* there, and describe it if our parser takes it."""
    (folder / "media.mp4").write_bytes(media)
    try:
        told = read_back(folder / "media.mp4").descriptions()
    except RenditionFailed:
        return
    for name, data in told.items():
        (folder / name).write_bytes(data)


def says(folder: Path, **changed: object) -> None:
    """Change what ``rendition.json`` says."""
    told = json.loads((folder / "rendition.json").read_bytes())
    (folder / "rendition.json").write_bytes(canonical(told | changed))


def runs(whole: Box, handler: bytes) -> Iterator[Box]:
    """The ``traf`` of the track with *handler*, fragment by fragment."""
    number = next(
        trak.one(b"tkhd").number(12)
        for trak in whole.all(b"moov", b"trak")
        if trak.one(b"mdia", b"hdlr").data[8:12] == handler
    )
    for traf in whole.all(b"moof", b"traf"):
        if traf.one(b"tfhd").number(4) == number:
            yield traf
