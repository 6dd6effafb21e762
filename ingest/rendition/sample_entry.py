"""What an MP4 video track says about its pictures: size, and for H.264 how its units are framed.

Sources: ISO/IEC 14496-12 (``stsd``), 14496-15 (``avcC``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evidence.errors import RenditionFailed
from ingest.rendition.octets import Octets

_VISUAL_HEADER = 78
"""Bytes of a VisualSampleEntry before its child boxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The coded picture of a video track."""

    width: int
    height: int
    length_bytes: int
    """Bytes of the length before each NAL unit of a sample; 0 if not H.264."""
    parameter_sets: tuple[bytes, ...]
    """The NAL units (SPS, PPS) kept in the header."""


def picture_of(
    stsd: Octets, children: Callable[[Octets], Iterator[tuple[bytes, Octets]]]
) -> Picture:
    """The first sample entry of *stsd*."""
    stsd.skip(8)
    _kind, entry = next(children(stsd), (b"", Octets(b"")))
    entry.skip(24)
    width, height = entry.u16(), entry.u16()
    entry.skip(_VISUAL_HEADER - 28)
    avcc = next((body for name, body in children(entry) if name == b"avcC"), None)
    length_bytes, sets = (0, ()) if avcc is None else _avc_configuration(avcc)
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
