"""Digests of what is seen, equal in every container that carries the same coded pictures.

Packets differ between containers (start codes, padding), coded slices do not.  All digests are
SHA-256; every number hashed is big-endian.

* **picture digest**: over (32-bit length, NAL unit) of each VCL NAL unit in decoding order: types
  1 to 5 of H.264 (ITU-T H.264, table 7-1), 0 to 31 of HEVC (H.265, table 7-1), without start code
  and trailing zero bytes;
* **parameter digest**: the same over the distinct parameter sets in byte order.  Containers repeat
  them at will, so it says which ones there are, not where;
* **PTS digest**: over the times the pictures are shown, in order, as 64-bit whole microseconds
  since the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import BinaryIO

from evidence.camera_signature import CameraSignature
from evidence.digest import Sha256
from evidence.errors import RenditionFailed
from ingest.rendition.boxes import Movie, Sample
from ingest.rendition.octets import Octets
from ingest.rendition.sample_entry import Picture
from ingest.rendition.signatures import signatures_in

_START = b"\0\0\1"
_MOST_UNIT = 64 << 20
"""No coded slice comes near this length; beyond it the stream is not what it claims."""
_MOST_PARAMETERS = 4 << 20
"""Bytes of all distinct parameter sets, which are kept until the end; a camera writes hundreds."""
_LATEST = 1 << 63
_MICROSECONDS = 1_000_000


class Coding(StrEnum):
    """A video coding whose units we can tell apart.  The values are ffmpeg's codec names."""

    H264 = "h264"
    """ITU-T H.264, AVC."""
    HEVC = "hevc"
    """ITU-T H.265."""

    def unit_type(self, unit: bytes) -> int:
        """nal_unit_type of *unit*, which is not empty."""
        return unit[0] & 31 if self is Coding.H264 else unit[0] >> 1 & 63

    def is_picture(self, kind: int) -> bool:
        """Whether a unit of this type holds coded picture data (VCL)."""
        return 1 <= kind <= 5 if self is Coding.H264 else kind <= 31  # noqa: PLR2004

    def is_parameter_set(self, kind: int) -> bool:
        """SPS, PPS and their extensions; for HEVC also VPS."""
        return kind in ({7, 8, 13, 15} if self is Coding.H264 else {32, 33, 34})

    def messages_in(self, kind: int, unit: bytes) -> bytes | None:
        """The SEI messages in a *unit* of this type; None if it holds none."""
        if self is Coding.H264:
            return unit[1:] if kind == 6 else None  # noqa: PLR2004
        return unit[2:] if kind in {39, 40} else None

    def is_mark(self, kind: int) -> bool:
        """Access unit delimiters, ends of sequence and stream, filler: containers add them."""
        return kind in ({9, 10, 11, 12} if self is Coding.H264 else {35, 36, 37, 38})


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureDigests:
    """What :class:`PictureHash` found."""

    picture: Sha256
    parameters: Sha256
    units: int
    """VCL NAL units hashed."""
    messages: Sha256 = field(compare=False)
    """Over all other units but those that only mark a place or fill one: captions, time codes."""
    signatures: frozenset[CameraSignature] = field(default=frozenset(), compare=False)
    """Of the camera's own, which they carry: seen, not verified."""


