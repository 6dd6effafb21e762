"""Figures: verdicts counted, with what was left out and how sure a small number makes one.

A rate is never rounded here, and never 0 % or 100 % of nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import sqrt

from evidence.statistics.facts import RECORDINGS, ClipFact, IncidentFact
from evidence.statistics.verdicts import (
    CLIP_MEASURES,
    COUNTED,
    Measure,
    Verdict,
    delay,
    of_clip,
    of_incident,
)

SMALL = 100
"""Below so many, a rate is shown with its interval: it says little by itself."""
_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution: an interval of 95 %."""
DELAYS = tuple(timedelta(hours=each) for each in (1, 6, 12, 24, 48, 72, 168))
"""Where the classes of formula 9 end, each inclusive; the last class has no end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many of so many, and what was left out of both."""

    met: int = 0
    unmet: int = 0
    left_out: Mapping[Verdict, int] = field(default_factory=dict)

    @classmethod
    def of(cls, counted: Mapping[Verdict, int]) -> Rate:
        """That of verdicts with how often each was given."""
        left = {v: n for v, n in sorted(counted.items()) if v not in COUNTED and n}
        return cls(
            met=counted.get(Verdict.MET, 0), unmet=counted.get(Verdict.UNMET, 0), left_out=left
        )

    @property
    def whole(self) -> int:
        """The denominator."""
        return self.met + self.unmet

    @property
    def value(self) -> float | None:
        """Met / whole; None where nothing was counted."""
        return self.met / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The Wilson score interval of 95 % (Wilson 1927), within 0 and 1; None for nothing."""
        if not self.whole:
            return None
        share, n = self.met / self.whole, self.whole
        middle = share + _Z**2 / (2 * n)
        half = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
        low, high = ((middle + sign * half) / (1 + _Z**2 / n) for sign in (-1, 1))
        return (0.0 if not self.met else max(0.0, low)), (1.0 if not self.unmet else min(1.0, high))

    @property
    def is_small(self) -> bool:
        """Whether it says little by itself."""
        return self.whole < SMALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Formulas 1 to 11 of one set of clips and incidents."""

    clips: int = 0
    size: int = 0
    """Bytes."""
    duration: timedelta = timedelta(0)
    unmeasured: int = 0
    """Recordings whose length is not known: they add nothing to *duration*."""
    officers: int = 0
    """How many different officers the clips and incidents are of."""
    rates: Mapping[Measure, Rate] = field(default_factory=dict)
    delays: tuple[int, ...] = (0,) * (len(DELAYS) + 1)
    """How many uploads fall into each class of :data:`DELAYS`, and how many behind the last."""


def figures(clips: Iterable[ClipFact], incidents: Iterable[IncidentFact]) -> Figures:
    """The figures of exactly these."""
    held, told = list(clips), list(incidents)
    rates = {
        measure: Rate.of(Counter(of_clip(measure, clip) for clip in held))
        for measure in CLIP_MEASURES
    }
    rates[Measure.COVERAGE] = Rate.of(Counter(of_incident(each) for each in told))
    whose = {clip.officer for clip in held} | {e.officer for e in told if not e.withdrawn}
    return Figures(
        clips=len(held),
        size=sum(clip.size for clip in held),
        duration=sum((clip.duration or timedelta(0) for clip in held), timedelta(0)),
        unmeasured=sum(clip.duration is None and clip.clip_class in RECORDINGS for clip in held),
        officers=len(whose - {None}),
        rates=rates,
        delays=delay_classes(held),
    )


def delay_classes(clips: Iterable[ClipFact]) -> tuple[int, ...]:
    """Formula 9: how many uploads fall into each class of delay."""
    found = [each for each in map(delay, clips) if not isinstance(each, Verdict)]
    counted = Counter(sum(late > end for end in DELAYS) for late, _ in found)
    return tuple(counted[each] for each in range(len(DELAYS) + 1))
