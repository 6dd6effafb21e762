"""Recognising formats that have no magic number, by structure that chance does not produce.

Pure functions over the first bytes of a file; none of them raises, whatever the bytes are.
"""

# ruff: noqa: PLR2004 - the numbers are the formats' own, each named by the function around it.

from __future__ import annotations

import codecs
from collections.abc import Callable

_ISO_BOXES = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"styp"}
)
_TS_PACKETS = ((188, 0), (192, 4), (204, 0))
"""(packet length, place of the sync byte): plain, with timestamps (BDAV), with Reed-Solomon."""
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1a")) + b"\x7f"
_HERTZ = (44_100, 48_000, 32_000)
_MPEG1_KILOBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG2_KILOBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)


def is_iso_media(head: bytes) -> bool:
    """An ISO base media file (ISO/IEC 14496-12) or QuickTime: a plausible first box.

    What is printable throughout is none: ``The free`` is the beginning of a text, too.
    """
    length = int.from_bytes(head[:4], "big")
    return head[4:8] in _ISO_BOXES and (length >= 8 or length in {0, 1}) and _has_controls(head)


def is_transport_stream(head: bytes) -> bool:
    """An MPEG transport stream (ISO/IEC 13818-1): the sync byte 0x47 in step.

    Up to 16 packets are looked at, and a whole packet's junk before the first is forgiven.  What
    is printable throughout is none: 0x47 is also ``G``, and lines of a GPS track (``$GPRMC``) of
    the right length put one at every 204th byte.
    """
    return _has_controls(head) and any(_in_step(head, *packet) for packet in _TS_PACKETS)


def _in_step(head: bytes, length: int, place: int) -> bool:
    for start in range(place, min(place + length, len(head))):
        beats = head[start::length][:16]
        if len(beats) >= 3 and beats == b"\x47" * len(beats):
            return True
    return False


def is_bmp(head: bytes) -> bool:
    """A Windows bitmap: ``BM``, a header that is one of the known lengths."""
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in {12, 40, 52, 56, 108, 124}


def is_adts(head: bytes) -> bool:
    """AAC in ADTS frames (ISO/IEC 13818-7): three frame headers, each where the last one says."""
    return _chain(head, _adts_frame)


def is_mpeg_audio(head: bytes) -> bool:
    """MPEG audio layer III (ISO/IEC 11172-3): three frame headers, each where the last one says."""
    return _chain(head, _layer3_frame)


def _chain(head: bytes, frame_length: Callable[[bytes], int]) -> bool:
    """Whether three frames follow one another from the first byte."""
    at = 0
    for _ in range(3):
        step = frame_length(head[at : at + 8])
        if step == 0:
            return False
        at += step
    return True


def _adts_frame(header: bytes) -> int:
    """The length of the ADTS frame that starts with *header*; 0 if none does."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    return (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5


def _layer3_frame(header: bytes) -> int:
    """The length of the MPEG audio layer III frame that starts with *header*; 0 if none does."""
    word = int.from_bytes(header[:4], "big")
    version, layer, rate, hertz = word >> 19 & 3, word >> 17 & 3, word >> 12 & 15, word >> 10 & 3
    if len(header) < 4 or word >> 21 != 0x7FF or version == 1 or layer != 1 or hertz == 3:
        return 0
    kilobits = (_MPEG1_KILOBITS if version == 3 else _MPEG2_KILOBITS)[rate]
    sampling = _HERTZ[hertz] >> {3: 0, 2: 1, 0: 2}[version]
    samples_in_bytes = 144_000 if version == 3 else 72_000
    return kilobits and samples_in_bytes * kilobits // sampling + (word >> 9 & 1)


def looks_like_text(head: bytes, *, whole: bool, chinese: bool) -> bool:
    """Whether *head* is text: UTF-8, UTF-16 with its mark or, if *chinese*, GB 18030.

    *whole* says that the file ends with *head*, so a character cut at its end is an error.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decodes(head, "utf-16", whole=whole)
    if _has_controls(head):
        return False
    return _decodes(head, "utf-8", whole=whole) or (
        chinese and _decodes(head, "gb18030", whole=whole)
    )


def _has_controls(head: bytes) -> bool:
    """Whether a byte of *head* is none that text is made of."""
    return head.translate(None, _CONTROLS) != head


def _decodes(head: bytes, encoding: str, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return True
