"""What a package is made of, read at one moment, and the entry that says that it is taken out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from sqlalchemy import Select, or_, select

from archive.catalogue import cases, entries, lawful
from archive.catalogue.case_tables import CaseExportRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.lawful import ReliedOn
from archive.catalogue.moves import KINDS
from archive.catalogue.sealed import must_not_be_going
from archive.catalogue.tables import (
    ClipRow,
    DerivedRow,
    EntryRow,
    IncidentRow,
    PersonRow,
    RenditionRow,
    StationRow,
)
from evidence.clip import ClipState, new_id
from evidence.commitment import Opening
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import NotKnown
from evidence.package import Selection
from evidence.tombstone import DONE

_AT_ONCE = 400
"""Values in one question to the database."""
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedObject:
    """One object of a clip's rendition."""

    name: str
    key: str
    version_id: str
    sha256: str
    size: int
    entry: int
    """Of the ``derive`` entry that names its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One clip that is to be taken out."""

    clip: str
    entry: int
    """Log index of its ``archive.verified`` entry."""
    name: str
    """Its file name, escaped for showing."""
    sha256: str
    size: int
    key: str
    version_id: str
    manifest_sha256: str
    entries: tuple[int, ...]
    moves: tuple[int, ...]
    """Those of them that may say where the original lies since."""
    derived: tuple[DerivedObject, ...]
    is_gone: bool
    """Whether it was disposed of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A selection, and the size of the log when it was made."""

    size: int
    clips: tuple[Wanted, ...]
    stations: Mapping[str, int]
    """Station -> log index of its ``station.enrol`` entry.

    Those that wrote some of the entries about the clips; all that there are if all is selected.
    """
    names: Mapping[str, str]
    """Id of a station or person that wrote some of them -> what people call it."""
    relied_on: ReliedOn
    """What disposals, and dates that were made shorter, rest on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """A clip of an officer, and the times that say of which day it is."""

    clip: str
    entry: int
    started: str | None
    received: str


def aged(tx: Transaction, officer: str) -> list[Aged]:
    """Every clip of *officer* (folded), oldest first."""
    columns = (ClipRow.id, ClipRow.archived_entry, ClipRow.started, ClipRow.received)
    rows = tx.session.execute(
        select(*columns).where(ClipRow.officer_key == officer).order_by(ClipRow.archived_entry)
    )
    return [Aged(clip=a, entry=b, started=c, received=d) for a, b, c, d in rows]


def gone(tx: Transaction, entries: Collection[int]) -> list[str]:
    """The clips that came in by one of *entries* and were disposed of since, oldest first."""
    found: list[tuple[int, str]] = []
    for some in _parts(sorted(entries)):
        rows = select(ClipRow.archived_entry, ClipRow.id).where(
            ClipRow.archived_entry.in_(some), ClipRow.state == ClipState.DISPOSED.value
        )
        found += [(entry, clip) for entry, clip in tx.session.execute(rows)]
    return [clip for _, clip in sorted(found)]


def take(
    tx: Transaction, selection: Selection, *, with_renditions: bool, may_be_bare: bool = False
) -> Taken:
    """All that a package of *selection* holds.

    NotKnown if it names something that is not there; OutOfTurn if it selects what is sealed, which
    only a whole package still holds.
    Of an officer's day the clips are listed in the selection already, as the caller found them;
    there may be none, nor where it *may_be_bare*: it holds something else.
    """
    size = entries.count(tx)
    rows = _rows(tx, selection)
    if not (rows or may_be_bare or selection.kind == "officer-day"):
        raise NotKnown("no clip is selected: there is nothing to export")
    ids = [row.id for row in rows]
    if selection.kind != "all":
        for part in _parts(ids):
            must_not_be_going(tx, part)
    about = _entries_about(tx, ids, size)
    moves = _entries_about(tx, ids, size, KINDS)
    derived = _derived(tx, ids) if with_renditions else {}
    numbers = {number for of_clip in about.values() for number in of_clip}
    by = set[str]()
    for some in _parts(sorted(numbers)):
        by |= set(tx.session.scalars(select(EntryRow.by).where(EntryRow.seq.in_(some))))
    if selection.kind == "all":  # one that never brought a clip is in the log as well
        by |= set(tx.session.scalars(select(StationRow.id).where(StationRow.by_entry < size)))
    stations, names = _who(tx, by)
    gone = _entries_about(tx, ids, size, [DONE])
    clips = [
        _wanted(row, about[row.id], moves[row.id], derived.get(row.id, []), gone[row.id])
        for row in rows
    ]
    return Taken(
        size=size,
        clips=tuple(clips),
        stations=stations,
        names=names,
        relied_on=lawful.relied_on(tx, ids, size, is_whole=selection.kind == "all"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the ``export`` entry says."""

    by: str
    statement: Sha256
    selection: str
    clips: int
    size: int
    record: Sha256
    commitments: Mapping[str, Sha256]


def record(tx: Transaction, said: Said, case: str | None = None) -> int:
    """Put on record that a package, of *case* or of none, is taken out; the entry's log index."""
    entry = tx.record(
        EntryKind.EXPORTED,
        said.by,
        statement={"sha256": said.statement.hex},
        selection=said.selection,
        clips=said.clips,
        size=said.size,
        record={"sha256": said.record.hex},
        commitments={name: digest.hex for name, digest in said.commitments.items()},
    )
    if case is not None:
        _record_case(tx, said.by, case, entry)
    return entry


