"""Incidents that a clip may belong to, for people who have to say which.

One rule: without a number only what its officer, or whoever its camera was issued to, was sent to
within half a day is named: nobody learns of other people's events by being asked about a clip.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from archive.catalogue import linkable
from archive.catalogue.catalogue import Transaction
from archive.catalogue.counting import stands
from archive.catalogue.linkable import shifted
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clock import stamp, unstamp
from evidence.errors import NotKnown
from evidence.wire import Candidate, CandidatePage

MOST = 12
"""As many as a person looks through."""
AROUND = timedelta(hours=12)
"""An incident of the same shift was dispatched no longer before or after a clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What is looked for: a *number*, or (empty) what lies near."""

    number: str = ""
    lists_incidents: bool = False
    """Whether whoever asks may see all: then a beginning of a number will do, and officers are
    named."""


def of_clip(tx: Transaction, clip: str, looked: Looked) -> CandidatePage:
    """The incidents that *clip* may belong to, the best first; NotKnown without such a clip."""
    row = tx.session.get(ClipRow, clip)
    if row is None:
        raise NotKnown(f"there is no archived clip {clip}")
    at = unstamp(row.begins or row.received)
    officers = linkable.wearers(tx, row)
    where = _named(looked) if looked.number else _near(at, officers)
    rows = tx.session.scalars(
        select(IncidentRow)
        .where(stands(), where)
        .order_by(IncidentRow.dispatched.desc(), IncidentRow.id)
        .limit(200)
    ).all()
    found = sorted(rows, key=lambda each: _order(each, at, officers))
    rulings = select(LinkRow.incident, LinkRow.standing).where(LinkRow.clip == clip)
    held = {row.incident: row.standing for row in tx.session.execute(rulings)}
    return CandidatePage(
        clip=clip,
        candidates=[_shown(each, looked, officers, held.get(each.id)) for each in found[:MOST]],
        more=len(found) > MOST,
    )


def _named(looked: Looked) -> ColumnElement[bool]:
    if looked.lists_incidents:
        return IncidentRow.number.startswith(looked.number, autoescape=True)
    return IncidentRow.number == looked.number


def _near(at: datetime, officers: Collection[str]) -> ColumnElement[bool]:
    first, last = stamp(shifted(at, -AROUND)), stamp(shifted(at, AROUND))
    return IncidentRow.officer_key.in_(officers) & IncidentRow.dispatched.between(first, last)


def _order(row: IncidentRow, at: datetime, officers: Collection[str]) -> tuple[bool, float, str]:
    """The officer's own first, then by how far its window is from *at*."""
    first, last = unstamp(row.dispatched), unstamp(row.cleared)
    away = max(first - at, at - last, timedelta(0))
    return row.officer_key not in officers, away.total_seconds(), row.id


def _shown(
    row: IncidentRow, looked: Looked, officers: Collection[str], standing: str | None
) -> Candidate:
    is_own = row.officer_key in officers
    return Candidate(
        incident=row.id,
        number=row.number,
        dispatched=row.dispatched,
        cleared=row.cleared,
        call_type=row.call_type,
        officer=row.officer if is_own or looked.lists_incidents else None,
        is_own=is_own,
        standing=standing,
    )
