"""The whole course of a case or an event, for one page: recordings, acts, documents, dossiers.

Every question goes by an index, and long lists come in parts: the database picks what is in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, Subquery, func, select

from archive.catalogue import cases, closings, documents, dossiers, entries
from archive.catalogue.case_tables import (
    CaseClipRow,
    CaseExportRow,
    DocumentRow,
    DocumentViewRow,
    DossierRow,
)
from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import CaseRow
from archive.catalogue.linked import counts
from archive.catalogue.portions import portions
from archive.catalogue.tables import (
    ClipRow,
    ClosingRow,
    EntryRow,
    IncidentRow,
    LinkRow,
    PersonRow,
    RenditionRow,
)
from evidence.errors import NotKnown
from evidence.wire import (
    CaseOfClip,
    EntryShown,
    IncidentReplayed,
    RecordingShown,
    Replay,
    WhyIn,
)

RECORDINGS, ACTS = 500, 200
"""What one part of the lists holds."""
MOST_INCIDENTS = 500
"""What is drawn of them; the answer says how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of the long lists is wanted."""

    recordings: int = -1
    """Behind this log index, by which a clip was archived."""
    acts: int = -1
    """Behind this log index."""


Replayed = Callable[[Transaction, str, Part, int], Replay]


def of_case(tx: Transaction, number: str, part: Part, offset_minutes: int) -> Replay:
    """Case *number*; NotKnown if nothing names it."""
    shown, is_of = closings.shown(tx, number), cases.incidents_in(number)
    incidents, in_all = _incidents(tx, is_of)
    clips, handed = cases.clips_in(number).subquery(), documents.of_case(tx, number)
    beside = [*_about_incidents(is_of), *_about_case(number, [row.id for row in handed])]
    acts, more = _acts(tx, clips, beside, part.acts)
    rows, following = _recordings(tx, clips, part.recordings)
    return Replay(
        number=number,
        case=shown,
        cases=[],
        incidents=[_incident(row) for row in incidents],
        incidents_in_all=in_all,
        recordings=_shown(tx, rows, is_of, number),
        recordings_in_all=_count(tx, clips),
        documents=[documents.shown(tx, row) for row in handed],
        dossiers=dossiers.of_case(tx, number),
        acts=acts,
        utc_offset_minutes=offset_minutes,
        next_recordings=following,
        next_acts=more,
    )


def of_event(tx: Transaction, number: str, part: Part, offset_minutes: int) -> Replay:
    """Event *number* with all its incidents; NotKnown if there is none."""
    is_of = IncidentRow.number == number
    incidents, in_all = _incidents(tx, is_of)
    if not incidents:
        raise NotKnown(f"there is no incident {number[:80]!r}")
    clips = cases.linked_to(is_of).subquery()
    acts, more = _acts(tx, clips, _about_incidents(is_of), part.acts)
    rows, following = _recordings(tx, clips, part.recordings)
    return Replay(
        number=number,
        case=None,
        cases=_cases(tx, number),
        incidents=[_incident(row) for row in incidents],
        incidents_in_all=in_all,
        recordings=_shown(tx, rows, is_of, None),
        recordings_in_all=_count(tx, clips),
        documents=[],
        dossiers=[],
        acts=acts,
        utc_offset_minutes=offset_minutes,
        next_recordings=following,
        next_acts=more,
    )


def _incidents(tx: Transaction, such: ColumnElement[bool]) -> tuple[list[IncidentRow], int]:
    """The first of them in time, and how many there are."""
    ordered = select(IncidentRow).where(such).order_by(IncidentRow.dispatched, IncidentRow.id)
    rows = list(tx.session.scalars(ordered.limit(MOST_INCIDENTS)))
    if len(rows) < MOST_INCIDENTS:
        return rows, len(rows)
    count = select(func.count()).select_from(IncidentRow).where(such)
    return rows, tx.session.scalar(count) or 0


def _cases(tx: Transaction, number: str) -> list[CaseOfClip]:
    """The cases that an event is of."""
    of_event = IncidentRow.number == number, IncidentRow.case_id.is_not(None)
    named = set(tx.session.scalars(select(IncidentRow.case_id).where(*of_event).distinct()))
    named |= set(cases.naming_event(tx, number))
    shown = [closings.shown(tx, each) for each in sorted(map(str, named))]
    return [
        CaseOfClip(number=each.number, closed=None if each.is_open else each.closings[-1].at)
        for each in shown
    ]


Numbers = tuple[SQLColumnExpression[int | None], ColumnElement[bool]]
"""A column of log indexes, and which rows have those that are meant."""


def _about_incidents(such: ColumnElement[bool]) -> list[Numbers]:
    """What feeds last told of the incidents."""
    return [(IncidentRow.by_entry, such)]


def _about_case(number: str, handed: Sequence[str]) -> Iterator[Numbers]:
    """What was done about the case itself, and not about a clip that it has."""
    for entry, case in _ABOUT_CASES:
        yield entry, case == number
    for some in portions(handed):
        yield DocumentViewRow.by_entry, DocumentViewRow.document.in_(some)


_ABOUT_CASES: tuple[tuple[SQLColumnExpression[int | None], SQLColumnExpression[str]], ...] = (
    (CaseRow.by_entry, CaseRow.number),
    (CaseRow.withdrawn_entry, CaseRow.number),
    (ClosingRow.by_entry, ClosingRow.case_id),
    (ClosingRow.reopened_entry, ClosingRow.case_id),
    (CaseClipRow.by_entry, CaseClipRow.case_id),
    (CaseClipRow.taken_entry, CaseClipRow.case_id),
    (DocumentRow.by_entry, DocumentRow.case_id),
    (DossierRow.by_entry, DossierRow.case_id),
    (CaseExportRow.by_entry, CaseExportRow.case_id),
    (CaseExportRow.export, CaseExportRow.case_id),
)
"""Columns that hold log indexes, and those beside them that name the case."""


def _count(tx: Transaction, clips: Subquery) -> int:
    return tx.session.scalar(select(func.count()).select_from(clips)) or 0


def _acts(
    tx: Transaction, clips: Subquery, beside: Iterable[Numbers], after: int
) -> tuple[list[EntryShown], str | None]:
    """The next acts behind *after*, and what to ask for more."""
    about = EntryRow.seq, EntryRow.clip.in_(select(clips.c.clip))
    coming: list[int] = []
    for column, such in (about, *beside):
        some = _apart(select(column.label("entry")).where(such, column > after)).c.entry
        more = tx.session.scalars(select(some).order_by(some).limit(ACTS + 1))
        coming = nsmallest(ACTS + 1, {*coming, *(each for each in more if each is not None)})
    following = str(coming[ACTS - 1]) if len(coming) > ACTS else None
    return entries.numbered(tx, coming[:ACTS]), following


def _recordings(tx: Transaction, clips: Subquery, after: int) -> tuple[list[ClipRow], str | None]:
    """The next of *clips* in the order in which they came in, and what to ask for more."""
    known = _apart(
        select(ClipRow.archived_entry, ClipRow.id).where(
            ClipRow.id.in_(select(clips.c.clip)), ClipRow.archived_entry > after
        )
    )
    part = select(known).order_by(known.c.archived_entry).limit(RECORDINGS + 1)
    coming = [(int(entry), str(clip)) for entry, clip in tx.session.execute(part)]
    ids = [clip for _, clip in coming[:RECORDINGS]]
    rows: dict[str, ClipRow] = {}
    for some in portions(ids):
        rows |= {row.id: row for row in tx.session.scalars(_all_of(some))}
    following = str(coming[RECORDINGS - 1][0]) if len(coming) > RECORDINGS else None
    return [rows[clip] for clip in ids], following


def _apart(rows: Select[*tuple[Any, ...]]) -> Subquery:
    """*rows*, found by what they are, before anybody asks for the first of them.

    Else a database may walk through all that there is in their order, and be wrong about how soon
    it finds them.
    """
    return rows.offset(0).subquery()


def _all_of(clips: Sequence[str]) -> Select[ClipRow]:
    return select(ClipRow).where(ClipRow.id.in_(clips))


def _shown(
    tx: Transaction, rows: Sequence[ClipRow], such: ColumnElement[bool], case: str | None
) -> list[RecordingShown]:
    """The recordings in order of time; those whose time nobody knows last."""
    ids = [row.id for row in rows]
    lengths: dict[str, int | None] = {}
    for some in portions(ids):
        columns = select(RenditionRow.clip, RenditionRow.duration_ms)
        lengths |= dict(tx.session.execute(columns.where(RenditionRow.clip.in_(some))).all())
    why = _why(tx, ids, such, case)
    found = [_recording(row, lengths.get(row.id), why.get(row.id, [])) for row in rows]
    return sorted(found, key=lambda each: (each.start is None, each.start or "", each.clip))


def _why(
    tx: Transaction, clips: Sequence[str], such: ColumnElement[bool], case: str | None
) -> Mapping[str, list[WhyIn]]:
    """Clip -> why it belongs here: by incidents *such* as these, or by a person."""
    found: dict[str, list[WhyIn]] = {}
    for some in portions(clips):
        links = (
            select(LinkRow, IncidentRow.number)
            .join(IncidentRow, IncidentRow.id == LinkRow.incident)
            .where(LinkRow.clip.in_(some), counts(), such)
            .order_by(LinkRow.by_entry)
        )
        for link, number in tx.session.execute(links):
            told = WhyIn(
                incident=number,
                entry=link.by_entry,
                reason=link.reason,
                seconds_outside=link.seconds_outside,
            )
            found.setdefault(link.clip, []).append(told)
        if case is not None:
            for clip, told in _placed(tx, some, case):
                found.setdefault(clip, []).append(told)
    return found


def _placed(tx: Transaction, clips: Sequence[str], case: str) -> Iterator[tuple[str, WhyIn]]:
    rows = tx.session.execute(
        select(CaseClipRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == CaseClipRow.placer)
        .where(CaseClipRow.clip.in_(clips), CaseClipRow.case_id == case)
        .where(CaseClipRow.taken_entry.is_(None))
        .order_by(CaseClipRow.by_entry)
    )
    for row, name in rows:
        told = WhyIn(incident=None, entry=row.by_entry, reason=row.reason, by=name or row.placer)
        yield row.clip, told


def _recording(row: ClipRow, length: int | None, why: list[WhyIn]) -> RecordingShown:
    return RecordingShown(
        clip=row.id,
        camera=row.camera,
        officer=row.officer,
        name=row.name,
        clip_class=row.clip_class,
        state=row.state,
        sha256=row.sha256,
        size=row.size,
        start=row.begins,
        offset_ms=row.clock_offset_ms,
        length_ms=length,
        received=row.received,
        why=why,
    )


def _incident(row: IncidentRow) -> IncidentReplayed:
    return IncidentReplayed(
        id=row.id,
        entry=row.by_entry,
        number=row.number,
        officer=row.officer,
        dispatched=row.dispatched,
        cleared=row.cleared,
        call_type=row.call_type,
        case=row.case_id,
        unit=row.unit,
        place=row.place,
    )
