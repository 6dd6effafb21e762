"""Incidents as feeds tell them, one row for each officer's dispatch to an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from archive.catalogue import choices
from archive.catalogue.catalogue import Transaction
from archive.catalogue.linkable import incident_span
from archive.catalogue.links import link_incident
from archive.catalogue.noting import Outcome, note, withdraw
from archive.catalogue.tables import IncidentRow
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.names import folded
from evidence.numbering import Gap, gaps

_KIND = EntryKind.INCIDENT_IMPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One officer's dispatch to an event, as a feed row tells it."""

    number: str
    officer: str
    nth: int
    """1 for the officer's first dispatch to the event, 2 for the second."""
    dispatched: datetime
    cleared: datetime
    call_type: str | None
    case_id: str | None
    unit: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    """Degrees WGS 84."""
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """What a feed no longer stands by: of one event, the parts that fit what is given."""

    number: str
    officer: str | None = None
    nth: int | None = None
    dispatched: datetime | None = None
    but: frozenset[tuple[str, int]] = frozenset()
    """Officers, folded, and counts of dispatches that were told again meanwhile."""


def take(tx: Transaction, rows: Sequence[Told | Withdrawn], buffer: timedelta) -> list[Outcome]:
    """Bring the incidents to what *rows* tell, link them; what became of each row."""
    return [
        _take_one(tx, each, buffer) if isinstance(each, Told) else _withdraw(tx, each, buffer)
        for each in rows
    ]


def numbering_gaps(tx: Transaction) -> list[Gap]:
    """The event numbers that no feed told, though it told others around them."""
    numbers = select(IncidentRow.number).distinct().order_by(IncidentRow.number)
    return gaps(tx.session.scalars(numbers).all())


def _take_one(tx: Transaction, told: Told, buffer: timedelta) -> Outcome:
    row = tx.session.scalar(
        select(IncidentRow).where(
            IncidentRow.number == told.number,
            IncidentRow.officer_key == folded(told.officer),
            IncidentRow.nth == told.nth,
        )
    )
    was = None if row is None else incident_span(row)
    columns = {
        "number": told.number,
        "officer": told.officer,
        "dispatched": stamp(told.dispatched),
        "cleared": stamp(told.cleared),
        "call_type": told.call_type,
        "case_id": told.case_id,
        "unit": told.unit,
        "latitude": told.latitude,
        "longitude": told.longitude,
        "place": told.place,
        "nth": told.nth,
    }
    outcome, incident = note(tx, _KIND, row, IncidentRow, columns)
    if outcome is not Outcome.SAME:
        link_incident(tx, incident, buffer, was)
        choices.settle_number(tx, told.number)
    return outcome


def _withdraw(tx: Transaction, gone: Withdrawn, buffer: timedelta) -> Outcome:
    wanted = select(IncidentRow).where(IncidentRow.number == gone.number)
    if gone.officer is not None:
        wanted = wanted.where(IncidentRow.officer_key == folded(gone.officer))
    if gone.nth is not None:
        wanted = wanted.where(IncidentRow.nth == gone.nth)
    if gone.dispatched is not None:
        wanted = wanted.where(IncidentRow.dispatched == stamp(gone.dispatched))
    outcome = Outcome.SAME
    for row in tx.session.scalars(wanted.order_by(IncidentRow.id)).all():
        if (row.officer_key, row.nth) in gone.but:
            continue
        was = incident_span(row)
        if withdraw(tx, _KIND, row) is Outcome.WITHDRAWN:
            outcome = Outcome.WITHDRAWN
            link_incident(tx, row.id, buffer, was)
    return outcome
