"""What an original claims to hold, asked of ffprobe (or its stand-in) and believed within bounds.

Everything here is a claim of hostile bytes: durations of a million years and rotations of 2^63
degrees were seen.  Only packets are counted, never taken from a header.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import msgspec

from evidence.errors import RenditionFailed
from ingest.rendition.ffmpeg import Source
from ingest.rendition.lines import Lines, integer
from ingest.rendition.run import Job, Limits, collect, run
from ingest.rendition.tools import Tools

_MOST_SIDE = 16_384
_MOST_PIXELS = 8192 * 8192
_LONGEST = timedelta(days=7)
_EARLIEST = datetime(2000, 1, 2, tzinfo=UTC)
"""A camera clock that lost its battery says 1904, 1970 or 2000-01-01: no claim at all."""
_MOST_TALK = 8 << 20
_SECONDS = 900
_MOST_PACKETS = 1 << 22
"""Packets of one stream, all of whose times are kept: a day of sound, 38 hours of pictures."""
_RATIO = re.compile(r"([0-9]{1,10})/([0-9]{1,10})")
_DECIMAL = re.compile(r"[0-9]{1,10}(\.[0-9]{1,9})?")
_STREAM_ENTRIES = (
    "stream=index,codec_type,codec_name,pix_fmt,width,height,sample_rate,time_base"
    ":stream_disposition=attached_pic:format=duration"
    ":format_tags=creation_time,location,com.apple.quicktime.location.ISO6709"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream:
    """The video stream people are meant to see."""

    index: int
    codec: str
    width: int
    height: int
    pixel_format: str
    tick: Fraction
    """Seconds per unit of its times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream:
    """The sound that belongs to it."""

    index: int
    codec: str
    tick: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What an original claims to be."""

    video: VideoStream | None
    audio: AudioStream | None
    left_out: tuple[str, ...]
    """The kinds of the streams a rendition does not carry (second views, GPS data)."""
    seconds: Fraction | None
    claimed_start: datetime | None
    """``creation_time``, taken as UTC as its writer ought to have meant it."""
    claimed_place: str | None
    """ISO 6709, as the container has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """The packets of one stream, counted one by one."""

    pts: tuple[int, ...]
    """In decoding order; packets without a time are not among them."""
    sizes: Sequence[int]
    """Bytes of each."""
    keys: Sequence[int]
    """Which of them, counted from 0, are key frames."""
    shown: Sequence[int]
    """The times of those that no edit list hides."""
    untimed: int
    hidden: int
    """Packets that the container's edit list tells players not to show."""
    headless: int
    """Packets before the first key frame, which no decoder can show properly."""

    @property
    def count(self) -> int:
        return len(self.pts) + self.untimed

    @property
    def first_shown(self) -> int | None:
        """The earliest time of those that no edit list hides."""
        return min(self.shown, default=None)


NO_PACKETS = Packets(pts=(), sizes=(), keys=(), shown=(), untimed=0, hidden=0, headless=0)
"""Of a stream that is not there."""


class _Disposition(msgspec.Struct):
    attached_pic: int = 0


class _Stream(msgspec.Struct):
    index: int
    codec_type: str = "unknown"
    codec_name: str = "unknown"
    pix_fmt: str = ""
    width: int = 0
    height: int = 0
    time_base: str = "0/1"
    disposition: _Disposition = msgspec.field(default_factory=_Disposition)


class _Format(msgspec.Struct):
    duration: str = ""
    tags: dict[str, str] = msgspec.field(default_factory=dict)


class _Answer(msgspec.Struct):
    streams: list[_Stream]
    format: _Format = msgspec.field(default_factory=_Format)


async def probe(tools: Tools, source: Source, folder: Path) -> Probe:
    """What *source* claims; RenditionFailed if it cannot be opened or claims the impossible."""
    argv = _argv(tools, source, "-show_entries", _STREAM_ENTRIES, "-of", "json")
    said = await collect(_job(tools, source, argv, folder), _MOST_TALK)
    try:
        answer = msgspec.json.decode(said, type=_Answer)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise RenditionFailed(f"the prober's answer makes no sense: {error}") from error
    shown = [s for s in answer.streams if not s.disposition.attached_pic]
    video = next((s for s in shown if s.codec_type == "video"), None)
    audio = next((s for s in shown if s.codec_type == "audio"), None)
    tags = {name.lower(): value for name, value in answer.format.tags.items()}
    return Probe(
        video=None if video is None else _video(video),
        audio=None if audio is None else _audio(audio),
        left_out=tuple(s.codec_type for s in answer.streams if s not in (video, audio)),
        seconds=_seconds(answer.format.duration),
        claimed_start=_moment(tags.get("creation_time", "")),
        claimed_place=_place(
            tags.get("com.apple.quicktime.location.iso6709") or tags.get("location", "")
        ),
    )


