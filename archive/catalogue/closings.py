"""When cases were closed, and what follows for their clips (:mod:`archive.catalogue.cases`).

One rule: a case is open until somebody says that it is closed, since an open one forbids that its
footage goes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, exists, select

from archive.catalogue import cases
from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.feed_tables import CaseRow
from archive.catalogue.tables import ClipRow, ClosingRow
from evidence.clip import new_id
from evidence.clock import unstamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import OutOfTurn
from evidence.law.decision import CaseFact
from evidence.wire import CasePage, CaseShown, ClosingShown


def close(tx: Transaction, person: str, number: str, reason: str) -> str:
    """Put on record that case *number* is closed; the id of its closing.

    NotKnown if nothing names it, OutOfTurn if it is closed.
    """
    must_be_open(tx, number)
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


def must_be_open(tx: Transaction, number: str) -> None:
    """NotKnown if nothing names case *number*, OutOfTurn if it is closed."""
    cases.must_be_known(tx, number)
    if (stands := _standing(tx, number)) is not None:
        raise OutOfTurn(f"case {number} was closed before, by entry {stands.by_entry}")


def reopen(tx: Transaction, person: str, number: str, reason: str) -> None:
    """Put on record that case *number* is open again.

    NotKnown if nothing names it, OutOfTurn if it is not closed.
    """
    cases.must_be_known(tx, number)
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
    """Case *number* as people see it; NotKnown if nothing names it."""
    cases.must_be_known(tx, number)
    return _all_shown(tx, [number])[0]


def page(tx: Transaction, after: str, most: int) -> CasePage:
    """The next *most* cases behind number *after*."""
    numbers = cases.known(tx, after, most)
    following = numbers[-1] if len(numbers) == most else None
    return CasePage(cases=_all_shown(tx, numbers), next=following)


def _all_shown(tx: Transaction, numbers: Sequence[str]) -> list[CaseShown]:
    """These cases as people see them; as many questions, however many there are."""
    sizes, closed = cases.sizes(tx, numbers), dict[str, list[ClosingShown]]()
    rows = select(ClosingRow).where(ClosingRow.case_id.in_(numbers)).order_by(ClosingRow.by_entry)
    for row in tx.session.scalars(rows).all():
        closed.setdefault(row.case_id, []).append(_shown(tx, row))
    stands = CaseRow.number.in_(numbers), CaseRow.withdrawn_entry.is_(None)
    told = {row.number: row for row in tx.session.scalars(select(CaseRow).where(*stands))}
    return [
        _case(number, sizes[number], closed.get(number, []), told.get(number)) for number in numbers
    ]


def _case(
    number: str, size: tuple[int, int], closed: list[ClosingShown], told: CaseRow | None
) -> CaseShown:
    return CaseShown(
        number=number,
        incidents=size[0],
        clips=size[1],
        is_open=not closed or closed[-1].reopened is not None,
        closings=closed,
        title=None if told is None else told.title,
        kind=None if told is None else told.kind,
        stage=None if told is None else told.stage,
        unit=None if told is None else told.unit,
        opened=None if told is None else told.opened,
    )


def facts(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[CaseFact]]:
    """Clip -> the cases it is in, for the rules; clips in none are left out."""
    found = cases.cases_of(tx, clips)
    closed = {
        number: _closed(tx, number) for number in {n for each in found.values() for n in each}
    }
    return {
        clip: [CaseFact(case=number, closed=closed[number]) for number in numbers]
        for clip, numbers in found.items()
    }


def closed_by(tx: Transaction, clip: str) -> Mapping[str, int]:
    """Closing -> log index of its entry, for the closed cases that *clip* is in."""
    rows = (_standing(tx, number) for number in cases.cases_of(tx, [clip]).get(clip, ()))
    return {row.id: row.by_entry for row in rows if row is not None}


def is_in_open_case() -> ColumnElement[bool]:
    """Whether the clip of a row of clips is in a case that is open, for a query."""
    return cases.is_in(ClipRow.id, _is_open)


def _is_open(number: SQLColumnExpression[str | None]) -> ColumnElement[bool]:
    return ~exists().where(ClosingRow.case_id == number, ClosingRow.reopened_entry.is_(None))


def _closed(tx: Transaction, number: str) -> datetime | None:
    row = _standing(tx, number)
    return None if row is None else unstamp(at(tx, row.by_entry))


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
