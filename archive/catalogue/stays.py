"""Stays as a feed tells them: who was in which room of a case-handling area, from when to when.

One row is one span in one room; a *session* is all of a person from entry to exit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import StayRow
from archive.catalogue.noting import Outcome, note, withdraw
from evidence.clock import stamp
from evidence.custody import EntryKind

_KIND = EntryKind.STAY_IMPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class StayTold:
    """A span of a stay, as a feed row tells it."""

    reference: str
    """What the feed knows it by."""
    session: str
    number: str | None
    """Of the case or event."""
    room: str
    person: str | None
    purpose: str | None
    since: datetime
    until: datetime | None
    """None: still there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StayWithdrawn:
    """A span of a stay that a feed no longer stands by."""

    reference: str


def take(tx: Transaction, rows: Sequence[StayTold | StayWithdrawn]) -> list[Outcome]:
    """Bring the stays to what *rows* tell; what became of each row."""
    return [_take_one(tx, each) for each in rows]


def _take_one(tx: Transaction, told: StayTold | StayWithdrawn) -> Outcome:
    row = tx.session.scalar(select(StayRow).where(StayRow.reference == told.reference))
    if isinstance(told, StayWithdrawn):
        return withdraw(tx, _KIND, row)
    return note(tx, _KIND, row, StayRow, _columns(told))[0]


def _columns(told: StayTold) -> dict[str, object]:
    return {
        "reference": told.reference,
        "session": told.session,
        "number": told.number,
        "room": told.room,
        "person": told.person,
        "purpose": told.purpose,
        "since": stamp(told.since),
        "until": None if told.until is None else stamp(told.until),
    }
