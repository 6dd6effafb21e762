"""What a file from a camera is, decided by its own bytes.

One rule: the first 64 KiB decide, a name never does.  The answer names the one ffmpeg demuxer that
may ever open the file, so that a playlist posing as a recording is never followed anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evidence.clip import ClipClass
from ingest.recognise import (
    is_adts,
    is_bmp,
    is_iso_media,
    is_mpeg_audio,
    is_transport_stream,
    looks_like_text,
)

HEAD = 64 * 1024
"""Bytes of a file that :func:`classify` wants to see (fewer if the file is shorter)."""

_MEDIA_NAMES = frozenset(
    b"3gp aac amr asf avi bmp flac flv gif heic jpeg jpg m2ts m4a m4v mkv mov mp3 mp4 mpeg mpg mts "
    b"oga ogg png tif tiff ts wav webm webp wma wmv".split()
)
_SIDECAR_NAMES = frozenset(b"cfg conf csv gps gpx ini json log nmea srt txt vtt xml".split())
_PLAYLIST_STARTS = (b"#EXTM3U", b"ffconcat", b"[playlist]", b"<MPD", b"<?wpl", b"#EXTINF")
_STILL_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a file is, and why we say so."""

    clip_class: ClipClass
    demuxer: str | None
    """The only ffmpeg demuxer that may open it; None: ffmpeg never sees it."""
    reason: str
    """A short sentence for people."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A recognisable beginning: *matches* looks at the head of a file."""

    matches: Callable[[bytes], bool]
    clip_class: ClipClass
    demuxer: str | None
    words: str


def classify(head: bytes, name: bytes, size: int) -> Kind:
    """What the file is whose first bytes are *head* (up to ``HEAD``) and whose length is *size*.

    *name* is the camera's claim: it never makes a file media, it only tells a sidecar's text from
    text that poses as a recording.  Never raises.
    """
    if size == 0:
        return _quarantine("empty file")
    for mark in _MARKS:
        if mark.matches(head):
            return Kind(clip_class=mark.clip_class, demuxer=mark.demuxer, reason=mark.words)
    return _text_or_unknown(head, _extension(name), size)


def _text_or_unknown(head: bytes, extension: bytes, size: int) -> Kind:
    if looks_like_text(head, whole=len(head) >= size, chinese=extension in _SIDECAR_NAMES):
        return _text(head, extension)
    if not head.strip(b"\0"):
        return _quarantine(f"only zero bytes in the first {len(head)}: a recording never written")
    return _quarantine("no known file format begins like this")


def _text(head: bytes, extension: bytes) -> Kind:
    playlist = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PLAYLIST_STARTS)
    if extension in _MEDIA_NAMES:
        poser = "a playlist" if playlist else "text"
        return _quarantine(f"{poser} named .{extension.decode()}: not a recording")
    return Kind(
        clip_class=ClipClass.SIDECAR, demuxer=None, reason="playlist" if playlist else "text"
    )


def _quarantine(reason: str) -> Kind:
    return Kind(clip_class=ClipClass.QUARANTINE, demuxer=None, reason=reason)


def _extension(name: bytes) -> bytes:
    """The lower-case letters after the last dot; empty if there is no dot."""
    return name.rpartition(b".")[2].lower() if b"." in name else b""


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    """A RIFF (or 64-bit RF64) file of this *form* type."""
    return lambda head: head[:4] in {b"RIFF", b"RF64"} and head[8:12] == form


def _is_still(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS


def _is_sound_only(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in {b"M4A ", b"M4B "}


def _is_ogg_video(head: bytes) -> bool:
    return head.startswith(b"OggS") and b"theora" in head[:512]


_VIDEO, _AUDIO, _IMAGE = ClipClass.VIDEO, ClipClass.AUDIO, ClipClass.IMAGE
_MARKS = (
    _Mark(_is_still, _IMAGE, "mov", "HEIF/AVIF picture"),
    _Mark(_is_sound_only, _AUDIO, "mov", "MPEG-4 audio"),
    _Mark(is_iso_media, _VIDEO, "mov", "MP4/QuickTime"),
    _Mark(_begins(b"\x1a\x45\xdf\xa3"), _VIDEO, "matroska", "Matroska/WebM"),
    _Mark(_riff(b"AVI "), _VIDEO, "avi", "AVI"),
    _Mark(_riff(b"WAVE"), _AUDIO, "wav", "WAVE audio"),
    _Mark(_riff(b"WEBP"), _IMAGE, "webp_pipe", "WebP picture"),
    _Mark(_begins(b"\x00\x00\x01\xba"), _VIDEO, "mpeg", "MPEG programme stream"),
    _Mark(
        _begins(bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")),
        _VIDEO,
        "asf",
        "ASF/Windows Media",
    ),
    _Mark(_begins(b"FLV\x01"), _VIDEO, "flv", "Flash video"),
    _Mark(_begins(b"DHAV"), _VIDEO, "dhav", "Dahua video"),
    _Mark(_is_ogg_video, _VIDEO, "ogg", "Ogg video"),
    _Mark(_begins(b"OggS"), _AUDIO, "ogg", "Ogg audio"),
    _Mark(_begins(b"fLaC"), _AUDIO, "flac", "FLAC audio"),
    _Mark(_begins(b"#!AMR\n", b"#!AMR-WB\n"), _AUDIO, "amr", "AMR audio"),
    _Mark(_begins(b"\xff\xd8\xff"), _IMAGE, "jpeg_pipe", "JPEG picture"),
    _Mark(_begins(b"\x89PNG\r\n\x1a\n"), _IMAGE, "png_pipe", "PNG picture"),
    _Mark(_begins(b"GIF87a", b"GIF89a"), _IMAGE, "gif", "GIF picture"),
    _Mark(_begins(b"II*\0", b"MM\0*"), _IMAGE, "tiff_pipe", "TIFF picture"),
    _Mark(is_bmp, _IMAGE, "bmp_pipe", "BMP picture"),
    _Mark(_begins(b"ID3"), _AUDIO, "mp3", "MP3 audio"),
    _Mark(is_transport_stream, _VIDEO, "mpegts", "MPEG transport stream"),
    _Mark(is_adts, _AUDIO, "aac", "AAC audio"),
    _Mark(is_mpeg_audio, _AUDIO, "mp3", "MP3 audio"),
)
"""Looked at in this order; the weak marks (a sync byte, a frame header) come last."""
