"""Reading our own fragmented MP4 back (ISO/IEC 14496-12), without asking the tool that wrote it.

One rule: what cannot be read exactly is refused with RenditionFailed; no other exception leaves
this module, whatever the bytes are.  It reads what our recipe writes (``layout.py``), not every
MP4 in the world: an edit list, a second track of a kind or a sample outside its fragment is
refused, since a browser might make something else of it than we do.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from evidence.errors import RenditionFailed
from ingest.rendition.allowance import FRAGMENT_COSTS, Allowance
from ingest.rendition.layout import Box, Boxes, top_level
from ingest.rendition.octets import Octets
from ingest.rendition.sample_entry import Picture, picture_of, sample_entry

_MOST_INDEX = 64 << 20
"""No ``moov`` or ``moof`` of ours comes near this length."""
_MOST_SAMPLES = 1 << 20
"""Samples in one run; a fragment of ours holds seconds, not days."""
_LATEST = 1 << 48
"""Ticks; at 90 kHz a hundred years, and exact in everybody's JSON."""
_KEY, _SAYS = 0x0200_0000, frozenset({0x0200_0000, 0x0101_0000})
"""Depends on no other sample; depends on others and is no sync sample (14496-12, 8.8.3.1)."""
_FROM_MOOF = 0x02_0000
"""default-base-is-moof"""
_TFHD_FLAGS, _TRUN_FLAGS = 0x02_003A, 0xF05
_ENTRIES = {b"vide": b"avc1", b"soun": b"mp4a"}
"""Handler -> sample entry."""


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


def read_movie(stream: BinaryIO) -> Movie:
    """The fragmented MP4 in *stream*, which must be seekable.  RenditionFailed if it is not one."""
    length = stream.seek(0, os.SEEK_END)
    tracks: dict[int, Track] = {}
    defaults: dict[int, _Defaults] = {}
    heads: list[tuple[int, _Runs]] = []
    ends: dict[int, int] = {}
    allowed = Allowance(length)
    for box in top_level(stream, length):
        if box.kind == b"moov":
            tracks, defaults = _movie_header(_body(stream, box))
        elif box.kind == b"moof":
            allowed.take(FRAGMENT_COSTS)
            runs = _fragment(_body(stream, box), box.offset, defaults, allowed)
            _check_follows(runs, ends)
            heads.append((box.offset, runs))
        elif box.kind == b"mdat":
            _check_fills(heads[-1][1], box)
    if not heads:
        raise RenditionFailed("the fragmented MP4 has no fragment")
    nexts = [offset for offset, _ in heads[1:]] + [length]
    return Movie(
        init_length=heads[0][0],
        length=length,
        tracks=tuple(tracks.values()),
        fragments=tuple(
            Fragment(offset=offset, length=end - offset, **runs._asdict())
            for (offset, runs), end in zip(heads, nexts, strict=True)
        ),
    )


def _body(stream: BinaryIO, box: Box) -> Octets:
    if box.length > _MOST_INDEX:
        raise RenditionFailed(f"the MP4 index at byte {box.offset} has {box.length} bytes")
    place = box.offset + box.header
    stream.seek(place)
    return Octets(stream.read(box.length - box.header), place)


def _check_follows(runs: _Runs, ends: dict[int, int]) -> None:
    """Each track goes on where it was: *ends* has its decode time so far, and is brought forward.

    In a browser pictures that come later take the place of those at the same time.
    """
    for number, time in runs.times.items():
        if time.value < ends.get(number, 0):
            raise RenditionFailed(f"track {number} goes back to tick {time.value}")
        ends[number] = time.value + sum(sample.duration for sample in runs.samples[number])


def _check_fills(runs: _Runs, mdat: Box) -> None:
    """The samples of a fragment are all of its data, each byte once.

    A browser is given fragments, and knows no other part of the file.
    """
    place = mdat.offset + mdat.header
    for offset, size in sorted((s.offset, s.size) for run in runs.samples.values() for s in run):
        if offset != place:
            raise RenditionFailed(f"a sample lies at byte {offset} instead of {place}")
        place += size
    if place != mdat.offset + mdat.length:
        raise RenditionFailed(f"the samples before byte {place} are not all that lies there")


def _movie_header(moov: Octets) -> tuple[dict[int, Track], dict[int, _Defaults]]:
    boxes = Boxes(b"moov", moov)
    tracks = [_track(trak) for trak in boxes.all(b"trak")]
    defaults = [_trex(trex) for trex in Boxes(b"mvex", boxes.one(b"mvex")).all(b"trex")]
    numbers = [track.number for track in tracks]
    if len({track.handler for track in tracks}) < len(tracks) or len(set(numbers)) < len(tracks):
        raise RenditionFailed("the fragmented MP4 has two tracks of one kind")
    if sorted(number for number, _ in defaults) != sorted(numbers):
        raise RenditionFailed("the fragmented MP4 has other tracks than it has defaults for")
    return {track.number: track for track in tracks}, dict(defaults)


