"""Markers: what people say that clips show, and that they no longer say so.

One rule: a marker is one act and its withdrawal another; neither is ever changed, and both go with
their clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.entries import at
from archive.catalogue.marker_tables import MarkerRow
from archive.catalogue.people import Account
from archive.catalogue.populations import names
from archive.catalogue.proposals import identity
from archive.catalogue.sealed import must_be_live
from archive.catalogue.tables import ClipRow, RenditionRow, StationRow
from evidence import marking
from evidence.clip import new_id
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.rights import Action, Allowed, decide
from evidence.wire import MarkerShown, MarkerWanted


def set_marker(tx: Transaction, by: str, clip: str, wanted: MarkerWanted) -> MarkerShown:
    """Put on record that *clip* shows that, as *by* (a person or a station) says.

    NotKnown without such a clip; OutOfTurn if its destruction has begun; ValueError for a code or
    a moment that is none.
    """
    if tx.session.get(ClipRow, clip) is None:
        raise NotKnown(f"there is no archived clip {clip}")
    must_be_live(tx, clip)
    held = tx.session.get(RenditionRow, clip)
    wrong = marking.problem(wanted.code, wanted.at_ms, None if held is None else held.duration_ms)
    if wrong is not None:
        raise ValueError(wrong)
    note = Opening.fresh(wanted.note) if wanted.note else None
    row = MarkerRow(
        id=new_id("m"),
        clip=clip,
        code=wanted.code,
        at_ms=wanted.at_ms,
        maker=by,
        note=wanted.note or None,
        note_salt=None if note is None else note.salt,
    )
    row.by_entry = tx.record(
        EntryKind.MARKER_SET,
        by,
        clip=clip,
        marker=row.id,
        code=row.code,
        at_ms=row.at_ms,
        commitments=None if note is None else {"note": note.commitment.hex},
    )
    tx.session.add(row)
    tx.session.flush()
    return _shown(tx, [row])[0]


def withdraw(tx: Transaction, person: Account, clip: str, marker: str) -> MarkerShown:
    """Put on record that a marker of *clip* is no longer said.

    NotKnown without it; OutOfTurn if it was withdrawn; Refused for who neither said it nor may
    withdraw what others say.
    """
    row = tx.session.get(MarkerRow, marker)
    if row is None or row.clip != clip:
        raise NotKnown(f"clip {clip} has no marker {marker[:80]}")
    if row.withdrawn_entry is not None:
        raise OutOfTurn(f"marker {marker} was withdrawn, by entry {row.withdrawn_entry}")
    may = isinstance(decide(person.subject, Action.WITHDRAW_MARKER), Allowed)
    if not may and identity(tx, person.id) != identity(tx, row.maker):
        raise Refused(
            "somebody else said that",
            advice="Ask a reviewer to withdraw it.",
        )
    row.withdrawn_entry = tx.record(EntryKind.MARKER_WITHDRAWN, person.id, clip=clip, marker=marker)
    row.withdrawer = person.id
    tx.session.flush()
    return _shown(tx, [row])[0]


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[MarkerShown]]:
    """Clip -> every marker it ever had, by its moment; clips without any are left out."""
    rows = tx.session.scalars(
        select(MarkerRow)
        .where(MarkerRow.clip.in_(clips))
        .order_by(MarkerRow.at_ms, MarkerRow.by_entry)
    ).all()
    found: dict[str, list[MarkerShown]] = {}
    for row, shown in zip(rows, _shown(tx, rows), strict=True):
        found.setdefault(row.clip, []).append(shown)
    return found


def codes_of(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[str]]:
    """Clip -> the codes of the markers of it that stand, once each, in order."""
    rows = tx.session.execute(
        select(MarkerRow.clip, MarkerRow.code)
        .where(MarkerRow.clip.in_(clips), MarkerRow.withdrawn_entry.is_(None))
        .distinct()
    )
    found: dict[str, list[str]] = {}
    for clip, code in sorted(map(tuple, rows)):
        found.setdefault(clip, []).append(code)
    return found


def has(code: str) -> ColumnElement[bool]:
    """Whether the clip of a row of clips has a marker *code* that stands, for a query."""
    marked = select(MarkerRow.clip).where(
        MarkerRow.code == code, MarkerRow.withdrawn_entry.is_(None)
    )
    return ClipRow.id.in_(marked)


def _shown(tx: Transaction, rows: Sequence[MarkerRow]) -> list[MarkerShown]:
    who = {each for row in rows for each in (row.maker, row.withdrawer) if each is not None}
    stations = select(StationRow.id, StationRow.name).where(StationRow.id.in_(who))
    named = {**names(tx, who), **{row.id: row.name for row in tx.session.execute(stations)}}
    return [
        MarkerShown(
            id=row.id,
            entry=row.by_entry,
            at=at(tx, row.by_entry),
            code=row.code,
            at_ms=row.at_ms,
            note=row.note,
            by=row.maker,
            by_name=named.get(row.maker, row.maker),
            withdrawn=None if row.withdrawn_entry is None else at(tx, row.withdrawn_entry),
            withdrawn_by_name=None
            if row.withdrawer is None
            else named.get(row.withdrawer, row.withdrawer),
        )
        for row in rows
    ]
