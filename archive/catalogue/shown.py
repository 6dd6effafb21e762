"""What the catalogue shows: pages of clips, one clip whole, incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, select

from archive.catalogue import (
    cases,
    choices,
    closings,
    entries,
    hints,
    holds,
    judged,
    markers,
    renditions,
    rulings,
)
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import vault_facts
from archive.catalogue.linked import counts
from archive.catalogue.tables import ClipRow, DerivedRow, IncidentRow, LinkRow, RenditionRow
from archive.catalogue.views import THUMBNAIL
from evidence.clip import FOOTAGE, ClipState
from evidence.clock import stamp
from evidence.errors import NotKnown
from evidence.law.decision import CaseFact
from evidence.names import folded
from evidence.wire import (
    CaseOfClip,
    ChoiceShown,
    ClipDetail,
    ClipPage,
    ClipSummary,
    EntryShown,
    HoldShown,
    ImportShown,
    IncidentPage,
    IncidentRef,
    IncidentShown,
    LinkShown,
    MarkerShown,
    QualityShown,
    RenditionShown,
)

INCIDENTS_SHOWN = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which clips, and which part of the list; None does not filter."""

    owner: str | None = None
    """The officer number, to the letter, whose clips alone may be shown."""
    officer: str | None = None
    incident: str | None = None
    """Id or number."""
    clip_class: str | None = None
    marker: str | None = None
    """Code of a marker that it has."""
    unmarked: str | None = None
    """Code of one that it lacks."""
    text: str | None = None
    """Part of name, camera, officer or incident number, or the digest's beginning."""
    before: int | None = None
    """Only clips archived before this log index: the cursor."""
    limit: int = 50


def page(tx: Transaction, wanted: Wanted) -> ClipPage:
    """The newest clips that are *wanted*, with a cursor if there are more."""
    every = select(ClipRow).where(*_filters(wanted))
    total = tx.session.scalar(select(func.count()).select_from(every.subquery())) or 0
    newest = every.order_by(ClipRow.archived_entry.desc()).limit(wanted.limit + 1)
    if wanted.before is not None:
        newest = newest.where(ClipRow.archived_entry < wanted.before)
    rows = tx.session.scalars(newest).all()
    shown = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return ClipPage(
        clips=summaries(tx, shown),
        total=total,
        next=str(shown[-1].archived_entry) if more else None,
    )


def detail(tx: Transaction, clip: str, log_size: int) -> ClipDetail:
    """All there is to know of *clip*; NotKnown without it."""
    row = tx.session.get(ClipRow, clip)
    if row is None:
        raise NotKnown(f"there is no archived clip {clip}")
    return _details(tx, [row], log_size)[0]


def details(tx: Transaction, after: int, limit: int, log_size: int) -> list[tuple[int, ClipDetail]]:
    """At most *limit* clips whole, oldest first, each with the log index that archived it.

    Only those archived after log index *after*, so that the last index goes on from there.
    """
    rows = tx.session.scalars(
        select(ClipRow)
        .where(ClipRow.archived_entry > after)
        .order_by(ClipRow.archived_entry)
        .limit(limit)
    ).all()
    indices = [row.archived_entry for row in rows]
    return list(zip(indices, _details(tx, rows, log_size), strict=True))


def incidents(tx: Transaction) -> IncidentPage:
    """The newest incidents, and how many clips with footage each has."""
    footage = func.count(ClipRow.id)
    shows = and_(ClipRow.id == LinkRow.clip, ClipRow.clip_class.in_(sorted(FOOTAGE)))
    rows = tx.session.execute(
        select(IncidentRow, footage)
        .outerjoin(LinkRow, and_(LinkRow.incident == IncidentRow.id, counts()))
        .outerjoin(ClipRow, shows)
        .group_by(IncidentRow.id)
        .order_by(IncidentRow.dispatched.desc(), IncidentRow.id)
        .limit(INCIDENTS_SHOWN)
    )
    return IncidentPage(incidents=[_incident(row, linked) for row, linked in rows])


def summaries(tx: Transaction, rows: Sequence[ClipRow]) -> list[ClipSummary]:
    """The messages for *rows*; five queries, however many rows there are."""
    ids = [row.id for row in rows]
    linked = _incident_refs(tx, ids)
    derived = _derived_names(tx, ids)
    found = tx.session.scalars(select(RenditionRow).where(RenditionRow.clip.in_(ids)))
    checks = judged.of_clips(tx, ids)
    shown = {
        row.clip: renditions.show(row, derived.get(row.clip, []), checks.get(row.clip))
        for row in found
    }
    codes = markers.codes_of(tx, ids)
    return [
        msgspec.structs.replace(
            _summary(row, linked.get(row.id, []), shown.get(row.id)), markers=codes.get(row.id, [])
        )
        for row in rows
    ]