def _record_case(tx: Transaction, by: str, case: str, entry: int) -> None:
    """Put on record of which case the package of *entry* is, so that the case shows it."""
    made, named = new_id("o"), Opening.fresh(case)
    index = tx.record(
        EntryKind.CASE_EXPORTED,
        by,
        case_export=made,
        export=entry,
        commitments={"case": named.commitment.hex},
    )
    tx.session.add(
        CaseExportRow(id=made, case_id=case, case_salt=named.salt, by_entry=index, export=entry)
    )
    tx.session.flush()


def records(tx: Transaction, size: int) -> list[str]:
    """Digests of the records that ``export`` entries below *size* name, in order."""
    rows = tx.session.scalars(
        select(EntryRow.raw)
        .where(EntryRow.kind == EntryKind.EXPORTED.value, EntryRow.seq < size)
        .order_by(EntryRow.seq)
    )
    return [
        str(cast("Mapping[str, object]", Entry(raw).fields["record"])["sha256"]) for raw in rows
    ]


def _rows(tx: Transaction, selection: Selection) -> list[ClipRow]:
    """The selected clips in the order in which they came in."""
    every = select(ClipRow).order_by(ClipRow.archived_entry)
    match selection.kind:
        case "all":
            return list(tx.session.scalars(every))
        case "incident" | "case":
            linked = _linked(tx, selection)
            return list(tx.session.scalars(every.where(ClipRow.id.in_(linked))))
        case "clips" | "officer-day":
            return _named(tx, selection.clips)


def _named(tx: Transaction, ids: Sequence[str]) -> list[ClipRow]:
    found: list[ClipRow] = []
    for some in _parts(sorted(set(ids))):
        found += tx.session.scalars(select(ClipRow).where(ClipRow.id.in_(some)))
    if missing := sorted(set(ids) - {row.id for row in found}):
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        raise NotKnown(f"there is no archived clip {missing[0]!r}{more}")
    return sorted(found, key=lambda row: row.archived_entry)


def _linked(tx: Transaction, selection: Selection) -> Select[str]:
    """The clips of an incident (its id or number) or of a case."""
    subject = selection.subject or ""
    if selection.kind == "case":
        cases.must_be_known(tx, subject)
        return select(cases.clips_in(subject).subquery().c.clip)
    is_it = or_(IncidentRow.id == subject, IncidentRow.number == subject)
    if tx.session.scalar(select(IncidentRow.id).where(is_it).limit(1)) is None:
        raise NotKnown(f"there is no {selection.kind} {subject!r}")
    return cases.linked_to(is_it)


def _entries_about(
    tx: Transaction, ids: Sequence[str], size: int, kinds: Sequence[str] = ()
) -> Mapping[str, list[int]]:
    """Clip -> its entries below *size*, in order; those of some *kinds* if any are given."""
    of_kind = [EntryRow.kind.in_([str(each) for each in kinds])] if kinds else []
    found: dict[str, list[int]] = {clip: [] for clip in ids}
    for some in _parts(ids):
        rows = tx.session.execute(
            select(EntryRow.seq, EntryRow.clip)
            .where(EntryRow.clip.in_(some), EntryRow.seq < size, *of_kind)
            .order_by(EntryRow.seq)
        )
        for number, clip in rows:
            found[str(clip)].append(number)
    return found


def _derived(tx: Transaction, ids: Sequence[str]) -> Mapping[str, list[DerivedObject]]:
    found: dict[str, list[DerivedObject]] = {}
    for some in _parts(ids):
        rows = tx.session.execute(
            select(DerivedRow, RenditionRow.by_entry)
            .join(RenditionRow, RenditionRow.clip == DerivedRow.clip)
            .where(DerivedRow.clip.in_(some))
            .order_by(DerivedRow.clip, DerivedRow.name)
        )
        for row, entry in rows:
            found.setdefault(row.clip, []).append(
                DerivedObject(
                    name=row.name,
                    key=row.key,
                    version_id=row.version_id,
                    sha256=row.sha256,
                    size=row.size,
                    entry=entry,
                )
            )
    return found


def _who(tx: Transaction, ids: set[str]) -> tuple[Mapping[str, int], Mapping[str, str]]:
    stations: dict[str, int] = {}
    names: dict[str, str] = {}
    for some in _parts(sorted(ids)):
        rows = tx.session.scalars(select(StationRow).where(StationRow.id.in_(some)))
        for row in rows:
            stations[row.id], names[row.id] = row.by_entry, row.name
        people = tx.session.execute(
            select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(some))
        )
        names |= dict(people.all())
    return stations, names


def _wanted(
    row: ClipRow,
    about: Sequence[int],
    moves: Sequence[int],
    derived: Sequence[DerivedObject],
    gone: Sequence[int],
) -> Wanted:
    return Wanted(
        clip=row.id,
        entry=row.archived_entry,
        name=row.name,
        sha256=row.sha256,
        size=row.size,
        key=row.key,
        version_id=row.version_id,
        manifest_sha256=row.manifest_sha256,
        entries=tuple(about),
        moves=tuple(moves),
        derived=tuple(derived),
        is_gone=bool(gone),
    )


def _parts(values: Sequence[ValueT]) -> Iterator[Sequence[ValueT]]:
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
