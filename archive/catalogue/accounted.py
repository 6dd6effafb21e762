"""Coverage, as people see it: pages of parts, one event, and what a span of time comes to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal, cast

from archive.catalogue import paging
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage import Asked, Covered, covered, of_event
from evidence.clock import stamp
from evidence.coverage import Judged, Outcome, Terms
from evidence.errors import NotKnown
from evidence.wire import (
    CoverageCount,
    CoveragePage,
    EventCoverage,
    ExpectedShown,
    PartShown,
)

LOOKED_AT = 4000
"""Parts that are judged for one page at most: a filter that fits few gives short pages."""
WITHOUT = "without"
"""What is asked for as an outcome, and is none: no recording at all, excused or not."""
_Outcome = Literal["recorded", "excused", "late", "partly", "missing"]


def page(tx: Transaction, asked: Asked, terms: Terms, after: str, most: int) -> CoveragePage:
    """The next *most* parts behind the place *after* (empty: the newest).

    ValueError if that is no place.
    """
    found, following = paging.fitting(
        covered(tx, asked, terms, paging.place(after) if after else None),
        lambda each: _fits(each, asked.outcome),
        lambda each: (each.row.dispatched, each.row.id),
        most,
        LOOKED_AT,
    )
    return CoveragePage(
        since=stamp(asked.since),
        until=stamp(asked.until),
        count=None if after else count_of(covered(tx, asked, terms)),
        parts=[shown(each) for each in found],
        next=following,
    )


def event(tx: Transaction, number: str, terms: Terms) -> EventCoverage:
    """Everybody who was sent to event *number*; NotKnown without it."""
    found = of_event(tx, number, terms)
    if not found:
        raise NotKnown(f"there is no event {number[:80]!r}")
    return EventCoverage(event=number, parts=[shown(each) for each in found])


def every_part(tx: Transaction, asked: Asked, terms: Terms, most: int) -> list[PartShown]:
    """The newest *most* parts at once, for a table."""
    return [shown(each) for each in islice(covered(tx, asked, terms), most)]


def count_of(parts: Iterable[Covered]) -> CoverageCount:
    """What they come to."""
    events: dict[str, bool] = {}
    outcomes = dict.fromkeys(Outcome, 0)
    count = without = awaited = 0
    for each in parts:
        lacks_all = is_without(each)
        count, without = count + 1, without + lacks_all
        events[each.row.number] = events.get(each.row.number, True) and lacks_all
        for judged in each.judged:
            outcomes[judged.outcome] += 1
            awaited += judged.awaited
    return CoverageCount(
        events=len(events),
        events_without=sum(events.values()),
        parts=count,
        parts_without=without,
        awaited=awaited,
        **{outcome.value: number for outcome, number in outcomes.items()},
    )


def is_without(part: Covered) -> bool:
    """Whether there is no recording of it at all; that somebody answered why makes none."""
    return not any(judged.clips for judged in part.judged)


def shown(part: Covered) -> PartShown:
    """One part."""
    row = part.row
    return PartShown(
        incident=row.id,
        event=row.number,
        officer=row.officer,
        unit=row.unit,
        call_type=row.call_type,
        since=row.dispatched,
        until=row.cleared,
        outcome=cast("_Outcome", part.outcome),
        awaited=part.awaited,
        recordings=[_recording(part, each) for each in part.judged],
        excuses=list(part.excuses),
    )


def cameras_of(part: Covered) -> Sequence[str]:
    """The cameras that are expected, as somebody wrote them."""
    wanted = (each.expected.camera for each in part.judged)
    return [part.cameras.get(each, each) for each in wanted if each is not None]


def _fits(part: Covered, outcome: str) -> bool:
    return outcome in {"", part.outcome} or (outcome == WITHOUT and is_without(part))


def _recording(part: Covered, judged: Judged) -> ExpectedShown:
    wanted, camera = judged.expected, judged.expected.camera
    return ExpectedShown(
        camera=None if camera is None else part.cameras.get(camera, camera),
        basis=wanted.basis.value,
        since=stamp(wanted.since),
        until=stamp(wanted.until),
        outcome=judged.outcome.value,
        clips=list(judged.clips),
        gap_seconds=round(judged.gap.total_seconds()),
        docked=None if judged.docked is None else stamp(judged.docked),
        is_late=judged.is_late,
        late_of="duty" if wanted.by_duty else "incident",
        is_other_camera=judged.is_other_camera,
        awaited=judged.awaited,
    )
