"""Which recordings an officer's part in an event should have left.

Officers and cameras are keys: folded for comparison by whoever makes these.  All times are on the
station's clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Basis(StrEnum):
    """By what a recording is expected."""

    ASSIGNMENT = "assignment"
    """A camera was issued to the officer."""
    DUTY = "duty"
    """The officer was on duty; nobody told with which camera."""
    SENT = "sent"
    """The officer was sent: nobody told of a duty or a camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One officer's part in an event."""

    incident: str
    event: str
    officer: str
    since: datetime
    """Sent out."""
    until: datetime
    """Cleared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A camera was issued to an officer from *since* until before *until*; None: still is."""

    camera: str
    officer: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rostered:
    """An officer was on duty from *since* until before *until*."""

    officer: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A recording that should be there."""

    camera: str | None
    """None: whichever the officer wore."""
    basis: Basis
    since: datetime
    until: datetime
    """From when to when it should show."""
    ended: datetime
    """When the officer could go and dock: the end of the duty, or of the incident."""
    by_duty: bool
    """Whether that is the end of a duty."""


SHORTEST = timedelta(minutes=2)
"""A camera that was issued for less of an incident than this is not expected to show it, unless
there is no other: cameras are handed over while calls are cleared."""


def expected(part: Part, issued: Iterable[Issued], duties: Iterable[Rostered]) -> list[Expected]:
    """What *part* should have left: one recording for each camera issued at that time, else one.

    *issued* and *duties* may be of any officers and times.
    """
    on_duty = [
        each.until
        for each in duties
        if each.officer == part.officer and each.since <= part.since < each.until
    ]
    ended = max([part.until, *on_duty])
    by_duty = bool(on_duty) and ended in on_duty
    basis = Basis.DUTY if on_duty else Basis.SENT
    spans = _worn(part, issued)
    long = {camera: span for camera, span in spans.items() if span[1] - span[0] >= SHORTEST}
    return [
        Expected(
            camera=camera,
            basis=Basis.ASSIGNMENT,
            since=since,
            until=until,
            ended=ended,
            by_duty=by_duty,
        )
        for camera, (since, until) in sorted((long or spans).items())
    ] or [
        Expected(
            camera=None,
            basis=basis,
            since=part.since,
            until=part.until,
            ended=ended,
            by_duty=by_duty,
        )
    ]


def _worn(part: Part, issued: Iterable[Issued]) -> dict[str, tuple[datetime, datetime]]:
    """Camera -> the span of the incident for which it was issued, from the first to the last."""
    found: defaultdict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for each in issued:
        since = max(each.since, part.since)
        until = part.until if each.until is None else min(each.until, part.until)
        is_there = since < until or (since == until == part.since and each.until != part.since)
        if each.officer == part.officer and is_there:
            found[each.camera].append((since, until))
    return {
        camera: (min(since for since, _ in spans), max(until for _, until in spans))
        for camera, spans in found.items()
    }
