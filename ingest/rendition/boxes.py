"""Reading our own fragmented MP4 back (ISO/IEC 14496-12), without asking the tool that wrote it.

One rule: what cannot be read exactly is refused with RenditionFailed; no other exception leaves
this module, whatever the bytes are.  It reads what our recipe writes (one ``moov``, then ``moof``
and ``mdat`` in turn, no edit list), not every MP4 in the world.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from evidence.errors import RenditionFailed
from ingest.rendition.allowance import FRAGMENT_COSTS, Allowance
from ingest.rendition.octets import Octets
from ingest.rendition.sample_entry import Picture, picture_of

_MOST_INDEX = 64 << 20
"""No ``moov`` or ``moof`` of ours comes near this length."""
_MOST_SAMPLES = 1 << 20
"""Samples in one run; a fragment of ours holds seconds, not days."""
_MOST_BOXES = 4096
"""Boxes in one; a fragment of ours has a handful."""
_LATEST = 1 << 48
"""Ticks; at 90 kHz a hundred years, and exact in everybody's JSON."""
_NOT_A_KEY = 0x0001_0000
"""sample_is_non_sync_sample (14496-12, 8.8.3.1)."""


class Sample(NamedTuple):
    """One coded picture or audio frame: where it lies and when it is shown (track time scale)."""

    offset: int
    size: int
    pts: int
    duration: int
    key: bool


class DecodeTime(NamedTuple):
    """A track's time at the start of a fragment (``tfdt``), and where it is written."""

    value: int
    place: int
    width: int
    """Bytes of the number in the file."""


class Entries(NamedTuple):
    """Where the samples of one ``trun`` are described, for whoever corrects them in the file."""

    place: int
    """Byte of the first entry."""
    stride: int
    """Bytes from one entry to the next."""
    duration_at: int | None
    """Where in an entry its duration is; None if it has none."""
    shift_at: int | None
    """Where its composition offset is."""
    signed: bool
    number: int
    """How many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One track as the movie header declares it."""

    number: int
    handler: bytes
    """``vide`` or ``soun``."""
    timescale: int
    rotation: int
    """Degrees clockwise the picture is to be turned for viewing: 0, 90, 180, 270."""
    picture: Picture | None
    """Of a video track, if its sample entry is one we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """One ``moof`` and all bytes up to the next one."""

    offset: int
    length: int
    samples: Mapping[int, tuple[Sample, ...]]
    """Track number -> its samples in decoding order."""
    times: Mapping[int, DecodeTime]
    """Track number -> when they begin."""
    entries: Mapping[int, tuple[Entries, ...]]
    """Track number -> where they are described, run by run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movie:
    """A fragmented MP4: the init part, then fragments that reach to the end without a gap."""

    init_length: int
    length: int
    tracks: tuple[Track, ...]
    fragments: tuple[Fragment, ...]

    def track(self, handler: bytes) -> Track | None:
        """The first track of this *handler*."""
        return next((track for track in self.tracks if track.handler == handler), None)

    def samples(self, track: Track) -> Iterator[Sample]:
        """All samples of *track* in decoding order."""
        for fragment in self.fragments:
            yield from fragment.samples.get(track.number, ())


class _Defaults(NamedTuple):
    """What a sample is when its run does not say (``trex``, overlaid by ``tfhd``)."""

    duration: int
    size: int
    flags: int


class _Runs(NamedTuple):
    """What one ``moof`` says of each track."""

    samples: dict[int, tuple[Sample, ...]]
    times: dict[int, DecodeTime]
    entries: dict[int, tuple[Entries, ...]]


class _Box(NamedTuple):
    kind: bytes
    offset: int
    length: int
    header: int


def read_movie(stream: BinaryIO) -> Movie:
    """The fragmented MP4 in *stream*, which must be seekable.  RenditionFailed if it is not one."""
    length = stream.seek(0, os.SEEK_END)
    tracks: dict[int, Track] = {}
    defaults: dict[int, _Defaults] = {}
    heads: list[tuple[int, _Runs]] = []
    allowed = Allowance(length)
    for box in _top_level(stream, length):
        if box.kind == b"moov":
            tracks, defaults = _movie_header(_body(stream, box))
        elif box.kind == b"moof":
            allowed.take(FRAGMENT_COSTS)
            runs = _fragment(_body(stream, box), box.offset, defaults, allowed)
            _check_end(runs, box.offset, length)
            heads.append((box.offset, runs))
    if not tracks or not heads:
        raise RenditionFailed("the fragmented MP4 has no track or no fragment")
    ends = [offset for offset, _ in heads[1:]] + [length]
    return Movie(
        init_length=heads[0][0],
        length=length,
        tracks=tuple(tracks.values()),
        fragments=tuple(
            Fragment(offset=offset, length=end - offset, **runs._asdict())
            for (offset, runs), end in zip(heads, ends, strict=True)
        ),
    )


