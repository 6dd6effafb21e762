"""Stays that were not recorded all the while, as findings, and which of these are answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from archive.catalogue.answerable import ROOM_GAP, ROOM_LATE, Lacking
from archive.catalogue.catalogue import Transaction
from archive.catalogue.review_tables import FindingRow
from archive.catalogue.rooms import CoveredStay, StaysAsked, of_sessions, of_spans, stays
from evidence.clock import stamp
from evidence.coverage import Outcome, RoomTerms, SpanJudged

_LACKS = frozenset({Outcome.MISSING, Outcome.PARTLY})


def of_stays(
    tx: Transaction, since: datetime, terms: RoomTerms, grace: timedelta
) -> Iterator[Lacking]:
    """What spans of stays since then lack; only what has been so for longer than the *grace*."""
    now = tx.clock.now()
    for stay in stays(tx, StaysAsked(since=since, until=now), terms):
        for judged in stay.judged.spans:
            if now > judged.due + grace and (code := _code(judged)) is not None:
                yield _lacking(stay, judged, code)


def answered(tx: Transaction, rows: Sequence[FindingRow], terms: RoomTerms) -> dict[str, str]:
    """Finding -> why the record answers it, of open ones; those that it does not are left out."""
    ours = {row.id: row for row in rows if row.code in {ROOM_GAP, ROOM_LATE}}
    spans = of_spans(tx, [str(row.source) for row in ours.values()])
    found = {
        name: "The feed of stays took this back."
        for name, row in ours.items()
        if str(row.source) in spans.withdrawn
    }
    judged = {
        each.span.span: each
        for stay in of_sessions(tx, sorted(spans.sessions), terms)
        for each in stay.judged.spans
    }
    for name, row in ours.items():
        each = judged.get(str(row.source))
        if each is not None and (why := _why(row, each)) is not None:
            found[name] = why
    return found


def _why(row: FindingRow, each: SpanJudged) -> str | None:
    """That recordings came late is for people to answer."""
    if row.code == ROOM_LATE or each.outcome in _LACKS:
        return None
    if each.outcome is Outcome.EXCUSED:
        return "Two persons said that the recorders were down: see the outages of that time."
    return f"Recordings show all of it: {', '.join(each.clips)}."


def _code(judged: SpanJudged) -> str | None:
    if judged.outcome in _LACKS:
        return ROOM_GAP
    return ROOM_LATE if judged.outcome is Outcome.LATE else None


def _lacking(stay: CoveredStay, judged: SpanJudged, code: str) -> Lacking:
    row = next(each for each in stay.rows if each.id == judged.span.span)
    gaps = [f"{stamp(each.since)} to {stamp(each.until)}" for each in judged.gaps]
    state = "recordings came late" if code == ROOM_LATE else f"nothing shows {', '.join(gaps)}"
    ends = "still there" if row.until is None else row.until
    return Lacking(
        code=code,
        about="stay",
        subject=row.id,
        what=f"Stay {row.session}, room {row.room}, {row.since} to {ends}: {state}.",
        source=row.id,
    )
