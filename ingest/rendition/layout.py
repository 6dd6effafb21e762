"""The boxes our recipe puts into an MP4, and no others (ISO/IEC 14496-12).

A browser reads a file in its own way.  Of two boxes of one kind it may take the other one than we
do, and of a box we do not know we cannot say what it makes.  So whatever our recipe never writes,
or writes once and finds twice, is refused with RenditionFailed: what we read is all there is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from evidence.errors import RenditionFailed
from ingest.rendition.octets import Octets


class Box(NamedTuple):
    """Where one box lies in the file."""

    kind: bytes
    offset: int
    length: int
    header: int
    """Bytes before its content."""


class _Rule(NamedTuple):
    once: frozenset[bytes] = frozenset()
    """Exactly one of each."""
    often: frozenset[bytes] = frozenset()
    """One or more of each."""
    perhaps: frozenset[bytes] | None = frozenset()
    """One of each or none; None: so may be any other kind (``header.py`` compares what it says)."""

    def allows(self, name: bytes) -> bool:
        return self.perhaps is None or name in self.perhaps


def _rule(once: bytes = b"", often: bytes = b"", perhaps: bytes | None = b"") -> _Rule:
    kinds = None if perhaps is None else frozenset(perhaps.split())
    return _Rule(frozenset(once.split()), frozenset(often.split()), kinds)


_RULES: Mapping[bytes, _Rule] = {
    b"moov": _rule(once=b"mvhd mvex", often=b"trak", perhaps=b"udta"),
    b"mvex": _rule(often=b"trex"),
    b"trak": _rule(once=b"tkhd mdia"),
    b"mdia": _rule(once=b"mdhd hdlr minf"),
    b"minf": _rule(once=b"dinf stbl", perhaps=b"vmhd smhd"),
    b"dinf": _rule(once=b"dref"),
    b"stbl": _rule(once=b"stsd stts stsc stsz stco"),
    b"avc1": _rule(once=b"avcC", perhaps=None),
    b"mp4a": _rule(once=b"esds", perhaps=None),
    b"moof": _rule(once=b"mfhd", often=b"traf"),
    b"traf": _rule(once=b"tfhd tfdt", often=b"trun"),
}
CONTAINERS = frozenset(_RULES)
_MOST_BOXES = 4096
"""Boxes in one; a fragment of ours has a handful."""
_BEGINNING, _IN_TURN = (b"ftyp", b"moov"), (b"moof", b"mdat")
_PROTECTED = frozenset({b"sinf", b"pssh", b"senc", b"saiz", b"saio"})
"""Of an encrypted track: what is shown is then no longer what lies there."""


class Boxes:
    """The boxes inside a box, once they were seen to be what our recipe puts there."""

    def __init__(self, kind: bytes, body: Octets) -> None:
        """*body* is the whole content of a box of this *kind*; RenditionFailed if it is not so."""
        self._found = list(children(body))
        rule, kinds = _RULES[kind], [name for name, _ in self._found]
        must = rule.once | rule.often
        for name in must.union(kinds):
            may = name in must or (name not in _PROTECTED and rule.allows(name))
            most = math.inf if name in rule.often else int(may)
            number = kinds.count(name)
            if not int(name in must) <= number <= most:
                raise RenditionFailed(
                    f"the fragmented MP4 has {number} {_said(name)} in its {_said(kind)}, as our "
                    "recipe never writes it"
                )

    def one(self, kind: bytes) -> Octets:
        """The content of the one box of this *kind*."""
        return next(body for name, body in self._found if name == kind)

    def all(self, kind: bytes) -> list[Octets]:
        """The contents of all of them, in order."""
        return [body for name, body in self._found if name == kind]


def top_level(stream: BinaryIO, length: int) -> Iterator[Box]:
    """The boxes of the whole file: ``ftyp``, ``moov``, then ``moof`` and ``mdat`` in turn."""
    at = number = 0
    while at < length:
        stream.seek(at)
        box = _box_at(Octets(stream.read(16)), at, length - at)
        wanted = _BEGINNING[number] if number < len(_BEGINNING) else _IN_TURN[number % 2]
        if box.kind != wanted:
            raise RenditionFailed(
                f"the fragmented MP4 has {_said(box.kind)} at byte {at} where our recipe writes "
                f"{_said(wanted)}"
            )
        yield box
        at += box.length
        number += 1
    if number % 2:
        raise RenditionFailed("the fragmented MP4 ends before the samples of its last fragment")


def children(body: Octets) -> Iterator[tuple[bytes, Octets]]:
    """The boxes inside *body*, as (type, content)."""
    count = 0
    while body.left:
        count += 1
        if count > _MOST_BOXES:
            raise RenditionFailed(f"the MP4 box before byte {body.place} holds too many others")
        box = _box_at(Octets(body.peek(16)), body.place, body.left)
        content = body.take(box.length)[box.header :]
        yield box.kind, Octets(content, box.offset + box.header)


def _box_at(head: Octets, offset: int, room: int) -> Box:
    """The box whose first bytes are *head*; it must fit into *room* bytes."""
    length, kind, header = head.u32(), head.take(4), 8
    if length == 1:
        length, header = head.u64(), 16
    if not header <= length <= room:
        raise RenditionFailed(f"the MP4 box at byte {offset} claims {length} of {room} bytes")
    return Box(kind, offset, length, header)


def _said(kind: bytes) -> str:
    return kind.decode("latin-1") if kind.isalnum() else kind.hex()
