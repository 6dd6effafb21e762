"""What the journal holds of what was said at the board of clips.

One rule: what was said is never changed; who errs says something else, and both stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, insert, select

from evidence.clip import FOOTAGE, ClipState, new_id
from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.names import folded
from evidence.wire import ActOpenings, OpeningSent
from station.choosing import OwnClip, Said
from station.journal import reading, tables
from station.journal.committing import commitments, opened, sealed, unsealed
from station.journal.pages import Page

MOST = 8
"""Recordings that are shown to an officer at a time."""


def choose(page: Page, said: Said) -> None:
    """Put on record what was *said*; safe to repeat."""
    held = tables.choice.c
    values = {name: getattr(said, name) for name in ("clip", "officer", "incident", "number")}
    values["code"] = said.code
    same = (
        held[name].is_(None) if value is None else held[name] == value
        for name, value in values.items()
    )
    if page.db.execute(select(held.id).where(*same)).first():
        return
    typed = said.number if said.incident is None else None
    openings = opened({"officer": said.officer, "event": typed})
    choice = new_id("q")
    number = page.write(
        EntryKind.CLIP_CHOSEN,
        said.clip,
        choice=choice,
        incident=said.incident,
        code=said.code,
        archive_clip=reading.clip(page.db, said.clip).archive_id,
        commitments=commitments(openings),
    )
    row = {"id": choice, "entry": number, "openings": sealed(openings), **values}
    page.db.execute(insert(tables.choice).values(**row))


def of_officer(page: Page, officer: str, since: datetime) -> list[OwnClip]:
    """The recordings of *officer* of which something became known *since* then.

    Those of which no event was said come first, then the newest; at most :data:`MOST`.
    """
    held, entry = tables.clip.c, tables.entry.c
    rows = page.db.execute(
        select(held.id, held.camera, held.started, held.clock_offset_ms, entry.raw)
        .join(tables.entry, entry.seq == held.by_entry)
        .where(
            func.lower(func.trim(held.officer)) == folded(officer),
            held.state != ClipState.FOUND.value,
            held.clip_class.in_(sorted(each.value for each in FOOTAGE)),
            held.same_as.is_(None),
        )
        .order_by(held.by_entry.desc())
    )
    fresh = [row for row in rows if msgspec.json.decode(row.raw)["at"] >= stamp(since)]
    said = _said(page, [row.id for row in fresh])
    found = [
        OwnClip(
            clip=row.id,
            camera=row.camera,
            begins=_begins(row.started, row.clock_offset_ms),
            numbers=tuple(number for number, _ in said[row.id] if number is not None),
            codes=tuple(code for _, code in said[row.id] if code is not None),
        )
        for row in fresh
    ]
    return sorted(found, key=lambda each: bool(each.numbers))[:MOST]


def openings_of(page: Page, numbers: Collection[int]) -> list[ActOpenings]:
    """What opens the entries with these *numbers* that are about a choice."""
    held = tables.choice.c
    rows = page.db.execute(
        select(held.entry, held.openings).where(held.entry.in_(numbers)).order_by(held.entry)
    )
    return [
        ActOpenings(
            number=row.entry,
            openings={
                name: OpeningSent(**each.to_wire()) for name, each in unsealed(row.openings).items()
            },
        )
        for row in rows
    ]


def _said(page: Page, clips: Collection[str]) -> dict[str, list[tuple[str | None, str | None]]]:
    """Clip -> number and code of everything that was said of it, in order."""
    held = tables.choice.c
    rows = page.db.execute(
        select(held.clip, held.number, held.code).where(held.clip.in_(clips)).order_by(held.entry)
    )
    found: dict[str, list[tuple[str | None, str | None]]] = defaultdict(list)
    for clip, number, code in rows:
        found[clip].append((number, code))
    return found


def _begins(started: str | None, offset_ms: int | None) -> datetime | None:
    """When a recording began on our clock; a camera may claim what no calendar has."""
    if started is None:
        return None
    try:
        return unstamp(started) - timedelta(milliseconds=offset_ms or 0)
    except (ValueError, OverflowError):
        return None
