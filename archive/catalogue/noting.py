"""Puts on record what a feed tells: a new row, a changed one, or that one was withdrawn.

One rule: what was told before, word for word, leaves no trace; a feed may tell it as often as it
likes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.feed_tables import AssignmentRow, CaseRow, DutyRow, StayRow
from archive.catalogue.tables import IncidentRow
from archive.catalogue.tellings import COMMITMENT, TELLINGS
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind


class Outcome(StrEnum):
    """What became of one row that a feed told."""

    NEW = "new"
    CHANGED = "changed"
    """Also: it was withdrawn, and stands again."""
    WITHDRAWN = "withdrawn"
    SAME = "same"
    """It was known already, or what it withdraws is not known or was withdrawn before."""


ToldRow = IncidentRow | CaseRow | DutyRow | AssignmentRow | StayRow
"""A row of a table of :data:`archive.catalogue.tellings.TELLINGS`."""


def note(
    tx: Transaction,
    kind: EntryKind,
    row: ToldRow | None,
    new: type[ToldRow],
    told: Mapping[str, object],
) -> tuple[Outcome, str]:
    """Bring *row*, or a *new* one if there is none, to what is *told*; what it was, and its id.

    *told* are all columns that the entry commits to, and those beside them.
    """
    telling = TELLINGS[kind]
    columns = telling.columns(telling.facts(told))
    columns |= {name: told[name] for name in telling.beside}
    if row is not None and row.withdrawn_entry is None and _holds(row, columns):
        return Outcome.SAME, row.id
    opening = Opening.fresh(telling.committed(told))
    name = new_id(telling.prefix) if row is None else row.id
    entry = tx.record(
        kind,
        ARCHIVE,
        commitments={COMMITMENT: opening.commitment.hex},
        changed=None if row is None else True,
        **{telling.names: name},
    )
    found = Outcome.NEW if row is None else Outcome.CHANGED
    held = new(id=name) if row is None else row
    columns |= {"by_entry": entry, "salt": opening.salt, "withdrawn_entry": None}
    for column, value in columns.items():
        setattr(held, column, value)
    tx.session.add(held)
    tx.session.flush()
    return found, name


def withdraw(tx: Transaction, kind: EntryKind, row: ToldRow | None) -> Outcome:
    """Put on record that what *row* holds was withdrawn; it stays, with that entry."""
    if row is None or row.withdrawn_entry is not None:
        return Outcome.SAME
    name = TELLINGS[kind].names
    row.withdrawn_entry = tx.record(kind, ARCHIVE, withdrawn=True, **{name: row.id})
    tx.session.flush()
    return Outcome.WITHDRAWN


def _holds(row: ToldRow, columns: Mapping[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in columns.items())