async def packets(tools: Tools, source: Source, index: int, folder: Path) -> Packets:
    """Every packet of stream *index* of *source*, read without the others.

    Where a file is damaged, streams that are read together may all end where one of them does, as
    they do in a copy: that pictures are missing there is seen only beside what this one holds.
    """
    entries = ("-show_entries", "packet=pts,size,flags", "-of", "compact=p=0")
    argv = _argv(tools, source, "-select_streams", str(index), *entries)
    tally = _Tally()
    await run(_job(tools, source, argv, folder), tally.sink)
    return Packets(
        pts=tuple(tally.pts),
        sizes=tally.sizes,
        keys=tally.keys,
        shown=tuple(tally.shown),
        untimed=tally.untimed,
        hidden=tally.hidden,
        headless=tally.headless,
    )


class _Tally:
    """Counts the lines ``pts=N|size=N|flags=KD`` as they come."""

    def __init__(self) -> None:
        self.pts: list[int] = []
        self.shown: list[int] = []
        self.sizes = array("q")
        self.keys = array("q")
        self.untimed = self.hidden = self.headless = 0
        self._count = 0
        self._key_seen = False
        self._lines = Lines()

    async def sink(self, piece: bytes) -> None:
        for line in self._lines.feed(piece):
            self._line(dict(part.partition(b"=")[::2] for part in line.split(b"|")))

    def _line(self, said: dict[bytes, bytes]) -> None:
        if b"pts" not in said:
            return  # side data of the packet before
        self._count += 1
        if self._count > _MOST_PACKETS:
            raise RenditionFailed(f"a stream has more than {_MOST_PACKETS} packets")
        flags = said.get(b"flags", b"")
        self.hidden += b"D" in flags
        self._key_seen = self._key_seen or b"K" in flags
        self.headless += not self._key_seen
        self.sizes.append(integer(said.get(b"size", b"")))
        if b"K" in flags:
            self.keys.append(self._count - 1)
        if said[b"pts"] == b"N/A":
            self.untimed += 1
            return
        pts = integer(said[b"pts"])
        self.pts.append(pts)
        if b"D" not in flags:
            self.shown.append(pts)


def _argv(tools: Tools, source: Source, *asked: str) -> tuple[str, ...]:
    guards = (word for name, value in source.guards.items() for word in (f"-{name}", value))
    return (*tools.prober, "-v", "error", *guards, *asked, source.url)


def _job(tools: Tools, source: Source, argv: tuple[str, ...], folder: Path) -> Job:
    return tools.job(argv, folder, Limits(seconds=_SECONDS, written=0), (source.path,))


def _video(said: _Stream) -> VideoStream:
    if said.width == 0 or said.height == 0:
        raise RenditionFailed("its pictures have no size: no key frame of it can be read")
    if not (0 < said.width <= _MOST_SIDE and 0 < said.height <= _MOST_SIDE) or (
        said.width * said.height > _MOST_PIXELS
    ):
        raise RenditionFailed(f"it claims pictures of {said.width} x {said.height} pixels")
    return VideoStream(
        index=said.index,
        codec=said.codec_name,
        width=said.width,
        height=said.height,
        pixel_format=said.pix_fmt,
        tick=_tick(said),
    )


def _audio(said: _Stream) -> AudioStream:
    return AudioStream(index=said.index, codec=said.codec_name, tick=_tick(said))


def _tick(said: _Stream) -> Fraction:
    found = _RATIO.fullmatch(said.time_base)
    over, under = (0, 0) if found is None else map(int, found.groups())
    if over == 0 or under == 0:
        raise RenditionFailed(f"stream {said.index} claims the time base {said.time_base[:40]!r}")
    return Fraction(over, under)


def _seconds(text: str) -> Fraction | None:
    if not _DECIMAL.fullmatch(text):
        return None  # not to Fraction: it would work 1e999999999 out to its last digit
    seconds = Fraction(text)
    return seconds if 0 < seconds <= _LONGEST.total_seconds() else None


def _place(text: str) -> str | None:
    """*text* if it is an ISO 6709 point such as ``+48.2082+016.3738/``."""
    return text if re.fullmatch(r"([+-]\d{1,8}(\.\d{1,9})?){2,3}(CRS\w{1,16})?/?", text) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC) if aware >= _EARLIEST else None
    except (ValueError, OverflowError):  # the last day of the calendar, with an offset
        return None