def _top_level(stream: BinaryIO, length: int) -> Iterator[_Box]:
    at = 0
    while at < length:
        stream.seek(at)
        box = _box_at(Octets(stream.read(16)), at, length - at)
        yield box
        at += box.length


def _box_at(head: Octets, offset: int, room: int) -> _Box:
    """The box whose first bytes are *head*; it must fit into *room* bytes."""
    length, kind, header = head.u32(), head.take(4), 8
    if length == 1:
        length, header = head.u64(), 16
    if not header <= length <= room:
        raise RenditionFailed(f"the MP4 box at byte {offset} claims {length} of {room} bytes")
    return _Box(kind, offset, length, header)


def _body(stream: BinaryIO, box: _Box) -> Octets:
    if box.length > _MOST_INDEX:
        raise RenditionFailed(f"the MP4 index at byte {box.offset} has {box.length} bytes")
    place = box.offset + box.header
    stream.seek(place)
    return Octets(stream.read(box.length - box.header), place)


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


def _movie_header(moov: Octets) -> tuple[dict[int, Track], dict[int, _Defaults]]:
    tracks: dict[int, Track] = {}
    defaults: dict[int, _Defaults] = {}
    for kind, content in children(moov):
        if kind == b"trak":
            track = _track(content)
            tracks[track.number] = track
        elif kind == b"mvex":
            defaults.update(_trex(body) for name, body in children(content) if name == b"trex")
    return tracks, defaults


def _trex(body: Octets) -> tuple[int, _Defaults]:
    body.skip(4)
    number, _description = body.u32(), body.u32()
    return number, _Defaults(body.u32(), body.u32(), body.u32())


def _track(trak: Octets) -> Track:
    boxes = dict(children(trak))
    if b"edts" in boxes:
        raise RenditionFailed("the fragmented MP4 has an edit list: its times would not be PTS")
    number, rotation = _track_header(_need(boxes, b"tkhd"))
    media = dict(children(_need(boxes, b"mdia")))
    handler = _handler(_need(media, b"hdlr"))
    inner = dict(children(_need(media, b"minf")))
    table = dict(children(_need(inner, b"stbl")))
    return Track(
        number=number,
        handler=handler,
        timescale=_timescale(_need(media, b"mdhd")),
        rotation=rotation,
        picture=picture_of(_need(table, b"stsd"), children) if handler == b"vide" else None,
    )


def _need(boxes: dict[bytes, Octets], kind: bytes) -> Octets:
    if kind not in boxes:
        raise RenditionFailed(f"the fragmented MP4 lacks its {kind.decode()} box")
    return boxes[kind]


def _track_header(tkhd: Octets) -> tuple[int, int]:
    """(track number, rotation) from ``tkhd``; the matrix is 16.16 fixed point (8.3.2)."""
    version = tkhd.u32() >> 24
    tkhd.skip(16 if version == 1 else 8)
    number = tkhd.u32()
    tkhd.skip((12 if version == 1 else 8) + 16)
    a, b, _u, c, d = (tkhd.i32() for _ in range(5))
    turns = {(1, 0, 0, 1): 0, (0, 1, -1, 0): 90, (-1, 0, 0, -1): 180, (0, -1, 1, 0): 270}
    return number, turns.get((_sign(a), _sign(b), _sign(c), _sign(d)), 0)


def _sign(value: int) -> int:
    return (value > 0) - (value < 0)


def _timescale(mdhd: Octets) -> int:
    version = mdhd.u32() >> 24
    mdhd.skip(16 if version == 1 else 8)
    scale = mdhd.u32()
    if scale == 0:
        raise RenditionFailed("the fragmented MP4 has a track with time scale 0")
    return scale


def _handler(hdlr: Octets) -> bytes:
    hdlr.skip(8)
    return hdlr.take(4)


def _fragment(
    moof: Octets, offset: int, defaults: dict[int, _Defaults], allowed: Allowance
) -> _Runs:
    samples: dict[int, tuple[Sample, ...]] = {}
    times: dict[int, DecodeTime] = {}
    entries: dict[int, tuple[Entries, ...]] = {}
    for kind, content in children(moof):
        if kind == b"traf":
            number, time, found, places = _track_fragment(content, offset, defaults, allowed)
            if number in samples:
                raise RenditionFailed(f"the fragment at byte {offset} names a track twice")
            samples[number], times[number], entries[number] = found, time, places
    return _Runs(samples, times, entries)