def _details(tx: Transaction, rows: Sequence[ClipRow], log_size: int) -> list[ClipDetail]:
    ids = [row.id for row in rows]
    told, looked, held = entries.of_clips(tx, ids), hints.of_clips(tx, ids), holds.of_clips(tx, ids)
    facts, links = closings.facts(tx, ids), rulings.of_clips(tx, ids)
    marked, chosen = markers.of_clips(tx, ids), choices.of_clips(tx, ids)
    about = {
        clip: _About(
            entries=told[clip],
            quality=looked.get(clip),
            holds=held.get(clip, []),
            cases=[_case(each) for each in facts.get(clip, ())],
            links=links.get(clip, []),
            markers=marked.get(clip, []),
            choices=chosen.get(clip, []),
        )
        for clip in ids
    }
    return [
        _detail(row, summary, about[row.id], log_size)
        for row, summary in zip(rows, summaries(tx, rows), strict=True)
    ]


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if wanted.owner is not None:
        filters.append(ClipRow.officer == wanted.owner)
    if wanted.officer is not None:
        filters.append(ClipRow.officer_key == folded(wanted.officer))
    if wanted.clip_class is not None:
        filters.append(ClipRow.clip_class == wanted.clip_class)
    if wanted.marker is not None:
        filters.append(markers.has(wanted.marker))
    if wanted.unmarked is not None:
        filters.append(~markers.has(wanted.unmarked))
    if wanted.incident is not None:
        named = or_(IncidentRow.id == wanted.incident, IncidentRow.number == wanted.incident)
        filters.append(ClipRow.id.in_(cases.linked_to(named)))
    if wanted.text:
        filters.append(_mentions(wanted.text.strip()))
    return filters


def _mentions(text: str) -> ColumnElement[bool]:
    return or_(
        ClipRow.name.icontains(text, autoescape=True),
        ClipRow.camera.icontains(text, autoescape=True),
        ClipRow.officer.icontains(text, autoescape=True),
        ClipRow.sha256.startswith(text.lower(), autoescape=True),
        ClipRow.id == text,
        ClipRow.id.in_(cases.linked_to(IncidentRow.number.icontains(text, autoescape=True))),
    )


def _incident_refs(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[IncidentRef]]:
    rows = tx.session.execute(
        select(LinkRow, IncidentRow)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(LinkRow.clip.in_(clips), counts(), IncidentRow.withdrawn_entry.is_(None))
        .order_by(IncidentRow.dispatched, IncidentRow.id)
    )
    found: dict[str, list[IncidentRef]] = {}
    for held, incident in rows:
        found.setdefault(held.clip, []).append(
            IncidentRef(
                id=incident.id,
                number=incident.number,
                reason=held.reason,
                seconds_outside=held.seconds_outside,
                case=incident.case_id,
                call_type=incident.call_type,
            )
        )
    return found


def _derived_names(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[str]]:
    rows = tx.session.execute(
        select(DerivedRow.clip, DerivedRow.name)
        .where(DerivedRow.clip.in_(clips))
        .order_by(DerivedRow.name)
    )
    found: dict[str, list[str]] = {}
    for clip, name in rows:
        found.setdefault(clip, []).append(name)
    return found


def _summary(
    row: ClipRow, linked: list[IncidentRef], rendition: RenditionShown | None
) -> ClipSummary:
    return ClipSummary(
        id=row.id,
        camera=row.camera,
        officer=row.officer,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        clip_class=row.clip_class,
        state=row.state,
        started=row.started or row.claimed_start,
        received=row.received,
        important=row.important,
        incidents=linked,
        rendition=rendition,
        has_thumbnail=rendition is not None and THUMBNAIL in rendition.objects,
        acquisition=row.acquisition,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What hangs on a clip."""

    entries: list[EntryShown]
    quality: QualityShown | None
    holds: list[HoldShown]
    cases: list[CaseOfClip]
    links: list[LinkShown]
    markers: list[MarkerShown]
    choices: list[ChoiceShown]


def _case(fact: CaseFact) -> CaseOfClip:
    closed = None if fact.closed is None else stamp(fact.closed)
    return CaseOfClip(number=fact.case, closed=closed)


def _detail(
    row: ClipRow,
    summary: ClipSummary,
    about: _About,
    log_size: int,
) -> ClipDetail:
    return ClipDetail(
        summary=summary,
        path_hex=row.path_hex,
        station=row.station,
        profile=row.profile,
        clock_offset_ms=row.clock_offset_ms,
        latitude=row.latitude,
        longitude=row.longitude,
        vault=None if row.state == ClipState.DISPOSED.value else vault_facts(row),
        retain_until=row.retain_until,
        retain_rule=row.retain_rule,
        categories=None if row.categories is None else row.categories.split(),
        classified=row.classified,
        holds=about.holds,
        cases=about.cases,
        links=about.links,
        markers=about.markers,
        choices=about.choices,
        manifest_sha256=row.manifest_sha256,
        entries=about.entries,
        receipt=row.archived_entry < log_size,
        imported=_imported(row),
        quality=about.quality,
    )


def _imported(row: ClipRow) -> ImportShown | None:
    if row.imported_by is None:
        return None
    return ImportShown(
        by=row.imported_by,
        reason=row.import_reason or "",
        source=row.import_source,
        sha256=row.import_sha256,
    )


def _incident(row: IncidentRow, clips: int) -> IncidentShown:
    return IncidentShown(
        id=row.id,
        number=row.number,
        officer=row.officer,
        dispatched=row.dispatched,
        cleared=row.cleared,
        call_type=row.call_type,
        case=row.case_id,
        clips=clips,
    )
