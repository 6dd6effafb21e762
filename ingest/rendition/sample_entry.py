"""What an MP4 video track says about its pictures: size, and for H.264 how its units are framed.

Sources: ISO/IEC 14496-12 (``stsd``), 14496-15 (``avcC``).
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence.errors import RenditionFailed
from ingest.rendition.layout import Boxes, children
from ingest.rendition.octets import Octets

HEADERS = {b"avc1": 78, b"mp4a": 28}
"""Bytes of a VisualSampleEntry and of an AudioSampleEntry before their child boxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The coded picture of a video track."""

    width: int
    height: int
    length_bytes: int
    """Bytes of the length before each NAL unit of a sample."""
    parameter_sets: tuple[bytes, ...]
    """The NAL units (SPS, PPS) kept in the header."""


def sample_entry(stsd: Octets, kind: bytes) -> Octets:
    """The one sample entry of *stsd*, which is of this *kind*, else RenditionFailed."""
    stsd.skip(4)
    number = stsd.u32()
    found = list(children(stsd))
    if number != 1 or [name for name, _ in found] != [kind]:
        raise RenditionFailed(f"the MP4 does not describe its samples once, as {kind.decode()}")
    return found[0][1]


def picture_of(entry: Octets) -> Picture:
    """What the sample entry of a video track says."""
    entry.skip(24)
    width, height = entry.u16(), entry.u16()
    entry.skip(HEADERS[b"avc1"] - 28)
    length_bytes, sets = _avc_configuration(Boxes(b"avc1", entry).one(b"avcC"))
    return Picture(width=width, height=height, length_bytes=length_bytes, parameter_sets=sets)


def _avc_configuration(avcc: Octets) -> tuple[int, tuple[bytes, ...]]:
    """(NAL length size, SPS and PPS) of an AVCDecoderConfigurationRecord (14496-15, 5.3.3.1)."""
    if avcc.u8() != 1:
        raise RenditionFailed("the MP4 has an H.264 configuration of an unknown version")
    avcc.skip(3)
    length_bytes = (avcc.u8() & 3) + 1
    sequence_sets = [avcc.take(avcc.u16()) for _ in range(avcc.u8() & 31)]
    picture_sets = [avcc.take(avcc.u16()) for _ in range(avcc.u8())]
    return length_bytes, (*sequence_sets, *picture_sets)