def _check_end(runs: _Runs, offset: int, length: int) -> None:
    last = max((s.offset + s.size for run in runs.samples.values() for s in run), default=0)
    if last > length:
        raise RenditionFailed(f"the fragment at byte {offset} points past the end of the MP4")


def _track_fragment(
    traf: Octets, moof_offset: int, trex: dict[int, _Defaults], allowed: Allowance
) -> tuple[int, DecodeTime, tuple[Sample, ...], tuple[Entries, ...]]:
    boxes = list(children(traf))
    named = dict(boxes)
    number, start, default = _fragment_header(_need(named, b"tfhd"), moof_offset, trex)
    begin = _decode_time(_need(named, b"tfdt"))
    samples: list[Sample] = []
    entries: list[Entries] = []
    place, time = start, begin.value
    for kind, body in boxes:
        if kind == b"trun":
            allowed.take(max(1, _count(body)))
            run, described, place, time = _run(body, start, place, time, default)
            samples.extend(run)
            entries.append(described)
        if len(samples) > _MOST_SAMPLES:
            raise RenditionFailed(f"a fragment of {len(samples)} samples is not one of ours")
    return number, begin, tuple(samples), tuple(entries)


def _fragment_header(
    tfhd: Octets, moof_offset: int, trex: dict[int, _Defaults]
) -> tuple[int, int, _Defaults]:
    """(track number, where data offsets count from, defaults) from ``tfhd`` (8.8.7)."""
    flags = tfhd.u32() & 0xFFFFFF
    number = tfhd.u32()
    base = trex.get(number, _Defaults(0, 0, 0))
    start = tfhd.u64() if flags & 0x01 else moof_offset
    tfhd.skip(4 if flags & 0x02 else 0)
    duration = tfhd.u32() if flags & 0x08 else base.duration
    size = tfhd.u32() if flags & 0x10 else base.size
    return number, start, _Defaults(duration, size, tfhd.u32() if flags & 0x20 else base.flags)


def _decode_time(tfdt: Octets) -> DecodeTime:
    width = 8 if tfdt.u32() >> 24 == 1 else 4
    place = tfdt.place
    value = tfdt.u64() if width == 8 else tfdt.u32()  # noqa: PLR2004 - the width set above
    if value > _LATEST:
        raise RenditionFailed(f"a fragment claims to begin at tick {value}")
    return DecodeTime(value, place, width)


def _count(trun: Octets) -> int:
    """How many samples *trun* says it has, which is not read on by that."""
    return Octets(trun.peek(8)[4:]).u32()


def _run(
    trun: Octets, start: int, place: int, time: int, default: _Defaults
) -> tuple[list[Sample], Entries, int, int]:
    """(samples, their entries, first byte after them, decode time after them), ``trun`` (8.8.8)."""
    head = trun.u32()
    signed, flags = head >> 24 == 1, head & 0xFFFFFF
    count = trun.u32()
    if count > _MOST_SAMPLES:
        raise RenditionFailed(f"a run of {count} samples is not one of ours")
    place = start + trun.i32() if flags & 0x01 else place
    first_flags = trun.u32() if flags & 0x04 else None
    entries = _entries(trun.place, flags, count, signed=signed)
    samples = []
    for index in range(count):
        duration = trun.u32() if flags & 0x100 else default.duration
        size = trun.u32() if flags & 0x200 else default.size
        says = trun.u32() if flags & 0x400 else default.flags
        if index == 0 and first_flags is not None:
            says = first_flags
        shift = (trun.i32() if signed else trun.u32()) if flags & 0x800 else 0
        samples.append(Sample(place, size, time + shift, duration, not says & _NOT_A_KEY))
        place += size
        time += duration
    return samples, entries, place, time


def _entries(place: int, flags: int, count: int, *, signed: bool) -> Entries:
    """Where the *count* entries from *place* on have what (each field has four bytes)."""
    before_shift = 4 * sum(bool(flags & flag) for flag in (0x100, 0x200, 0x400))
    has_shift = bool(flags & 0x800)
    return Entries(
        place=place,
        stride=before_shift + 4 * has_shift,
        duration_at=0 if flags & 0x100 else None,
        shift_at=before_shift if has_shift else None,
        signed=signed,
        number=count,
    )
