"""The whole course of a case or an event, for one page: recordings, acts, documents, dossiers.

Every question goes by an index, and long lists come in parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, SQLColumnExpression, select

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
from archive.catalogue.tables import (
    ClipRow,
    ClosingRow,
    EntryRow,
    IncidentRow,
    LinkRow,
    PersonRow,
    RenditionRow,
)
from evidence.clock import stamp, unstamp
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
_AT_ONCE = 400


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
    shown = closings.shown(tx, number)
    incidents = _incidents(tx, select(IncidentRow).where(cases.incidents_in(number)))
    clips, handed = cases.clips_of(tx, number), documents.of_case(tx, number)
    beside = _beside_case(tx, number, [row.id for row in handed])
    acts, more = _acts(tx, clips, {*beside, *(row.by_entry for row in incidents)}, part.acts)
    rows, following = _recordings(tx, clips, part.recordings)
    return Replay(
        number=number,
        case=shown,
        cases=[],
        incidents=[_incident(row) for row in incidents],
        recordings=_shown(tx, rows, incidents, number),
        recordings_in_all=len(clips),
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
    incidents = _incidents(tx, select(IncidentRow).where(is_of))
    if not incidents:
        raise NotKnown(f"there is no incident {number[:80]!r}")
    clips = tx.session.scalars(cases.linked_to(is_of)).all()
    acts, more = _acts(tx, clips, {row.by_entry for row in incidents}, part.acts)
    rows, following = _recordings(tx, clips, part.recordings)
    return Replay(
        number=number,
        case=None,
        cases=_cases(tx, incidents, number),
        incidents=[_incident(row) for row in incidents],
        recordings=_shown(tx, rows, incidents, None),
        recordings_in_all=len(clips),
        documents=[],
        dossiers=[],
        acts=acts,
        utc_offset_minutes=offset_minutes,
        next_recordings=following,
        next_acts=more,
    )


def _incidents(tx: Transaction, wanted: Select[IncidentRow]) -> list[IncidentRow]:
    rows = wanted.order_by(IncidentRow.dispatched, IncidentRow.id).limit(MOST_INCIDENTS)
    return list(tx.session.scalars(rows))


def _cases(tx: Transaction, incidents: Sequence[IncidentRow], number: str) -> list[CaseOfClip]:
    """The cases that an event is of."""
    named = {row.case_id for row in incidents if row.case_id is not None}
    named |= set(cases.naming_event(tx, number))
    shown = [closings.shown(tx, each) for each in sorted(named)]
    return [
        CaseOfClip(number=each.number, closed=None if each.is_open else each.closings[-1].at)
        for each in shown
    ]


def _beside_case(tx: Transaction, number: str, handed: Sequence[str]) -> set[int]:
    """Log indexes of what was done about the case itself, and not about a clip that it has."""
    found: set[int | None] = set()
    for entry, case in _ABOUT_CASES:
        found.update(tx.session.scalars(select(entry).where(case == number)))
    for row in tx.session.scalars(select(CaseRow).where(CaseRow.number == number)):
        found |= {row.by_entry, row.withdrawn_entry}
    for some in _parts(handed):
        views = select(DocumentViewRow.by_entry).where(DocumentViewRow.document.in_(some))
        found |= set(tx.session.scalars(views))
    return {each for each in found if each is not None}


_ABOUT_CASES: tuple[tuple[SQLColumnExpression[int | None], SQLColumnExpression[str]], ...] = (
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


def _acts(
    tx: Transaction, clips: Sequence[str], beside: set[int], after: int
) -> tuple[list[EntryShown], str | None]:
    """The next acts behind *after*, and what to ask for more."""
    numbers = set(beside)
    for some in _parts(clips):
        numbers |= set(tx.session.scalars(select(EntryRow.seq).where(EntryRow.clip.in_(some))))
    coming = sorted(each for each in numbers if each > after)
    part = coming[:ACTS]
    following = str(part[-1]) if len(coming) > ACTS else None
    return entries.numbered(tx, part), following


def _recordings(
    tx: Transaction, clips: Sequence[str], after: int
) -> tuple[list[ClipRow], str | None]:
    """The next of *clips* in the order in which they came in, and what to ask for more."""
    places: list[tuple[int, str]] = []
    for some in _parts(clips):
        known = select(ClipRow.archived_entry, ClipRow.id).where(ClipRow.id.in_(some))
        places += [(entry, clip) for entry, clip in tx.session.execute(known) if entry > after]
    part = sorted(places)[:RECORDINGS]
    rows = [tx.session.get_one(ClipRow, clip) for _, clip in part]
    return rows, str(part[-1][0]) if len(places) > RECORDINGS else None


def _shown(
    tx: Transaction, rows: Sequence[ClipRow], incidents: Sequence[IncidentRow], case: str | None
) -> list[RecordingShown]:
    """The recordings in order of time; those whose time nobody knows last."""
    ids = [row.id for row in rows]
    lengths: dict[str, int | None] = {}
    for some in _parts(ids):
        columns = select(RenditionRow.clip, RenditionRow.duration_ms)
        lengths |= dict(tx.session.execute(columns.where(RenditionRow.clip.in_(some))).all())
    why = _why(tx, incidents, case)
    found = [_recording(row, lengths.get(row.id), why.get(row.id, [])) for row in rows]
    return sorted(found, key=lambda each: (each.start is None, each.start or "", each.clip))


def _why(
    tx: Transaction, incidents: Sequence[IncidentRow], case: str | None
) -> Mapping[str, list[WhyIn]]:
    """Clip -> why it belongs here."""
    found: dict[str, list[WhyIn]] = {}
    numbers = {row.id: row.number for row in incidents}
    for some in _parts(list(numbers)):
        links = select(LinkRow).where(LinkRow.incident.in_(some), counts())
        for link in tx.session.scalars(links.order_by(LinkRow.by_entry)):
            told = WhyIn(
                incident=numbers[link.incident],
                entry=link.by_entry,
                reason=link.reason,
                seconds_outside=link.seconds_outside,
            )
            found.setdefault(link.clip, []).append(told)
    if case is not None:
        for clip, told in _placed(tx, case):
            found.setdefault(clip, []).append(told)
    return found


def _placed(tx: Transaction, case: str) -> Iterator[tuple[str, WhyIn]]:
    rows = tx.session.execute(
        select(CaseClipRow, PersonRow.name)
        .outerjoin(PersonRow, PersonRow.id == CaseClipRow.placer)
        .where(CaseClipRow.case_id == case, CaseClipRow.taken_entry.is_(None))
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
        start=_start(row),
        offset_ms=row.clock_offset_ms,
        length_ms=length,
        received=row.received,
        why=why,
    )


def _start(row: ClipRow) -> str | None:
    """The start on the station's clock; None if nobody tells one that a calendar has."""
    claimed = row.started or row.claimed_start
    if claimed is None:
        return None
    try:
        return stamp(unstamp(claimed) - timedelta(milliseconds=row.clock_offset_ms or 0))
    except OverflowError:
        return None


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


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(values), _AT_ONCE):
        yield values[first : first + _AT_ONCE]
