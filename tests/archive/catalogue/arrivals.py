"""What may become known of clips and incidents, each piece as a step that can come at any time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from hypothesis import strategies as st
from sqlalchemy import select

from archive.catalogue import links
from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import AssignmentRow, DutyRow
from archive.catalogue.linkable import incident_span
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow, RenditionRow
from evidence.clock import stamp
from tests.archive.house import START
from tests.archive.ledger import BUFFER, archive, dispatch, footage, told

OFFICERS, CAMERAS = ["4711", "A-12"], ["BWC-1", "BWC-2"]
SPOTS = [(24.48, 118.09), (24.481, 118.09), (24.58, 118.09)]
"""Two that are 110 m apart, and one 11 km away."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One step, and the one without which it cannot be told."""

    name: str
    step: Callable[[Transaction], object]
    after: str | None = None


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def told_in_some_order(tx: Transaction, arrivals: Iterable[Arrival], chance: random.Random) -> None:
    """Every step once, in a random order in which none comes before what it is about."""
    waiting, done = list(arrivals), set[str | None]({None})
    while waiting:
        each = waiting.pop(chance.choice([n for n, a in enumerate(waiting) if a.after in done]))
        each.step(tx)
        done.add(each.name)


ClipFacts = tuple[str, str | None, int, tuple[float, float] | None]
"""Camera, officer, begin and place."""


def clip_comes(name: str, facts: ClipFacts, tx: Transaction) -> None:
    camera, officer, begin, spot = facts
    made = replace(footage(name, officer, at(begin)), camera=camera)
    latitude, longitude = (None, None) if spot is None else map(str, spot)
    archive(tx, made, latitude, longitude)


def length_comes(name: str, minutes: int, tx: Transaction) -> None:
    """What a rendition tells."""
    entry = tx.session.get_one(ClipRow, name).by_entry
    length = minutes * 60_000
    tx.session.add(
        RenditionRow(clip=name, by_entry=entry, kind="copy", segments=1, duration_ms=length)
    )
    tx.session.flush()
    links.link_clip(tx, name, BUFFER)


def incident_comes(number: str, officer: str, begin: int, minutes: int, tx: Transaction) -> None:
    dispatch(tx, told(number, officer, at(begin), minutes))


def place_comes(number: str, spot: tuple[float, float], tx: Transaction) -> None:
    """The feed tells of an incident anew, with unit and place."""
    row = tx.session.scalars(select(IncidentRow).where(IncidentRow.number == number)).one()
    was = incident_span(row)
    row.unit, (row.latitude, row.longitude) = "U1", spot
    tx.session.flush()
    links.link_incident(tx, row.id, BUFFER, was)


def issue_comes(name: str, camera: str, officer: str, begin: int, tx: Transaction) -> None:
    row = AssignmentRow(
        id=name,
        by_entry=0,
        reference=name,
        camera=camera,
        camera_key=camera.casefold(),
        officer=officer,
        officer_key=officer.casefold(),
        since=stamp(at(begin)),
        until=None,
        salt=b"",
    )
    tx.session.add(row)
    tx.session.flush()
    links.link_assignment(tx, row.camera_key, row.since, row.until, BUFFER)


def duty_comes(name: str, officer: str, begin: int, tx: Transaction) -> None:
    row = DutyRow(
        id=name,
        by_entry=0,
        reference=name,
        officer=officer,
        officer_key=officer.casefold(),
        unit="U1",
        since=stamp(at(begin)),
        until=stamp(at(begin + 480)),
        salt=b"",
    )
    tx.session.add(row)
    tx.session.flush()
    links.link_duty(tx, row.officer_key, row.since, row.until, BUFFER)


fives = st.integers(0, 24).map(lambda count: count * 5)
officers, cameras = st.sampled_from(OFFICERS), st.sampled_from(CAMERAS)
spots = st.sampled_from(SPOTS)


@st.composite
def mornings(draw: st.DrawFn) -> list[Arrival]:
    """A morning: clips cut every five minutes and others, calls that overlap, rosters, issues."""
    found: list[Arrival] = []
    for n in range(draw(st.integers(1, 5))):
        name = f"c-{n}"
        facts = draw(st.tuples(cameras, st.none() | officers, fives, st.none() | spots))
        found.append(Arrival(name, partial(clip_comes, name, facts)))
        if draw(st.booleans()):
            found.append(Arrival(f"l-{n}", partial(length_comes, name, 5), after=name))
    for n in range(draw(st.integers(1, 4))):
        name = f"E-{n}"
        span = draw(st.tuples(officers, fives, st.sampled_from([10, 25, 60])))
        found.append(Arrival(name, partial(incident_comes, name, *span)))
        if draw(st.booleans()):
            spot = draw(spots)
            found.append(Arrival(f"p-{n}", partial(place_comes, name, spot), after=name))
    for n in range(draw(st.integers(0, 2))):
        issue = draw(st.tuples(cameras, officers, fives))
        found.append(Arrival(f"a-{n}", partial(issue_comes, f"a-{n}", *issue)))
        duty = draw(st.tuples(officers, fives))
        found.append(Arrival(f"d-{n}", partial(duty_comes, f"d-{n}", *duty)))
    return found


def found_links(tx: Transaction) -> set[tuple[object, ...]]:
    """Every link, by what it joins, and all that is said of it."""
    rows = tx.session.execute(
        select(
            LinkRow.clip,
            IncidentRow.number,
            LinkRow.reason,
            LinkRow.seconds_outside,
            LinkRow.standing,
            LinkRow.points,
            LinkRow.parts,
        ).join(IncidentRow, IncidentRow.id == LinkRow.incident)
    )
    return {tuple(row) for row in rows}
