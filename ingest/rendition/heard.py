"""When sound is heard: whether a rendition's packets lie where the original's do.

The digest of sound is over all its bytes in a row: it tells neither where one packet ends and the
next begins, nor when each is due.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median_low
from typing import NamedTuple

from ingest.rendition.boxes import Movie, Track
from ingest.rendition.picture import microseconds
from ingest.rendition.probe import AudioStream, Packets
from ingest.rendition.proof import tolerance
from ingest.rendition.sync import UNNOTICED
from ingest.rendition.transcode import Plan

_ADTS = frozenset({0, 7, 9})
"""Bytes of the header that a transport stream has before each packet, and an MP4 has not."""
_MICROSECONDS = 1_000_000


def same_packets(original: Packets, movie: Movie, track: Track) -> bool:
    """Whether copied sound is cut into packets as the original is.

    The first one may be shorter: a transport stream can carry the decoder's configuration in it.
    Where all bytes are equal, the others leave only one length for it.
    """
    sizes = [sample.size for sample in movie.samples(track)]
    headers = {a - b for a, b in zip(original.sizes[1:], sizes[1:], strict=False)}
    return len(sizes) == original.count and len(headers) <= 1 and headers <= _ADTS


def copied_off(original: Packets, stream: AudioStream, movie: Movie, track: Track) -> int:
    """Microseconds by which copied packets are heard off their time at worst, if one can notice.

    Each time is rounded twice on its way: to the tick of one container and of the other.
    """
    times = microseconds(original.pts, stream.tick)
    ours = _times(movie, track)
    worst = max((abs(a - b) for a, b in zip(times, ours, strict=False)), default=0)
    return worst if worst > 2 * tolerance(stream.tick, track) else 0


class Strayed(NamedTuple):
    """Sound encoded anew, laid beside the original's; microseconds, 0 if nobody can notice."""

    moved: int
    """From the farthest packet of ours to the nearest of the original."""
    missing: int
    """From the farthest packet of the original to the nearest of ours: damage leaves gaps."""


def anew_off(original: Packets, stream: AudioStream, movie: Movie, track: Track) -> Strayed:
    """How far sound that was encoded anew has strayed; an encoder cuts its packets otherwise."""
    times = sorted(microseconds(original.shown, stream.tick))
    ours = sorted(_times(movie, track))
    if not times or not ours:
        return Strayed(0, 0)
    most = _step(times) + _step(ours) + int(UNNOTICED * _MICROSECONDS)
    moved, missing = _farthest(ours, times), _farthest(times, ours)
    return Strayed(moved if moved > most else 0, missing if missing > most else 0)


def check_heard(original: Packets, chosen: Plan, movie: Movie) -> tuple[str, ...]:
    """A note if sound is heard off the original's time, as after a jump of the camera's clock."""
    stream, track = chosen.audio, movie.track(b"soun")
    if stream is None or track is None:
        return ()
    if chosen.copy_audio:
        worst = copied_off(original, stream, movie, track)
    else:
        worst = anew_off(original, stream, movie, track).moved
    told = f"times: sound is heard up to {worst} microseconds off the original's times"
    return (told,) if worst else ()


def _times(movie: Movie, track: Track) -> list[int]:
    pts = [sample.pts for sample in movie.samples(track)]
    return microseconds(pts, Fraction(1, track.timescale))


def _step(times: Sequence[int]) -> int:
    return median_low(later - each for each, later in pairwise(times)) if times[1:] else 0


def _farthest(some: Sequence[int], others: Sequence[int]) -> int:
    """The longest way from one of *some* to the nearest of *others*; both in order."""
    worst = 0
    for time in some:
        place = bisect_left(others, time)
        near = others[max(place - 1, 0) : place + 1]
        worst = max(worst, min(abs(time - other) for other in near))
    return worst
