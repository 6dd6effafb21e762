"""Cases: which a clip is in, and when they were closed.

A case is known by its number, as the incidents tell it that a clip is linked to.  One rule: a case
is open until somebody says that it is closed, since an open one forbids that its footage goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, exists, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.linked import counts
from archive.catalogue.tables import ClipRow, ClosingRow, IncidentRow, LinkRow
from evidence.clip import new_id
from evidence.clock import unstamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn
from evidence.law.decision import CaseFact
from evidence.wire import CasePage, CaseShown, ClosingShown


def close(tx: Transaction, person: str, number: str, reason: str) -> str:
    """Put on record that case *number* is closed; the id of its closing.

    NotKnown if no incident names it, OutOfTurn if it is closed.
    """
    _must_be_known(tx, number)
    if (stands := _standing(tx, number)) is not None:
        raise OutOfTurn(f"case {number} was closed before, by entry {stands.by_entry}")
    closing = new_id("k")
    named, why = (Opening.fresh(each) for each in (number, reason))
    entry = tx.record(
        EntryKind.CASE_CLOSED,
        person,
        closing=closing,
        commitments={"case": named.commitment.hex, "reason": why.commitment.hex},
    )
    row = ClosingRow(
        id=closing,
        case_id=number,
        case_salt=named.salt,
        by_entry=entry,
        reason=reason,
        reason_salt=why.salt,
    )
    tx.session.add(row)
    tx.session.flush()
    return closing


def reopen(tx: Transaction, person: str, number: str, reason: str) -> None:
    """Put on record that case *number* is open again.

    NotKnown if no incident names it, OutOfTurn if it is not closed.
    """
    _must_be_known(tx, number)
    row = _standing(tx, number)
    if row is None:
        raise OutOfTurn(f"case {number} is open")
    why = Opening.fresh(reason)
    row.reopened_entry = tx.record(
        EntryKind.CASE_REOPENED,
        person,
        closing=row.id,
        commitments={"reopen_reason": why.commitment.hex},
    )
    row.reopen_reason, row.reopen_salt = reason, why.salt
    tx.session.flush()


def shown(tx: Transaction, number: str) -> CaseShown:
    """Case *number* as people see it; NotKnown if no incident names it."""
    _must_be_known(tx, number)
    incidents = select(func.count()).select_from(IncidentRow).where(IncidentRow.case_id == number)
    rows = select(ClosingRow).where(ClosingRow.case_id == number).order_by(ClosingRow.by_entry)
    closings = [_shown(tx, row) for row in tx.session.scalars(rows).all()]
    return CaseShown(
        number=number,
        incidents=tx.session.scalar(incidents) or 0,
        clips=len(clips_in(tx, number)),
        is_open=not closings or closings[-1].reopened is not None,
        closings=closings,
    )


def page(tx: Transaction, after: str, most: int) -> CasePage:
    """The next *most* cases behind number *after*."""
    rows = (
        select(IncidentRow.case_id)
        .where(IncidentRow.case_id > after)
        .distinct()
        .order_by(IncidentRow.case_id)
        .limit(most)
    )
    numbers = [str(number) for number in tx.session.scalars(rows)]
    following = numbers[-1] if len(numbers) == most else None
    return CasePage(cases=[shown(tx, number) for number in numbers], next=following)


def clips_in(tx: Transaction, number: str) -> Sequence[str]:
    """The clips that are linked to an incident of case *number*."""
    rows = (
        select(LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(IncidentRow.case_id == number, counts())
        .distinct()
        .order_by(LinkRow.clip)
    )
    return tx.session.scalars(rows).all()


def facts(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[CaseFact]]:
    """Clip -> the cases it is in, for the rules; clips in none are left out."""
    rows = tx.session.execute(
        select(LinkRow.clip, IncidentRow.case_id)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(LinkRow.clip.in_(clips), IncidentRow.case_id.is_not(None), counts())
        .distinct()
        .order_by(LinkRow.clip, IncidentRow.case_id)
    ).all()
    standing = {number: _standing(tx, number) for number in {str(each) for _, each in rows}}
    found: dict[str, list[CaseFact]] = {}
    for clip, case in rows:
        number = str(case)
        row = standing[number]
        closed = None if row is None else unstamp(at(tx, row.by_entry))
        found.setdefault(clip, []).append(CaseFact(case=number, closed=closed))
    return found


def closed_by(tx: Transaction, clip: str) -> Mapping[str, int]:
    """Closing -> log index of its entry, for the closed cases that *clip* is in."""
    cases = facts(tx, [clip]).get(clip, [])
    rows = (_standing(tx, each.case) for each in cases)
    return {row.id: row.by_entry for row in rows if row is not None}


def is_in_open_case() -> ColumnElement[bool]:
    """Whether the clip of a row of clips is in a case that is open, for a query."""
    closed = exists().where(
        ClosingRow.case_id == IncidentRow.case_id, ClosingRow.reopened_entry.is_(None)
    )
    return exists().where(
        LinkRow.clip == ClipRow.id,
        counts(),
        IncidentRow.id == LinkRow.incident,
        IncidentRow.case_id.is_not(None),
        ~closed,
    )


def _must_be_known(tx: Transaction, number: str) -> None:
    if not tx.session.scalar(select(exists().where(IncidentRow.case_id == number))):
        raise NotKnown(f"no incident names a case {number[:80]!r}")


def _standing(tx: Transaction, number: str) -> ClosingRow | None:
    """The closing of case *number* that was not undone; None: it is open."""
    return tx.session.scalar(
        select(ClosingRow).where(ClosingRow.case_id == number, ClosingRow.reopened_entry.is_(None))
    )


def _shown(tx: Transaction, row: ClosingRow) -> ClosingShown:
    undone = row.reopened_entry
    return ClosingShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        reason=row.reason,
        reopened=None if undone is None else at(tx, undone),
        reopen_reason=row.reopen_reason,
    )
