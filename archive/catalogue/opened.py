"""What entries commit to and no clip's manifest opens, as the catalogue's rows open it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import select

from archive.catalogue.case_tables import (
    CaseClipRow,
    CaseExportRow,
    DocumentRow,
    DocumentViewRow,
    DossierRow,
)
from archive.catalogue.catalogue import Transaction
from archive.catalogue.choice_tables import ChoiceRow
from archive.catalogue.coverage_tables import ExcuseRow, OutageRow
from archive.catalogue.feed_tables import AssignmentRow, CaseRow, DutyRow, FeedKeyRow, StayRow
from archive.catalogue.marker_tables import MarkerRow
from archive.catalogue.noting import ToldRow
from archive.catalogue.review_tables import (
    DrawRow,
    FindingActRow,
    FindingRow,
    ReviewRow,
    SheetRow,
)
from archive.catalogue.sayings import SAYINGS
from archive.catalogue.tables import (
    ClosingRow,
    EntryRow,
    HoldRow,
    IncidentRow,
    PersonRow,
    ProposalRow,
    ReachedRow,
    RenditionRow,
    StationRow,
    ViewReasonRow,
)
from archive.catalogue.tellings import COMMITMENT, TELLINGS
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind

WORK = "openings"
_IN_CASES = (CaseClipRow, DocumentRow, DocumentViewRow, DossierRow, CaseExportRow)
_IN_REVIEWS = (DrawRow, ReviewRow, SheetRow, FindingRow, FindingActRow)
_OF_CLIPS = (HoldRow, ProposalRow, MarkerRow, ChoiceRow)
_ANSWERS = (ExcuseRow, OutageRow)
_SAID = {
    row.__tablename__: row
    for row in (*_OF_CLIPS, ClosingRow, FeedKeyRow, *_ANSWERS, *_IN_REVIEWS, *_IN_CASES)
}
_TOLD: Mapping[str, type[ToldRow]] = {
    "incident": IncidentRow,
    "police_case": CaseRow,
    "duty": DutyRow,
    "assignment": AssignmentRow,
    "stay": StayRow,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is known about one entry."""

    entry: int
    openings: Mapping[str, Opening] = field(default_factory=dict)
    columns: Mapping[str, str | int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of it, and how far along the log it reaches."""

    found: list[Told]
    through: int


def through(tx: Transaction, work: str = WORK) -> int:
    """The last log index whose openings are kept elsewhere, by *work*; -1 if none is."""
    row = tx.session.get(ReachedRow, work)
    return -1 if row is None else row.through


def reached(tx: Transaction, entry: int, work: str = WORK) -> None:
    """They are kept up to log index *entry*."""
    tx.session.merge(ReachedRow(work=work, through=entry))


def since(tx: Transaction, after: int, size: int, limit: int) -> Part:
    """What is known of the entries behind *after* and below *size*, of some of them at a time.

    Left out is what was superseded meanwhile, or forgotten.
    """
    rows = tx.session.execute(
        select(EntryRow.seq, EntryRow.kind, EntryRow.raw)
        .where(EntryRow.seq > after, EntryRow.seq < size, EntryRow.kind.in_(_KNOWN))
        .order_by(EntryRow.seq)
        .limit(limit)
    ).all()
    told = [_KNOWN[kind](tx, seq, Entry(raw)) for seq, kind, raw in rows]
    last = rows[-1][0] if len(rows) == limit else max(after, size - 1)
    return Part(found=[each for each in told if each is not None], through=last)


def told(tx: Transaction, entries: Mapping[int, Entry]) -> list[Told]:
    """What rows tell of *entries* (log index -> entry), whatever the rows of entries say."""
    found = (_KNOWN[entry.kind.value](tx, seq, entry) for seq, entry in entries.items())
    return [each for each in found if each is not None]


def _telling(tx: Transaction, seq: int, entry: Entry) -> Told | None:
    """What a feed told, in the row that the entry made or changed last."""
    kind = TELLINGS[entry.kind]
    found = tx.session.get(_TOLD[kind.table], str(entry.fields[kind.names]))
    row = cast("ToldRow | None", found)
    if row is None or row.by_entry != seq:
        return None
    facts = kind.committed({name: getattr(row, name) for name in (*kind.always, *kind.known)})
    if (opening := _opening(entry, COMMITMENT, facts, row.salt)) is None:
        return None
    columns = {name: getattr(row, name) for name in kind.beside}
    return Told(entry=seq, openings={COMMITMENT: opening}, columns=columns)


def _view(tx: Transaction, seq: int, entry: Entry) -> Told | None:
    row = tx.session.get(ViewReasonRow, seq)
    if row is None:
        return None
    value = row.reason.encode("utf-8", "surrogatepass")
    opening = _opening(entry, "reason", value, row.salt)
    return None if opening is None else Told(entry=seq, openings={"reason": opening})


def _person(tx: Transaction, seq: int, entry: Entry) -> Told | None:
    row = tx.session.get(PersonRow, str(entry.fields["person"]))
    if row is None or row.by_entry != seq:
        return None
    values = {"name": (row.name, row.name_salt)}
    if row.officer is not None and row.officer_salt is not None:
        values["officer"] = (row.officer, row.officer_salt)
    return _texts(seq, entry, values)


def _rendition(tx: Transaction, seq: int, entry: Entry) -> Told | None:
    """Why nothing could be made of a clip: no object tells it."""
    row = tx.session.get(RenditionRow, str(entry.clip))
    if row is None or row.by_entry != seq or row.problem is None:
        return None
    return Told(entry=seq, columns={"problem": row.problem})


def _station(tx: Transaction, seq: int, entry: Entry) -> Told | None:
    row = tx.session.get(StationRow, str(entry.fields["by"]))
    if row is None or row.by_entry != seq:
        return None
    return Told(entry=seq, columns={"name": row.name})


def _saying(tx: Transaction, seq: int, entry: Entry) -> Told | None:
    """What a person said, in the row that it made or ended."""
    kind = SAYINGS[entry.kind]
    row = tx.session.get(_SAID[kind.table], str(entry.fields[kind.table]))
    if row is None or getattr(row, kind.column) != seq:
        return None
    held = {
        name: (getattr(row, text), getattr(row, salt)) for name, (text, salt) in kind.texts.items()
    }
    return _texts(seq, entry, {name: each for name, each in held.items() if None not in each})


def _texts(seq: int, entry: Entry, said: Mapping[str, tuple[str, bytes]]) -> Told:
    """What was *said*, as far as it opens what *entry* commits to."""
    found = {
        name: _opening(entry, name, value.encode("utf-8", "surrogatepass"), salt)
        for name, (value, salt) in said.items()
    }
    return Told(entry=seq, openings={name: each for name, each in found.items() if each})


def _opening(entry: Entry, name: str, value: bytes, salt: bytes) -> Opening | None:
    """*value* and *salt* if they open what *entry* commits to: nothing else is ever kept."""
    try:
        opening = Opening(value=value, salt=salt)
    except ValueError:
        return None
    committed = entry.fields.get("commitments")
    fits = isinstance(committed, dict) and committed.get(name) == opening.commitment.hex
    return opening if fits else None


_KNOWN: Mapping[str, Callable[[Transaction, int, Entry], Told | None]] = {
    **{kind.value: _telling for kind in TELLINGS},
    EntryKind.VIEWED.value: _view,
    **{kind.value: _saying for kind in SAYINGS},
    EntryKind.STATION_ENROLLED.value: _station,
    EntryKind.PERSON_CREATED.value: _person,
    EntryKind.RENDITION_MADE.value: _rendition,
}
"""The entries that rows hang on which no manifest opens."""
KINDS = frozenset(map(EntryKind, _KNOWN))
