"""Duties as a feed tells them: for which span an officer was rostered, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import DutyRow
from archive.catalogue.links import link_duty
from archive.catalogue.noting import Outcome, note, withdraw
from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.names import folded

_KIND = EntryKind.DUTY_IMPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTold:
    """A duty, as a feed row tells it."""

    reference: str
    """What the feed knows it by."""
    officer: str
    unit: str | None
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyWithdrawn:
    """A duty that a feed no longer stands by."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A duty that stands."""

    id: str
    officer: str
    unit: str | None
    since: datetime
    until: datetime
    """Exclusive."""


def take(
    tx: Transaction, rows: Sequence[DutyTold | DutyWithdrawn], buffer: timedelta
) -> list[Outcome]:
    """Bring the duties to what *rows* tell, and the links to that; what became of each row."""
    return [_take_one(tx, each, buffer) for each in rows]


def of_officer(tx: Transaction, officer: str, at: datetime) -> list[Duty]:
    """The duties of *officer* that stand and that *at* lies in, the earliest first."""
    return between(tx, at, at, officer=officer)


def between(
    tx: Transaction, since: datetime, until: datetime, officer: str | None = None
) -> list[Duty]:
    """The duties that stand and touch [*since*, *until*], of one *officer* or of all."""
    wanted = select(DutyRow).where(
        DutyRow.withdrawn_entry.is_(None),
        DutyRow.since <= stamp(until),
        DutyRow.until > stamp(since),
    )
    if officer is not None:
        wanted = wanted.where(DutyRow.officer_key == folded(officer))
    rows = tx.session.scalars(wanted.order_by(DutyRow.since, DutyRow.id)).all()
    return [_duty(row) for row in rows]


def _duty(row: DutyRow) -> Duty:
    return Duty(
        id=row.id,
        officer=row.officer,
        unit=row.unit,
        since=unstamp(row.since),
        until=unstamp(row.until),
    )


def _take_one(tx: Transaction, told: DutyTold | DutyWithdrawn, buffer: timedelta) -> Outcome:
    wanted = select(DutyRow).where(DutyRow.reference == told.reference)
    row = tx.session.scalar(wanted)
    spans = set() if row is None else {(row.officer_key, row.since, row.until)}
    if isinstance(told, DutyWithdrawn):
        outcome = withdraw(tx, _KIND, row)
    else:
        outcome, _ = note(tx, _KIND, row, DutyRow, _columns(told))
        now = tx.session.scalars(wanted).one()
        spans.add((now.officer_key, now.since, now.until))
    if outcome is not Outcome.SAME:
        for officer, since, until in sorted(spans):
            if since and until:  # of one that a rebuild knows nothing of, nothing hung on it
                link_duty(tx, officer, since, until, buffer)
    return outcome


def _columns(told: DutyTold) -> dict[str, object]:
    return {
        "reference": told.reference,
        "officer": told.officer,
        "unit": told.unit,
        "since": stamp(told.since),
        "until": stamp(told.until),
    }
