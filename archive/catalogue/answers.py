"""Answers to what lacks: one person says why, and it counts once another person agrees.

One rule: neither whoever said it nor whom it is about may agree; two accounts of one officer number
are one person.  Kinds of answers are :mod:`archive.catalogue.excuses` and
:mod:`archive.catalogue.outages`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage_tables import ExcuseRow, OutageRow
from archive.catalogue.entries import at
from archive.catalogue.populations import names
from archive.catalogue.proposals import identity
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.wire import AnswerShown

AnswerRow = ExcuseRow | OutageRow
Row = TypeVar("Row", bound=AnswerRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKind(Generic[Row]):
    """One kind of answer."""

    name: str
    """What entries and people call it."""
    table: type[Row]
    agreed: EntryKind
    ended: EntryKind


def open_one(tx: Transaction, kind: AnswerKind[Row], answer: str) -> Row:
    """The answer that nobody ended; NotKnown without it; OutOfTurn if it has ended."""
    row = tx.session.get(kind.table, answer)
    if row is None:
        raise NotKnown(f"there is no {kind.name} {answer[:80]}")
    if row.ended_entry is not None:
        raise OutOfTurn(f"{kind.name} {answer} has ended, by entry {row.ended_entry}")
    return row


def agree(
    tx: Transaction, kind: AnswerKind[Row], person: str, row: Row, about: Iterable[str] = ()
) -> None:
    """Put on record that *person* agrees, from when on it counts.

    *about*: identities of whom it is about.  OutOfTurn if somebody agreed before; Refused for
    whoever said it, and for whom it is about, whatever account is used.
    """
    if row.approved_entry is not None:
        raise OutOfTurn(f"{kind.name} {row.id} was approved before, by entry {row.approved_entry}")
    if identity(tx, person) in {*about, identity(tx, row.asker)}:
        raise Refused(
            f"{kind.name} {row.id} needs another person than the one who asked,"
            " or whom it is about",
            advice="Ask another supervisor or the legal staff to look at it.",
        )
    row.approved_entry = tx.record(kind.agreed, person, **{kind.name: row.id})
    row.approver = person
    tx.session.flush()


def end(tx: Transaction, kind: AnswerKind[Row], person: str, row: Row, reason: str) -> None:
    """Put on record that it does not count, or no longer; as *reason* says."""
    why = Opening.fresh(reason)
    commitments = {"end_reason": why.commitment.hex}
    row.ended_entry = tx.record(kind.ended, person, commitments=commitments, **{kind.name: row.id})
    row.ender, row.end_reason, row.end_salt = person, reason, why.salt
    tx.session.flush()


def counts(shown: AnswerShown) -> bool:
    """Whether it explains anything: another person agreed, and nobody ended it."""
    return shown.approved is not None and shown.ended is None


def said(tx: Transaction, row: AnswerRow) -> dict[str, Any]:
    """The fields of :class:`evidence.wire.AnswerShown` for *row*, of whatever kind it is."""
    persons = {each for each in (row.asker, row.approver, row.ender) if each is not None}
    named = names(tx, persons)
    agreed, ended = row.approved_entry, row.ended_entry
    shown = AnswerShown(
        id=row.id,
        entry=row.by_entry,
        at=at(tx, row.by_entry),
        code=row.code,
        reason=row.reason,
        asker=row.asker,
        asker_name=named.get(row.asker, row.asker),
        approved=None if agreed is None else at(tx, agreed),
        approver_name=None if row.approver is None else named.get(row.approver, row.approver),
        ended=None if ended is None else at(tx, ended),
        ender_name=None if row.ender is None else named.get(row.ender, row.ender),
        end_reason=row.end_reason,
    )
    return msgspec.structs.asdict(shown)
