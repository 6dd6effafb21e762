"""What feeds tell beside the incidents: cases, duties, assignments, stays; and who may tell it.

Times, digests and ``by_entry`` are as in :mod:`archive.catalogue.tables`.  One rule: a row is what
the feed last told; what it no longer tells stays, with the entry that says so.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from archive.catalogue.tables import Table

__all__ = [
    "AssignmentRow",
    "CaseIncidentRow",
    "CaseRow",
    "DutyRow",
    "FeedKeyRow",
    "StayRow",
    "Table",
]


class CaseRow(Table):
    """A case, as the feed of cases last told it; one that only incidents name has no row."""

    __tablename__ = "police_case"
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    number: Mapped[str] = mapped_column(unique=True)
    """As ``IncidentRow.case_id`` and ``ClosingRow.case_id`` have it."""
    title: Mapped[str | None]
    kind: Mapped[str | None]
    stage: Mapped[str | None]
    unit: Mapped[str | None]
    opened: Mapped[str | None]
    incidents: Mapped[str]
    """Numbers of the events that it names, in order, with a line break between them."""
    salt: Mapped[bytes]
    """Opens the commitment in the entry that imported the row, as in all tables of feeds."""
    withdrawn_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))


class CaseIncidentRow(Table):
    """That a case which stands names an event: ``CaseRow.incidents``, to be joined with.

    Nothing but that: where a case is withdrawn, or names fewer, its rows go.
    """

    __tablename__ = "case_incident"
    case_id: Mapped[str] = mapped_column(primary_key=True)
    """The case's number, as ``IncidentRow.case_id``."""
    number: Mapped[str] = mapped_column(primary_key=True, index=True)
    """The event's, as ``IncidentRow.number``; of an event that may not be known yet."""
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))


class DutyRow(Table):
    """A span for which an officer was rostered, as the feed last told it."""

    __tablename__ = "duty"
    __table_args__ = (
        Index("duty_by_officer", "officer_key"),
        Index("duty_by_start", "officer_key", "since"),
        Index("duty_by_unit", "unit", "since"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    reference: Mapped[str] = mapped_column(unique=True)
    """What the feed knows it by, so that a correction finds it."""
    officer: Mapped[str]
    officer_key: Mapped[str]
    unit: Mapped[str | None]
    since: Mapped[str]
    until: Mapped[str]
    salt: Mapped[bytes]
    withdrawn_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))


class AssignmentRow(Table):
    """A span for which a camera was issued to an officer, as the feed last told it."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("assignment_by_camera", "camera_key"),
        Index("assignment_by_officer", "officer_key"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    reference: Mapped[str] = mapped_column(unique=True)
    """What the feed knows it by, so that a correction finds it."""
    camera: Mapped[str]
    camera_key: Mapped[str]
    officer: Mapped[str]
    officer_key: Mapped[str]
    since: Mapped[str]
    until: Mapped[str | None]
    """NULL: it is issued still."""
    salt: Mapped[bytes]
    withdrawn_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))


class StayRow(Table):
    """A span of a stay, in one room of a case-handling area, as the feed last told it."""

    __tablename__ = "stay"
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    reference: Mapped[str] = mapped_column(unique=True)
    """What the feed knows it by, so that a correction finds it."""
    session: Mapped[str]
    """The stay: from a person's entry to the exit."""
    session_key: Mapped[str] = mapped_column(index=True)
    number: Mapped[str | None]
    """Of the case or event that it is about."""
    room: Mapped[str]
    room_key: Mapped[str]
    person: Mapped[str | None]
    """Whom it is about, as the feed refers to that person."""
    purpose: Mapped[str | None]
    since: Mapped[str] = mapped_column(index=True)
    until: Mapped[str | None]
    """NULL: still there, as far as anybody told."""
    salt: Mapped[bytes]
    withdrawn_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))


class FeedKeyRow(Table):
    """What another system shows to tell one kind of feed; the key itself is kept nowhere."""

    __tablename__ = "feed_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    by_entry: Mapped[int] = mapped_column(ForeignKey("entry.seq"))
    name: Mapped[str]
    """Of the feed."""
    name_salt: Mapped[bytes]
    kind: Mapped[str]
    """Which kind of feed it may tell, and nothing else."""
    sha256: Mapped[str] = mapped_column(unique=True)
    revoked_entry: Mapped[int | None] = mapped_column(ForeignKey("entry.seq"))
    """NULL: it counts."""
