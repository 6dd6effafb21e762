"""Coverage: the rules of :mod:`evidence.coverage` over what the catalogue knows now.

Nothing of it is kept: it follows from incidents, duties, assignments, links and excuses, so every
order in which they come gives the same.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from archive.catalogue import answers, excuses
from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import AssignmentRow, DutyRow
from archive.catalogue.linkable import clips as spans
from archive.catalogue.linked import counts
from archive.catalogue.tables import ClipRow, EntryRow, IncidentRow, LinkRow
from evidence.clip import FOOTAGE
from evidence.clock import stamp, unstamp
from evidence.coverage import (
    Expected,
    Issued,
    Judged,
    Part,
    Present,
    Rostered,
    Terms,
    expected,
    judge,
    worst,
)
from evidence.custody import Entry, EntryKind
from evidence.linking import ClipSpan, Standing
from evidence.names import folded
from evidence.wire import ExcuseShown

AT_ONCE = 400
"""Parts that are judged together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which parts; empty texts narrow nothing."""

    since: datetime
    """Sent out from then on, and before *until*."""
    until: datetime
    unit: str = ""
    officer: str = ""
    event: str = ""
    outcome: str = ""
    """For pages: see :func:`archive.catalogue.accounted.page`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One part and what became of its recordings."""

    row: IncidentRow
    judged: Sequence[Judged]
    excuses: Sequence[ExcuseShown]
    cameras: Mapping[str, str]
    """Camera, folded -> as somebody wrote it."""

    @property
    def outcome(self) -> str:
        return worst(each.outcome for each in self.judged).value

    @property
    def awaited(self) -> bool:
        return any(each.awaited for each in self.judged)


def covered(
    tx: Transaction, asked: Asked, terms: Terms, after: tuple[str, str] | None = None
) -> Iterator[Covered]:
    """The parts asked for, the newest first; *after*: only those behind this dispatch and id."""
    wanted = [
        IncidentRow.dispatched >= stamp(asked.since),
        IncidentRow.dispatched < stamp(asked.until),
        IncidentRow.cleared != "",
        IncidentRow.withdrawn_entry.is_(None),
    ]
    if asked.unit:
        wanted.append(IncidentRow.unit == asked.unit)
    if asked.officer:
        wanted.append(IncidentRow.officer_key == folded(asked.officer))
    if asked.event:
        wanted.append(IncidentRow.number == asked.event)
    place = after
    while True:
        rows = tx.session.scalars(_behind(wanted, place)).all()
        yield from of_rows(tx, rows, terms)
        if len(rows) < AT_ONCE:
            return
        place = (rows[-1].dispatched, rows[-1].id)


def of_event(tx: Transaction, number: str, terms: Terms) -> list[Covered]:
    """Everybody who was sent to event *number*, by officer; empty without it."""
    rows = tx.session.scalars(
        select(IncidentRow)
        .where(IncidentRow.number == number, IncidentRow.withdrawn_entry.is_(None))
        .where(IncidentRow.dispatched != "", IncidentRow.cleared != "")
        .order_by(IncidentRow.officer_key, IncidentRow.nth)
    ).all()
    return of_rows(tx, rows, terms)


def of_incidents(tx: Transaction, ids: Sequence[str], terms: Terms) -> dict[str, Covered]:
    """Those of these parts that stand, by their ids."""
    found: dict[str, Covered] = {}
    for some in _some(ids):
        rows = tx.session.scalars(
            select(IncidentRow)
            .where(IncidentRow.id.in_(some), IncidentRow.withdrawn_entry.is_(None))
            .where(IncidentRow.dispatched != "", IncidentRow.cleared != "")
        ).all()
        found |= {each.row.id: each for each in of_rows(tx, rows, terms)}
    return found


def of_rows(tx: Transaction, rows: Sequence[IncidentRow], terms: Terms) -> list[Covered]:
    """What became of the parts in *rows*, at most :data:`AT_ONCE` of them."""
    if not rows:
        return []
    now, parts = tx.clock.now(), [_part(row) for row in rows]
    first, last = min(each.since for each in parts), max(each.until for each in parts)
    officers = {each.officer for each in parts}
    issued, cameras = _issued(tx, officers, first, last)
    duties = _duties(tx, officers, first, last)
    present = _present(tx, rows, cameras)
    said = excuses.of_incidents(tx, [row.id for row in rows])
    found = []
    for row, part in zip(rows, parts, strict=True):
        theirs = said.get(row.id, [])
        wanted: list[Expected] = expected(part, issued[part.officer], duties[part.officer])
        judged = judge(
            wanted,
            present.get(row.id, ()),
            terms,
            now,
            excused=any(map(answers.counts, theirs)),
        )
        found.append(Covered(row=row, judged=judged, excuses=theirs, cameras=cameras))
    return found


def _behind(
    wanted: Sequence[ColumnElement[bool]], place: tuple[str, str] | None
) -> Select[IncidentRow]:
    more = []
    if place is not None:
        more = [
            or_(
                IncidentRow.dispatched < place[0],
                and_(IncidentRow.dispatched == place[0], IncidentRow.id < place[1]),
            )
        ]
    order = (IncidentRow.dispatched.desc(), IncidentRow.id.desc())
    return select(IncidentRow).where(*wanted, *more).order_by(*order).limit(AT_ONCE)


def _part(row: IncidentRow) -> Part:
    since = unstamp(row.dispatched)
    return Part(
        incident=row.id,
        event=row.number,
        officer=row.officer_key,
        since=since,
        until=max(since, unstamp(row.cleared)),
    )


def _issued(
    tx: Transaction, officers: set[str], first: datetime, last: datetime
) -> tuple[Mapping[str, list[Issued]], dict[str, str]]:
    """Officer -> the cameras issued at that time; and how each camera is written."""
    rows = tx.session.scalars(
        select(AssignmentRow).where(
            AssignmentRow.officer_key.in_(officers),
            AssignmentRow.withdrawn_entry.is_(None),
            AssignmentRow.since != "",
            AssignmentRow.since <= stamp(last),
            or_(AssignmentRow.until.is_(None), AssignmentRow.until >= stamp(first)),
        )
    ).all()
    found: defaultdict[str, list[Issued]] = defaultdict(list)
    for row in rows:
        found[row.officer_key].append(
            Issued(
                camera=row.camera_key,
                officer=row.officer_key,
                since=unstamp(row.since),
                until=None if row.until is None else unstamp(row.until),
            )
        )
    return found, {row.camera_key: row.camera for row in rows}


def _duties(
    tx: Transaction, officers: set[str], first: datetime, last: datetime
) -> Mapping[str, list[Rostered]]:
    rows = tx.session.scalars(
        select(DutyRow).where(
            DutyRow.officer_key.in_(officers),
            DutyRow.withdrawn_entry.is_(None),
            DutyRow.since != "",
            DutyRow.since <= stamp(last),
            DutyRow.until > stamp(first),
        )
    )
    found: defaultdict[str, list[Rostered]] = defaultdict(list)
    for row in rows:
        duty = Rostered(officer=row.officer_key, since=unstamp(row.since), until=unstamp(row.until))
        found[row.officer_key].append(duty)
    return found


def _present(
    tx: Transaction, rows: Sequence[IncidentRow], cameras: dict[str, str]
) -> Mapping[str, list[Present]]:
    """Incident -> the footage that counts as its own; *cameras* learns how theirs are written.

    A clip of unknown time counts where a person says so: then as one from the begin on.
    """
    dispatched = {row.id: unstamp(row.dispatched) for row in rows}
    links = tx.session.execute(
        select(LinkRow.incident, LinkRow.clip, LinkRow.standing)
        .where(LinkRow.incident.in_(dispatched), counts())
        .order_by(LinkRow.incident, LinkRow.clip)
    ).all()
    ids = sorted({clip for _, clip, _ in links})
    known = {each.clip: each for some in _some(ids) for each in _spans(tx, some)}
    docked, worn = first_docked(tx, ids), _footage(tx, ids)
    for key, name in worn.values():
        cameras.setdefault(key, name)
    found: defaultdict[str, list[Present]] = defaultdict(list)
    for incident, clip, standing in links:
        span, is_confirmed = known.get(clip), standing == Standing.CONFIRMED.value
        if clip in worn and (span is not None or is_confirmed):
            found[incident].append(
                Present(
                    clip=clip,
                    camera=worn[clip][0],
                    begin=dispatched[incident] if span is None else span.begin,
                    end=None if span is None else span.end,
                    docked=docked[clip],
                    is_confirmed=is_confirmed,
                )
            )
    return found


def _footage(tx: Transaction, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Clip that is footage -> its camera, folded and as it is written."""
    found: dict[str, tuple[str, str]] = {}
    for some in _some(ids):
        rows = tx.session.execute(
            select(ClipRow.id, ClipRow.camera_key, ClipRow.camera).where(
                ClipRow.id.in_(some), ClipRow.clip_class.in_(sorted(FOOTAGE))
            )
        )
        found |= {clip: (str(key), name) for clip, key, name in rows}
    return found


def _some(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _spans(tx: Transaction, ids: Sequence[str]) -> list[ClipSpan]:
    return spans(tx, ClipRow.id.in_(ids), ClipRow.clip_class.in_(sorted(FOOTAGE)))


def first_docked(tx: Transaction, ids: Sequence[str]) -> Mapping[str, datetime]:
    """Clip -> when a station first had it, by its own clock; when it came here if none tells."""
    found: dict[str, datetime] = {}
    for some in _some(ids):
        received = tx.session.execute(
            select(ClipRow.id, ClipRow.received).where(ClipRow.id.in_(some))
        )
        found |= {clip: unstamp(at) for clip, at in received}
        first = (
            select(func.min(EntryRow.seq))
            .where(EntryRow.clip.in_(some), EntryRow.kind == EntryKind.STATION_ACT.value)
            .group_by(EntryRow.clip)
        )
        for raw in tx.session.scalars(select(EntryRow.raw).where(EntryRow.seq.in_(first))):
            entry = Entry(raw)
            told = unstamp(str(json.loads(str(entry.fields["act"]))["at"]))
            clip = str(entry.clip)
            found[clip] = min(found[clip], told)
    return found