class PictureHash:
    """Hashes a coded stream unit by unit."""

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._pictures = hashlib.sha256()
        self._messages = hashlib.sha256()
        self._parameter_sets: set[bytes] = set()
        self._parameter_bytes = 0
        self._units = 0
        self._signatures: set[CameraSignature] = set()

    def add(self, unit: bytes) -> None:
        """Take one NAL unit in, in decoding order, without its start code."""
        unit = unit.rstrip(b"\0")
        if not unit:
            return
        kind = self._coding.unit_type(unit)
        if self._coding.is_picture(kind):
            self._pictures.update(_length(unit))
            self._pictures.update(unit)
            self._units += 1
        elif self._coding.is_parameter_set(kind) and unit not in self._parameter_sets:
            self._parameter_sets.add(unit)
            self._parameter_bytes += len(unit)
            if self._parameter_bytes > _MOST_PARAMETERS:
                raise RenditionFailed(f"its parameter sets exceed {_MOST_PARAMETERS} bytes")
        elif not (self._coding.is_parameter_set(kind) or self._coding.is_mark(kind)):
            self._messages.update(_length(unit))
            self._messages.update(unit)
            self._signatures.update(signatures_in(self._coding.messages_in(kind, unit) or b""))

    def digests(self) -> PictureDigests:
        """The digests of all units so far."""
        return PictureDigests(
            picture=Sha256(self._pictures.digest()),
            parameters=Sha256.of_blocks(
                _length(unit) + unit for unit in sorted(self._parameter_sets)
            ),
            units=self._units,
            messages=Sha256(self._messages.digest()),
            signatures=frozenset(self._signatures),
        )


def _length(unit: bytes) -> bytes:
    return len(unit).to_bytes(4, "big")


class ByteStream:
    """Finds the NAL units in an Annex B byte stream (H.264 and H.265) that comes in pieces."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._searched = 0
        self._inside = False

    def feed(self, piece: bytes | bytearray) -> Iterator[bytes]:
        """The units that *piece* completes."""
        self._pending += piece
        start = 0
        while (found := self._pending.find(_START, max(start, self._searched))) >= 0:
            if self._inside:
                with memoryview(self._pending) as pending:
                    unit = bytes(pending[start:found])
                yield unit
            self._inside, start = True, found + len(_START)
            self._searched = start
        del self._pending[:start]
        self._searched = max(len(self._pending) - len(_START) + 1, 0)
        if len(self._pending) > _MOST_UNIT:
            raise RenditionFailed(f"a coded picture is longer than {_MOST_UNIT} bytes")

    def rest(self) -> bytes:
        """The last unit, which ends with the stream; empty if there was none."""
        return bytes(self._pending) if self._inside else b""


def hash_copy(stream: BinaryIO, movie: Movie, samples: Iterable[Sample]) -> PictureDigests:
    """The digests of an H.264 track of our own MP4, read by our own parser.

    *samples* are all of the track's, in decoding order.
    """
    picture = next((t.picture for t in movie.tracks if t.picture is not None), None)
    if picture is None:
        raise RenditionFailed("the fragmented MP4 has no H.264 track")
    state = PictureHash(Coding.H264)
    for unit in picture.parameter_sets:
        state.add(unit)
    for sample in samples:
        stream.seek(sample.offset)
        for unit in _units(stream.read(sample.size), picture):
            state.add(unit)
    return state.digests()


def _units(sample: bytes, picture: Picture) -> Iterator[bytes]:
    """The NAL units of one MP4 sample, each after its length (14496-15, 5.3.4.2)."""
    octets = Octets(sample)
    while octets.left:
        yield octets.take(int.from_bytes(octets.take(picture.length_bytes), "big"))


def relative_microseconds(pts: Iterable[int], tick: Fraction) -> list[int]:
    """*pts* (in ticks of *tick* seconds) in order, as whole microseconds since the first.

    A half microsecond rounds up.
    """
    return microseconds(sorted(pts), tick)


def microseconds(pts: Sequence[int], tick: Fraction) -> list[int]:
    """The same of *pts* as they come."""
    first = min(pts, default=0)
    scale = tick * _MICROSECONDS
    up, down = scale.numerator, scale.denominator
    return [(2 * (value - first) * up + down) // (2 * down) for value in pts]


def pts_digest(microseconds: Iterable[int]) -> Sha256:
    """The PTS digest of times that :func:`relative_microseconds` gave.

    RenditionFailed if one is too late for 64 bits.
    """
    times = list(microseconds)
    if times and times[-1] >= _LATEST:
        raise RenditionFailed(f"its last picture is shown {times[-1]} microseconds after the first")
    return Sha256.of(b"".join(value.to_bytes(8, "big") for value in times))
