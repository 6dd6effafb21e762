"""Cases as a feed tells them: number, stage, and the events that they are about.

One rule: what a case names stands in its row; ``case_incident`` is that, laid out to be joined
with, for cases that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.falling import let_fall_with_case
from archive.catalogue.feed_tables import CaseIncidentRow, CaseRow
from archive.catalogue.linked import counts
from archive.catalogue.noting import Outcome, note, withdraw
from archive.catalogue.tables import IncidentRow, LinkRow
from evidence.clock import stamp
from evidence.custody import EntryKind

_KIND = EntryKind.CASE_IMPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTold:
    """A case, as a feed row tells it."""

    number: str
    title: str | None
    kind: str | None
    stage: str | None
    unit: str | None
    opened: datetime | None
    incidents: tuple[str, ...]
    """Numbers of events; none holds a line break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWithdrawn:
    """A case that a feed no longer stands by."""

    number: str


def take(tx: Transaction, rows: Sequence[CaseTold | CaseWithdrawn]) -> list[Outcome]:
    """Bring the cases to what *rows* tell; what became of each row."""
    return [_take_one(tx, each) for each in rows]


def numbers_in(incidents: str) -> list[str]:
    """The numbers of the events that a case names whose column ``incidents`` is that."""
    return incidents.split("\n") if incidents else []


def lay_out(tx: Transaction, cases: Iterable[str]) -> None:
    """Make ``case_incident`` what the rows of *cases* (ids) name."""
    for row in tx.session.scalars(select(CaseRow).where(CaseRow.id.in_(list(cases)))).all():
        tx.session.execute(delete(CaseIncidentRow).where(CaseIncidentRow.case_id == row.number))
        if row.withdrawn_entry is None:
            tx.session.add_all(
                CaseIncidentRow(case_id=row.number, number=each, by_entry=row.by_entry)
                for each in numbers_in(row.incidents)
            )
    tx.session.flush()


def _take_one(tx: Transaction, told: CaseTold | CaseWithdrawn) -> Outcome:
    row = tx.session.scalar(select(CaseRow).where(CaseRow.number == told.number))
    if isinstance(told, CaseWithdrawn):
        outcome = withdraw(tx, _KIND, row)
        case = "" if row is None else row.id
    else:
        outcome, case = note(tx, _KIND, row, CaseRow, _columns(told))
    if outcome is not Outcome.SAME:
        lay_out(tx, [case])
        let_fall_with_case(tx, _clips(tx, told.number))
    return outcome


def _columns(told: CaseTold) -> dict[str, object]:
    return {
        "number": told.number,
        "title": told.title,
        "kind": told.kind,
        "stage": told.stage,
        "unit": told.unit,
        "opened": None if told.opened is None else stamp(told.opened),
        "incidents": "\n".join(sorted(set(told.incidents))),
    }


def _clips(tx: Transaction, number: str) -> Sequence[str]:
    """The clips linked to an event that case *number* names."""
    linked = (
        select(LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .join(CaseIncidentRow, CaseIncidentRow.number == IncidentRow.number)
        .where(CaseIncidentRow.case_id == number, counts())
        .distinct()
        .order_by(LinkRow.clip)
    )
    return tx.session.scalars(linked).all()
