"""Rooms: the rules of :mod:`evidence.coverage.rooms` over what the catalogue knows now.

Nothing of it is kept: it follows from stays, clips, outages and the settings.  A clip is of the
channel that its import named (:mod:`station.imports`), which the settings say is in which room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from archive.catalogue import outages
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage import first_docked
from archive.catalogue.feed_tables import StayRow
from archive.catalogue.linkable import clips, shifted
from archive.catalogue.tables import ClipRow
from evidence.acquisition import CAMERA_PREFIX
from evidence.clip import ClipClass
from evidence.clock import stamp, unstamp
from evidence.coverage import (
    RoomRecording,
    RoomSpan,
    RoomTerms,
    StayJudged,
    judge_stay,
)
from evidence.linking import LONGEST_RECORDING, ClipSpan
from evidence.names import folded
from evidence.wire import OutageShown

AT_ONCE = 50
"""Stays that are judged together."""
Place = tuple[str, str]
"""When a stay began, as far as asked, and its folded session: the newest come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaysAsked:
    """Which stays; empty texts narrow nothing."""

    since: datetime
    """Somebody entered a room from then on, and before *until*."""
    until: datetime
    room: str = ""
    outcome: str = ""
    """For pages: see :func:`archive.catalogue.roomed.page`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredStay:
    """One stay and what became of it."""

    rows: Sequence[StayRow]
    """Its spans, in order of time."""
    judged: StayJudged
    outages: Sequence[OutageShown]
    """Those of that time that nobody ended."""
    place: Place

    @property
    def session(self) -> str:
        return self.rows[0].session


def stays(
    tx: Transaction, asked: StaysAsked, terms: RoomTerms, after: Place | None = None
) -> Iterator[CoveredStay]:
    """The stays asked for, the newest first; *after*: only those behind that place."""
    place = after
    while True:
        places = _places(tx, asked, place)
        yield from _of_places(tx, places, terms)
        if len(places) < AT_ONCE:
            return
        place = places[-1]


def of_sessions(tx: Transaction, sessions: Sequence[str], terms: RoomTerms) -> list[CoveredStay]:
    """Those of these *sessions* that stand, the newest first."""
    found: list[CoveredStay] = []
    for at in range(0, len(sessions), AT_ONCE):
        keys = {folded(each) for each in sessions[at : at + AT_ONCE]}
        rows = tx.session.execute(
            select(func.min(StayRow.since), StayRow.session_key)
            .where(StayRow.session_key.in_(keys), *_stands())
            .group_by(StayRow.session_key)
        ).all()
        places = [(first, key) for first, key in rows]
        found += _of_places(tx, sorted(places, reverse=True), terms)
    return found


def _stands() -> tuple[ColumnElement[bool], ...]:
    return StayRow.withdrawn_entry.is_(None), StayRow.since != ""


def _places(tx: Transaction, asked: StaysAsked, after: Place | None) -> list[Place]:
    first = func.min(StayRow.since)
    wanted = (
        select(first, StayRow.session_key)
        .where(*_stands(), StayRow.since >= stamp(asked.since), StayRow.since < stamp(asked.until))
        .group_by(StayRow.session_key)
        .order_by(first.desc(), StayRow.session_key.desc())
        .limit(AT_ONCE)
    )
    if asked.room:
        wanted = wanted.where(StayRow.room_key == folded(asked.room))
    if after is not None:
        later = and_(first == after[0], StayRow.session_key < after[1])
        wanted = wanted.having(or_(first < after[0], later))
    return [(str(at), key) for at, key in tx.session.execute(wanted)]


def _of_places(tx: Transaction, places: Sequence[Place], terms: RoomTerms) -> Iterator[CoveredStay]:
    of_session: defaultdict[str, list[StayRow]] = defaultdict(list)
    rows = tx.session.scalars(
        select(StayRow)
        .where(StayRow.session_key.in_([key for _, key in places]), *_stands())
        .order_by(StayRow.since, StayRow.id)
    )
    for row in rows:
        of_session[row.session_key].append(row)
    if not of_session:
        return
    now = tx.clock.now()
    spans = {key: [_span(row) for row in rows] for key, rows in of_session.items()}
    every = [span for some in spans.values() for span in some]
    first, last = min(s.since for s in every), max(s.until or max(now, s.since) for s in every)
    held = recordings(tx, every, terms, now)
    told = outages.between(tx, first, last)
    down = {name: outages.judged_by(each, terms.channels) for name, each in told.items()}
    for place in places:
        ours = spans[place[1]]
        films = [film for room in {each.room for each in ours} for film in held.get(room, ())]
        judged = judge_stay(ours, films, down.values(), terms, now)
        entered, left = judged.spans[0].span.since, max(each.until for each in judged.spans)
        yield CoveredStay(
            rows=of_session[place[1]],
            judged=judged,
            outages=[
                each
                for name, each in told.items()
                if down[name].since <= left and entered <= down[name].until
            ],
            place=place,
        )


def _span(row: StayRow) -> RoomSpan:
    until = None if row.until is None else unstamp(row.until)
    return RoomSpan(span=row.id, room=row.room_key, since=unstamp(row.since), until=until)


def recordings(
    tx: Transaction, spans: Sequence[RoomSpan], terms: RoomTerms, now: datetime
) -> Mapping[str, list[RoomRecording]]:
    """Room -> the files of its recorders that may show some of *spans*."""
    found: dict[str, list[RoomRecording]] = {}
    for room in sorted({each.room for each in spans}):
        ours = [each for each in spans if each.room == room]
        cameras = [folded(CAMERA_PREFIX + each) for each in terms.channels.get(room, ())]
        first = shifted(min(each.since for each in ours), -LONGEST_RECORDING)
        last = shifted(max(each.until or max(now, each.since) for each in ours), terms.join)
        films = [
            film
            for film in clips(
                tx,
                ClipRow.camera_key.in_(cameras),
                ClipRow.begins.between(stamp(first), stamp(last)),
                ClipRow.clip_class == ClipClass.VIDEO.value,
            )
            if any(_may_show(film, each, terms, now) for each in ours)
        ]
        came = first_docked(tx, [each.clip for each in films])
        found[room] = [
            RoomRecording(
                clip=each.clip, room=room, begin=each.begin, end=each.end, came=came[each.clip]
            )
            for each in films
        ]
    return found


def _may_show(film: ClipSpan, span: RoomSpan, terms: RoomTerms, now: datetime) -> bool:
    until = max(span.since, span.until or now)
    end = film.end or film.begin
    return film.begin <= until + terms.join and end >= span.since - terms.join


@dataclass(frozen=True, slots=True, kw_only=True)
class SpansKnown:
    """What is known of some spans."""

    sessions: frozenset[str]
    """Of those that stand."""
    withdrawn: frozenset[str]
    """Ids of those that the feed took back."""


def of_spans(tx: Transaction, ids: Sequence[str]) -> SpansKnown:
    """What is known of the spans with these *ids*."""
    sessions: set[str] = set()
    withdrawn: set[str] = set()
    for at in range(0, len(ids), AT_ONCE):
        rows = tx.session.scalars(select(StayRow).where(StayRow.id.in_(ids[at : at + AT_ONCE])))
        for row in rows:
            if row.withdrawn_entry is None:
                sessions.add(row.session)
            else:
                withdrawn.add(row.id)
    return SpansKnown(sessions=frozenset(sessions), withdrawn=frozenset(withdrawn))
