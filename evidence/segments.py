"""The segments of a rendition's media: byte range -> SHA-256, and the Merkle root over them.

A player takes the media piece by piece and must check each before it is decoded.  The ranges, init
part first, cover the media object in order, without gap or overlap.  Each is a leaf (canonical
JSON of ``length``, ``offset``, ``sha256``); the root (RFC 6962) stands in the clip's ``derive``
entry, so that the log's signature reaches every segment, and one segment can be proven alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evidence.canonical import canonical
from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.merkle import Hash, leaf_hash, root_of

NAME = "segments.json"
LARGEST = 16 << 20
"""Bytes of the largest manifest that is read: some four days of footage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A byte range of the media object and its digest."""

    offset: int
    length: int
    sha256: Sha256

    @property
    def leaf(self) -> bytes:
        """What the Merkle tree is made of."""
        return canonical(self.document())

    def document(self) -> dict[str, object]:
        """As it stands in the manifest."""
        return {"length": self.length, "offset": self.offset, "sha256": self.sha256.hex}


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentList:
    """All segments of one media object, the init part first."""

    media: str
    """Name of the object they are ranges of."""
    segments: tuple[Segment, ...]

    @classmethod
    def parse(cls, manifest: bytes) -> SegmentList:
        """The segments ``segments.json`` names; DigestMismatch unless they cover the whole media.

        Nothing that is read here was believed before: it may be anything.
        """
        if len(manifest) > LARGEST:
            raise DigestMismatch(f"{NAME} has {len(manifest)} bytes; at most {LARGEST} are read")
        try:
            told = json.loads(manifest)
            listed = (told["init"], *told["segments"])
            found = cls(media=str(told["media"]), segments=tuple(map(_segment, listed)))
            size = told["size"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DigestMismatch(f"{NAME} is no segment manifest: {error!r}") from error
        found._must_cover(size)
        return found

    @property
    def size(self) -> int:
        """Bytes of the media object."""
        return sum(segment.length for segment in self.segments)

    @property
    def root(self) -> Hash:
        """The Merkle root over the leaves, in order."""
        return root_of([leaf_hash(segment.leaf) for segment in self.segments])

    def check(self, media: Iterable[bytes]) -> None:
        """See that *media*, in pieces of any size, is what every segment says and no byte more.

        DigestMismatch names the first byte range that is not.
        """
        pending = iter(self.segments)
        current, state, missing = _begun(next(pending))
        for block in media:
            rest = memoryview(block)
            while rest:
                if missing == 0:
                    _must_be(current, state)
                    following = next(pending, None)
                    if following is None:
                        raise DigestMismatch(f"{self.media} is longer than {self.size} bytes")
                    current, state, missing = _begun(following)
                state.update(rest[:missing])
                missing, rest = missing - min(missing, len(rest)), rest[missing:]
        if missing or next(pending, None) is not None:
            raise DigestMismatch(f"{self.media} is shorter than {self.size} bytes")
        _must_be(current, state)

    def _must_cover(self, size: object) -> None:
        at = 0
        for segment in self.segments:
            if segment.offset != at:
                raise DigestMismatch(
                    f"{NAME}: after byte {at} of {self.media} comes a range from {segment.offset}"
                )
            at += segment.length
        if size != at:
            raise DigestMismatch(f"{NAME}: its ranges are {at} bytes, it says {size!r}")


def _segment(told: Mapping[str, object]) -> Segment:
    offset, length = told["offset"], told["length"]
    if type(offset) is not int or type(length) is not int or offset < 0 or length < 1:
        raise ValueError(f"no byte range: {offset!r}, {length!r}")
    digest = Sha256.from_hex(str(told["sha256"]))
    if digest.hex != told["sha256"]:
        raise ValueError(f"{told['sha256']!r} is not how a digest is written")
    return Segment(offset=offset, length=length, sha256=digest)


def _begun(segment: Segment) -> tuple[Segment, hashlib._Hash, int]:
    return segment, hashlib.sha256(), segment.length


def _must_be(segment: Segment, state: hashlib._Hash) -> None:
    found = Sha256(state.digest())
    if found != segment.sha256:
        last = segment.offset + segment.length - 1
        raise DigestMismatch(
            f"bytes {segment.offset} to {last} have SHA-256 {found}, not {segment.sha256}"
        )