def _trex(body: Octets) -> tuple[int, _Defaults]:
    body.skip(4)
    number = body.u32()
    _check_description(body.u32())
    return number, _Defaults(body.u32(), body.u32(), body.u32())


def _check_description(number: int) -> None:
    if number != 1:
        raise RenditionFailed(f"the fragmented MP4 has samples of description {number}, not 1")


def _track(trak: Octets) -> Track:
    boxes = Boxes(b"trak", trak)
    number, rotation = _track_header(boxes.one(b"tkhd"))
    media = Boxes(b"mdia", boxes.one(b"mdia"))
    handler = _handler(media.one(b"hdlr"))
    table = Boxes(b"stbl", Boxes(b"minf", media.one(b"minf")).one(b"stbl"))
    entry = sample_entry(table.one(b"stsd"), _ENTRIES[handler])
    return Track(
        number=number,
        handler=handler,
        timescale=_timescale(media.one(b"mdhd")),
        rotation=rotation,
        picture=picture_of(entry) if handler == b"vide" else None,
    )


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
    handler = hdlr.take(4)
    if handler not in _ENTRIES:
        raise RenditionFailed(f"the fragmented MP4 has a track of {handler!r}")
    return handler


def _fragment(
    moof: Octets, offset: int, defaults: dict[int, _Defaults], allowed: Allowance
) -> _Runs:
    samples: dict[int, tuple[Sample, ...]] = {}
    times: dict[int, DecodeTime] = {}
    entries: dict[int, tuple[Entries, ...]] = {}
    for content in Boxes(b"moof", moof).all(b"traf"):
        number, time, found, places = _track_fragment(content, offset, defaults, allowed)
        if number in samples:
            raise RenditionFailed(f"the fragment at byte {offset} names a track twice")
        samples[number], times[number], entries[number] = found, time, places
    return _Runs(samples, times, entries)


def _track_fragment(
    traf: Octets, moof_offset: int, trex: dict[int, _Defaults], allowed: Allowance
) -> tuple[int, DecodeTime, tuple[Sample, ...], tuple[Entries, ...]]:
    boxes = Boxes(b"traf", traf)
    number, default = _fragment_header(boxes.one(b"tfhd"), trex)
    begin = _decode_time(boxes.one(b"tfdt"))
    samples: list[Sample] = []
    entries: list[Entries] = []
    time = begin.value
    for body in boxes.all(b"trun"):
        allowed.take(max(1, _count(body)))
        run, described, time = _run(body, moof_offset, time, default)
        samples.extend(run)
        entries.append(described)
        if len(samples) > _MOST_SAMPLES:
            raise RenditionFailed(f"a fragment of {len(samples)} samples is not one of ours")
    return number, begin, tuple(samples), tuple(entries)


def _fragment_header(tfhd: Octets, trex: dict[int, _Defaults]) -> tuple[int, _Defaults]:
    """(track number, defaults) from ``tfhd`` (8.8.7); data offsets count from the ``moof``."""
    flags = tfhd.u32() & 0xFFFFFF
    number = tfhd.u32()
    if number not in trex or flags & ~_TFHD_FLAGS or not flags & _FROM_MOOF:
        raise RenditionFailed(f"a fragment of track {number} has the flags {flags:#x}, not ours")
    base = trex[number]
    _check_description(tfhd.u32() if flags & 0x02 else 1)
    duration = tfhd.u32() if flags & 0x08 else base.duration
    size = tfhd.u32() if flags & 0x10 else base.size
    return number, _Defaults(duration, size, tfhd.u32() if flags & 0x20 else base.flags)


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
    trun: Octets, start: int, time: int, default: _Defaults
) -> tuple[list[Sample], Entries, int]:
    """(samples, their entries, decode time after them) of a ``trun`` (8.8.8)."""
    head = trun.u32()
    signed, flags = head >> 24 == 1, head & 0xFFFFFF
    count = trun.u32()
    if count > _MOST_SAMPLES:
        raise RenditionFailed(f"a run of {count} samples is not one of ours")
    if flags & ~_TRUN_FLAGS or not flags & 0x01 or (flags & 0x04 and flags & 0x400):
        raise RenditionFailed(f"a run of samples has the flags {flags:#x}, not ours")
    place = start + trun.i32()
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
        if says not in _SAYS:
            raise RenditionFailed(f"a sample says {says:#x} of itself, which our recipe never does")
        samples.append(Sample(place, size, time + shift, duration, says == _KEY))
        place += size
        time += duration
    return samples, entries, time


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
