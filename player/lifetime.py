"""A clip's life as a small picture: what was, what is ahead, and where between them today is.

One rule: the steps stand in the order of time and equally far apart, so that seven days can be seen
beside seven years; the dates stand below in words, and nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from evidence.clock import stamp, unstamp
from evidence.retention import FOR_EVER

Kind = Literal["archived", "noticed", "due", "approved", "restorable", "locked", "done"]
ORDER: Sequence[Kind] = (
    "archived",
    "noticed",
    "due",
    "approved",
    "restorable",
    "locked",
    "done",
)
"""The kinds of steps, as they stand where two share a moment."""
WIDTH, HEIGHT = 320, 48
_LEFT, _TAIL = 14.0, 34.0
"""Where the first step stands, and how much is left behind the last one."""
_HATCH = 5.0
"""Between two strokes of the restore window."""
_BAND = (21.0, 35.0)
"""Its upper and lower edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One moment of a life."""

    kind: Kind
    at: str
    x: float
    is_past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetime:
    """What is drawn; lengths are units of the picture's own, which is WIDTH by HEIGHT."""

    steps: tuple[Step, ...]
    now: str
    now_x: float
    ends: bool
    """Whether it has a date at all: what is kept for ever ends in an arrow."""
    hatch: str
    """Strokes of the time in which it can still be restored, as a path; empty: there is none."""
    locked_x: float | None
    """How far it is locked."""

    @property
    def first_x(self) -> float:
        return self.steps[0].x

    @property
    def end_x(self) -> float:
        return WIDTH - 4.0


def lifetime(moments: Mapping[Kind, str | None], now: datetime) -> Lifetime:
    """The life with these *moments* (RFC 3339; None: not, or not yet), as it is *now*."""
    known = {kind: unstamp(at) for kind, at in moments.items() if at is not None}
    ends = known.get("due", FOR_EVER) < FOR_EVER
    steps = _placed({kind: at for kind, at in known.items() if at < FOR_EVER}, now)
    places = {step.kind: step.x for step in steps}
    hatch = ""
    if "approved" in places and "restorable" in places:
        hatch = _hatched(places["approved"], places["restorable"])
    return Lifetime(
        steps=steps,
        now=stamp(now),
        now_x=_now_x(steps, now),
        ends=ends,
        hatch=hatch,
        locked_x=places.get("locked"),
    )


def _placed(known: Mapping[Kind, datetime], now: datetime) -> tuple[Step, ...]:
    found = sorted(known, key=lambda kind: (known[kind], ORDER.index(kind)))
    apart = (WIDTH - _LEFT - _TAIL) / max(1, len(found) - 1)
    return tuple(
        Step(
            kind=kind,
            at=stamp(known[kind]),
            x=round(_LEFT + number * apart, 1),
            is_past=known[kind] <= now,
        )
        for number, kind in enumerate(found)
    )


def _now_x(steps: Sequence[Step], now: datetime) -> float:
    """Between the two steps that *now* is between, by its share of the time between them."""
    for left, right in pairwise(steps):
        if left.is_past and not right.is_past:
            begin, end = unstamp(left.at), unstamp(right.at)
            share = (now - begin) / (end - begin)
            return round(left.x + share * (right.x - left.x), 1)
    if not steps[0].is_past:
        return steps[0].x
    return WIDTH - _TAIL / 2


def _hatched(begin: float, end: float) -> str:
    high, low = _BAND
    return "".join(f"M{x:.1f} {low:g}L{x + 4:.1f} {high:g}" for x in _every(begin, end - 4))


def _every(begin: float, end: float) -> Iterable[float]:
    while begin <= end:
        yield begin
        begin += _HATCH
