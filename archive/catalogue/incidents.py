"""Incidents as the dispatch feed tells them, and how each feed file was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.linkable import incident_span
from archive.catalogue.links import link_incident
from archive.catalogue.tables import IncidentRow
from archive.catalogue.working_tables import FeedFileRow, FeedProblemRow
from evidence.canonical import canonical
from evidence.clip import new_id
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.names import folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One officer's dispatch to an event, as a feed row tells it."""

    number: str
    officer: str
    nth: int
    """1 for the officer's first dispatch to the event in this file, 2 for the second."""
    dispatched: datetime
    cleared: datetime
    call_type: str | None
    case_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A row that could not be used: its line in the file (0: the whole file), and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """What tells that a feed file has changed, and how it was read."""

    path: str
    size: int
    mtime_ns: int
    sha256: Sha256
    encoding: str
    valid: int
    ignored_columns: tuple[str, ...]


def take(tx: Transaction, rows: Sequence[Told], buffer: timedelta) -> int:
    """Bring the incidents to what *rows* tell, link them; how many were new or had changed."""
    return sum(_take_one(tx, told, buffer) for told in rows)


def note_file(tx: Transaction, seen: FileSeen, problems: Iterable[RowProblem]) -> None:
    """Keep how a feed file was read, in place of the reading before."""
    tx.session.execute(delete(FeedProblemRow).where(FeedProblemRow.path == seen.path))
    tx.session.add_all(
        FeedProblemRow(path=seen.path, row=problem.row, reason=problem.reason)
        for problem in problems
    )
    tx.session.merge(
        FeedFileRow(
            path=seen.path,
            size=seen.size,
            mtime_ns=seen.mtime_ns,
            sha256=seen.sha256.hex,
            encoding=seen.encoding,
            valid=seen.valid,
            ignored_columns=", ".join(seen.ignored_columns),
        )
    )


def file_digest(tx: Transaction, path: str) -> Sha256 | None:
    """The digest of the feed file at *path* when it was last read; None if it never was."""
    found = tx.session.scalar(select(FeedFileRow.sha256).where(FeedFileRow.path == path))
    return None if found is None else Sha256.from_hex(found)


def feed_problems(tx: Transaction) -> list[str]:
    """Every row of every feed file that could not be used, with its reason."""
    rows = tx.session.scalars(
        select(FeedProblemRow).order_by(FeedProblemRow.path, FeedProblemRow.row)
    )
    return [f"{row.path}:{row.row}: {row.reason}" for row in rows]


def _take_one(tx: Transaction, told: Told, buffer: timedelta) -> bool:
    row = tx.session.scalar(
        select(IncidentRow).where(
            IncidentRow.number == told.number,
            IncidentRow.officer_key == folded(told.officer),
            IncidentRow.nth == told.nth,
        )
    )
    if row is not None and _facts(row) == _told_facts(told):
        return False
    was = None if row is None else incident_span(row)
    opening = Opening.fresh(canonical(_told_facts(told)))
    incident = new_id("i") if row is None else row.id
    entry = tx.record(
        EntryKind.INCIDENT_IMPORTED,
        ARCHIVE,
        incident=incident,
        commitments={"row": opening.commitment.hex},
        changed=None if row is None else True,
    )
    if row is None:
        row = IncidentRow(id=incident, officer_key=folded(told.officer), nth=told.nth)
        tx.session.add(row)
    for name, value in _told_facts(told).items():
        setattr(row, name, value)
    row.by_entry, row.salt = entry, opening.salt
    tx.session.flush()
    link_incident(tx, incident, buffer, was)
    return True


def _told_facts(told: Told) -> dict[str, str | None]:
    return {
        "number": told.number,
        "officer": told.officer,
        "dispatched": stamp(told.dispatched),
        "cleared": stamp(told.cleared),
        "call_type": told.call_type,
        "case_id": told.case_id,
    }


def _facts(row: IncidentRow) -> dict[str, str | None]:
    return {
        "number": row.number,
        "officer": row.officer,
        "dispatched": row.dispatched,
        "cleared": row.cleared,
        "call_type": row.call_type,
        "case_id": row.case_id,
    }
