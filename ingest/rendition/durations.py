"""Giving each picture the duration for which it is shown.

An MP4 sample's duration is the step to the next picture that is *decoded*.  Where rates vary and
pictures are decoded out of order, that is not how long it is shown; browsers take it for that, and
then stand on another picture than the one at that time (seen in Chromium: 200 for 203).  So the
decode times are laid out anew: each picture lasts until the next one shown, its composition offset
(ISO/IEC 14496-12, 8.6.1.3) keeps its presentation time as it was.  No picture and no time changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from ingest.rendition.boxes import Entries, Fragment, Movie, Sample, Track, read_movie

_FOUR_BYTES = 1 << 32
_HALF = 1 << 31


class _Change(NamedTuple):
    """Bytes to be written at a place."""

    place: int
    data: bytes


def show_each_its_time(media: Path) -> bool:
    """Correct *media* in place where it has to be; False if it lacks the fields for it."""
    with media.open("rb") as stream:
        movie = read_movie(stream)
    track = movie.track(b"vide")
    if track is None:
        return True
    if each_lasts_its_time(movie, track):
        return True
    changes = _changes(movie, track, _shown_durations(movie, track))
    if changes is None:
        return False
    with media.open("rb+") as stream:
        for change in changes:
            stream.seek(change.place)
            stream.write(change.data)
    return True


def each_lasts_its_time(movie: Movie, track: Track) -> bool:
    """Whether each picture of *track* lasts until the next one shown."""
    shown = _shown_durations(movie, track)
    return all(shown[sample.pts] == sample.duration for sample in movie.samples(track))


def none_lasts_too_long(movie: Movie, track: Track) -> bool:
    """Whether no picture of *track* lasts beyond the time of the next one shown."""
    shown = _shown_durations(movie, track)
    return all(sample.duration <= shown[sample.pts] for sample in movie.samples(track))


def _shown_durations(movie: Movie, track: Track) -> Mapping[int, int]:
    """Presentation time -> until the next one; the last picture keeps the duration it has."""
    ordered = sorted(movie.samples(track), key=attrgetter("pts"))
    steps = {earlier.pts: later.pts - earlier.pts for earlier, later in pairwise(ordered)}
    return {ordered[-1].pts: ordered[-1].duration, **steps} if ordered else {}


def _changes(movie: Movie, track: Track, shown: Mapping[int, int]) -> list[_Change] | None:
    changes: list[_Change] = []
    end = 0
    for fragment in movie.fragments:
        samples = fragment.samples.get(track.number, ())
        if not samples:
            continue
        begin = min(sample.pts for sample in samples)
        if begin < end:  # pictures of two fragments are shown in turn: decode times would go back
            return None
        found = _fragment(fragment, track.number, begin, shown)
        if found is None:
            return None
        changes += found
        end = begin + sum(shown[sample.pts] for sample in samples)
    return changes


def _fragment(
    fragment: Fragment, number: int, begin: int, shown: Mapping[int, int]
) -> list[_Change] | None:
    """What makes the decode times of *fragment* begin at *begin*; None if it cannot say so."""
    time = fragment.times[number]
    if not 0 <= begin < 1 << (8 * time.width):
        return None
    changes = [_Change(time.place, begin.to_bytes(time.width, "big"))]
    samples = iter(fragment.samples[number])
    for entries in fragment.entries[number]:
        for nth in range(entries.number):
            sample = next(samples)
            written = _written(entries, nth, sample, (shown[sample.pts], sample.pts - begin))
            if written is None:
                return None
            changes += written
            begin += shown[sample.pts]
    return changes


def _written(
    entries: Entries, nth: int, sample: Sample, wanted: tuple[int, int]
) -> list[_Change] | None:
    """The entry of *sample* with the *wanted* duration and offset; None if it has no such field."""
    duration, shift = wanted
    place = entries.place + nth * entries.stride
    if not 0 <= duration < _FOUR_BYTES or not -_HALF <= shift < _HALF:
        return None
    if entries.duration_at is None and duration != sample.duration:
        return None
    if shift and (entries.shift_at is None or not (entries.signed or shift > 0)):
        return None
    return list(_fields(entries, place, duration, shift))


def _fields(entries: Entries, place: int, duration: int, shift: int) -> Iterator[_Change]:
    if entries.duration_at is not None:
        yield _Change(place + entries.duration_at, duration.to_bytes(4, "big"))
    if entries.shift_at is not None:
        yield _Change(place + entries.shift_at, (shift % _FOUR_BYTES).to_bytes(4, "big"))
