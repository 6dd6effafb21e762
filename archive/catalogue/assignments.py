"""Assignments as a feed tells them: to which officer a camera was issued, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import AssignmentRow
from archive.catalogue.links import link_assignment
from archive.catalogue.noting import Outcome, note, withdraw
from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.names import folded

_KIND = EntryKind.ASSIGNMENT_IMPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentTold:
    """An assignment, as a feed row tells it."""

    reference: str
    """What the feed knows it by."""
    camera: str
    officer: str
    since: datetime
    until: datetime | None
    """None: it is issued still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentWithdrawn:
    """An assignment that a feed no longer stands by."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """An assignment that stands."""

    id: str
    camera: str
    officer: str
    since: datetime
    until: datetime | None
    """Exclusive; None: it is issued still."""


def take(
    tx: Transaction, rows: Sequence[AssignmentTold | AssignmentWithdrawn], buffer: timedelta
) -> list[Outcome]:
    """Bring the assignments to what *rows* tell, and the links to that; what became of each."""
    return [_take_one(tx, each, buffer) for each in rows]


def of_camera(tx: Transaction, camera: str, at: datetime) -> list[Assignment]:
    """The assignments of *camera* that stand and that *at* lies in, the earliest first.

    More than one: the feed contradicts itself.
    """
    return _at(tx, at, AssignmentRow.camera_key == folded(camera))


def of_officer(tx: Transaction, officer: str, at: datetime) -> list[Assignment]:
    """The same of whatever cameras *officer* had."""
    return _at(tx, at, AssignmentRow.officer_key == folded(officer))


def _at(tx: Transaction, at: datetime, whose: ColumnElement[bool]) -> list[Assignment]:
    rows = tx.session.scalars(
        select(AssignmentRow)
        .where(
            whose,
            AssignmentRow.withdrawn_entry.is_(None),
            AssignmentRow.since <= stamp(at),
            or_(AssignmentRow.until.is_(None), AssignmentRow.until > stamp(at)),
        )
        .order_by(AssignmentRow.since, AssignmentRow.id)
    ).all()
    return [_assignment(row) for row in rows]


def _assignment(row: AssignmentRow) -> Assignment:
    return Assignment(
        id=row.id,
        camera=row.camera,
        officer=row.officer,
        since=unstamp(row.since),
        until=None if row.until is None else unstamp(row.until),
    )


def _take_one(
    tx: Transaction, told: AssignmentTold | AssignmentWithdrawn, buffer: timedelta
) -> Outcome:
    wanted = select(AssignmentRow).where(AssignmentRow.reference == told.reference)
    row = tx.session.scalar(wanted)
    spans = [] if row is None else [_span(row)]
    if isinstance(told, AssignmentWithdrawn):
        outcome = withdraw(tx, _KIND, row)
    else:
        outcome, _ = note(tx, _KIND, row, AssignmentRow, _columns(told))
        spans.append(_span(tx.session.scalars(wanted).one()))
    if outcome is not Outcome.SAME:
        for camera, since, until in dict.fromkeys(spans):
            if since:  # of one that a rebuild knows nothing of, nothing hung on it
                link_assignment(tx, camera, since, until, buffer)
    return outcome


def _span(row: AssignmentRow) -> tuple[str, str, str | None]:
    return row.camera_key, row.since, row.until


def _columns(told: AssignmentTold) -> dict[str, object]:
    return {
        "reference": told.reference,
        "camera": told.camera,
        "officer": told.officer,
        "since": stamp(told.since),
        "until": None if told.until is None else stamp(told.until),
    }
