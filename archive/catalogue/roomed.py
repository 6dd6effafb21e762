"""Rooms, as people see them: pages of stays, one stay, and what a span of time comes to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from archive.catalogue import paging
from archive.catalogue.catalogue import Transaction
from archive.catalogue.linkable import clips
from archive.catalogue.rooms import CoveredStay, StaysAsked, of_sessions, stays
from archive.catalogue.tables import ClipRow
from evidence.clock import stamp
from evidence.coverage import Outcome, RoomGap, RoomTerms, SpanJudged
from evidence.errors import NotKnown
from evidence.wire import (
    RoomFileShown,
    RoomGapShown,
    RoomSpanShown,
    StayCount,
    StayCoverage,
    StayPage,
    StayShown,
)

LOOKED_AT = 2000
"""Stays that are judged for one page at most: a filter that fits few gives short pages."""


def page(tx: Transaction, asked: StaysAsked, terms: RoomTerms, after: str, most: int) -> StayPage:
    """The next *most* stays behind the place *after* (empty: the newest).

    ValueError if that is no place.
    """
    found, following = paging.fitting(
        stays(tx, asked, terms, paging.place(after) if after else None),
        lambda each: asked.outcome in {"", each.judged.outcome.value},
        lambda each: each.place,
        most,
        LOOKED_AT,
    )
    return StayPage(
        since=stamp(asked.since),
        until=stamp(asked.until),
        count=None if after else count_of(stays(tx, asked, terms)),
        stays=[shown(each) for each in found],
        next=following,
    )


def one(tx: Transaction, session: str, terms: RoomTerms, minutes: int = 0) -> StayCoverage:
    """The stay *session*, and what shows it; NotKnown without it.

    *minutes*: how far the agency's clocks are ahead of UTC.
    """
    found = of_sessions(tx, [session], terms)
    if not found:
        raise NotKnown(f"there is no stay {session[:80]!r}")
    [stay] = found
    person = (row.person for row in stay.rows if row.person)
    return StayCoverage(
        stay=shown(stay),
        person=next(person, None),
        files=_files(tx, stay),
        outages=list(stay.outages),
        utc_offset_minutes=minutes,
    )


def count_of(some: Iterable[CoveredStay]) -> StayCount:
    """What they come to."""
    outcomes = dict.fromkeys(Outcome, 0)
    count = awaited = 0
    for each in some:
        count, awaited = count + 1, awaited + each.judged.awaited
        outcomes[each.judged.outcome] += 1
    named = {outcome.value: number for outcome, number in outcomes.items()}
    return StayCount(stays=count, awaited=awaited, **named)


def shown(stay: CoveredStay) -> StayShown:
    """One stay, without whom it is about."""
    rows = {row.id: row for row in stay.rows}
    judged = stay.judged
    ends = [each.span.until for each in judged.spans]
    left = None if None in ends else max(each for each in ends if each is not None)
    spans = [
        _span(each, rows[each.span.span].room, rows[each.span.span].purpose)
        for each in judged.spans
    ]
    open_gaps = [each for span in spans for each in span.gaps if not each.outages]
    untold = [_gap(RoomGap(since=a, until=b, outages=())) for a, b in judged.untold]
    return StayShown(
        session=stay.session,
        number=next((row.number for row in stay.rows if row.number), None),
        since=stamp(judged.spans[0].span.since),
        until=None if left is None else stamp(left),
        outcome=judged.outcome.value,
        awaited=judged.awaited,
        gap_seconds=sum(each.seconds for each in [*open_gaps, *untold]),
        spans=spans,
        untold=untold,
    )


def _span(judged: SpanJudged, room: str, purpose: str | None) -> RoomSpanShown:
    span = judged.span
    return RoomSpanShown(
        span=span.span,
        room=room,
        purpose=purpose,
        since=stamp(span.since),
        until=_stamped(span.until),
        looked_until=stamp(judged.until),
        outcome=judged.outcome.value,
        awaited=judged.awaited,
        clips=list(judged.clips),
        unmeasured=list(judged.unmeasured),
        gaps=[_gap(each) for each in judged.gaps],
        is_late=judged.is_late,
        came=_stamped(judged.came),
        is_mapped=judged.is_mapped,
    )


def _gap(gap: RoomGap) -> RoomGapShown:
    return RoomGapShown(
        since=stamp(gap.since),
        until=stamp(gap.until),
        seconds=round((gap.until - gap.since).total_seconds()),
        outages=list(gap.outages),
    )


def _files(tx: Transaction, stay: CoveredStay) -> list[RoomFileShown]:
    """The files that show some of it, or would if their length were known."""
    named = {row.id: row.room for row in stay.rows}
    rooms = {
        clip: named[each.span.span]
        for each in stay.judged.spans
        for clip in (*each.clips, *each.unmeasured)
    }
    rows = tx.session.execute(
        select(ClipRow.id, ClipRow.name, ClipRow.camera).where(ClipRow.id.in_(rooms))
    ).all()
    called = {clip: (name, camera) for clip, name, camera in rows}
    films = sorted(clips(tx, ClipRow.id.in_(rooms)), key=lambda each: (each.begin, each.clip))
    return [
        RoomFileShown(
            clip=each.clip,
            name=called[each.clip][0],
            camera=called[each.clip][1],
            room=rooms[each.clip],
            begin=stamp(each.begin),
            end=_stamped(each.end),
        )
        for each in films
    ]


def _stamped(moment: datetime | None) -> str | None:
    return None if moment is None else stamp(moment)
