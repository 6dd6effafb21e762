"""The questions the journal answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile

import msgspec
from sqlalchemy import Connection, Row, func, select

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass, ClipState
from evidence.clock import unstamp
from evidence.commitment import Opening
from evidence.digest import Sha256
from evidence.digests import Sm3
from evidence.receipt import SUFFIX
from evidence.wire import Archived
from station.forecast import Taken
from station.journal import tables
from station.journal.lost import Sighting, gone, lost_item
from station.journal.records import ClipRecord, ItemRow, Openings
from station.view import Totals

_TOTALS = (
    *("found", "verified", "archived", "receipts", "renditions", "finished"),
    *("released", "lacking"),
)


def clip(db: Connection, wanted: str) -> ClipRecord:
    """The clip with this id, which the caller got from the journal.

    IntegrityError if its row is gone.
    """
    row = db.execute(select(tables.clip).where(tables.clip.c.id == wanted)).one_or_none()
    if row is None:
        raise gone(wanted)
    return _record(row)


def openings(db: Connection, wanted: str) -> Openings:
    """What opens the commitments of a clip."""
    held = tables.opening
    rows = db.execute(select(held).where(held.c.clip == wanted).order_by(held.c.name)).all()
    return {row.name: Opening(value=row.value, salt=row.salt) for row in rows}


def travelling(db: Connection) -> list[ClipRecord]:
    """Clips whose journey goes on without their card, important ones first."""
    held = tables.clip.c
    rows = db.execute(
        select(tables.clip)
        .where(held.state != ClipState.FOUND.value, ~held.freed, ~held.stopped)
        .order_by(held.important.desc(), held.by_entry)
    )
    return [_record(row) for row in rows.all()]


def waiting_for_card(db: Connection, folder: bytes | None) -> list[ClipRecord]:
    """Clips that are not pulled yet, all or those last seen in *folder*."""
    held, sighting = tables.clip.c, tables.sighting.c
    wanted = (
        select(tables.clip)
        .where(held.state == ClipState.FOUND.value, held.same_as.is_(None))
        .where(held.clip_class != ClipClass.REFUSED.value, ~held.stopped)
        .order_by(held.by_entry)
    )
    if folder is not None:
        wanted = wanted.where(held.id.in_(select(sighting.clip).where(sighting.folder == folder)))
    return [_record(row) for row in db.execute(wanted).all()]


def items(db: Connection) -> list[ItemRow]:
    """One row for each clip and place where it was seen, in the order of finding.

    A clip whose own row is gone is listed with that problem.
    """
    sighting = tables.sighting.c
    rows = db.execute(
        select(
            func.min(sighting.id),
            sighting.clip,
            sighting.folder,
            sighting.path,
            sighting.camera,
            sighting.size,
        )
        .group_by(sighting.clip, sighting.folder, sighting.path)
        .order_by(func.min(sighting.id))
    ).all()
    clips = {row.id: _record(row) for row in db.execute(select(tables.clip)).all()}
    return [
        _item(clips[row.clip], row.folder, row.path)
        if row.clip in clips
        else lost_item(
            db,
            Sighting(
                clip=row.clip,
                camera=row.camera,
                folder=row.folder,
                path=row.path,
                size=row.size,
            ),
        )
        for row in rows
    ]


def paths_of(db: Connection, camera: str) -> list[bytes]:
    """The paths of every clip of *camera*."""
    return list(db.scalars(select(tables.clip.c.path).where(tables.clip.c.camera == camera)))


def taken_since(db: Connection, since: datetime) -> list[Taken]:
    """What was copied from cards since then, the newest first."""
    entry = tables.entry.c
    rows = db.execute(
        select(entry.raw, tables.clip.c.size)
        .join(tables.clip, tables.clip.c.id == entry.clip)
        .where(entry.state == ClipState.PULLED.value)
        .order_by(entry.seq.desc())
    )
    found = (Taken(at=unstamp(msgspec.json.decode(raw)["at"]), size=size) for raw, size in rows)
    return list(takewhile(lambda taken: taken.at >= since, found))


def totals(db: Connection) -> Totals:
    """How many clips came how far."""
    held = tables.clip.c
    refused = held.clip_class == ClipClass.REFUSED.value
    on_card = held.state == ClipState.FOUND.value
    archived = held.state.in_([ClipState.ARCHIVED.value, ClipState.RELEASED.value])
    verified = archived | (held.state == ClipState.VERIFIED.value)
    row = db.execute(
        select(
            func.count(),
            *(
                func.count().filter(each)
                for each in (
                    verified,
                    archived,
                    held.receipt,
                    held.rendition.is_not(None),
                    held.freed,
                    held.state == ClipState.RELEASED.value,
                    refused | (on_card & held.partial.is_not(None)),
                )
            ),
        ).where(held.same_as.is_(None))
    ).one()
    return Totals(**dict(zip(_TOTALS, map(int, row), strict=True)))


def archived_at(db: Connection, docking: str) -> list[ClipRecord] | None:
    """The clips seen at *docking*, without names that have no original behind them.

    None while one of them is not archived with its receipt.
    """
    held, seen = tables.clip.c, tables.seen
    wanted = (
        seen.c.docking == docking,
        held.same_as.is_(None),
        held.clip_class != ClipClass.REFUSED.value,
    )
    here = select(tables.clip).join(seen, seen.c.clip == held.id).where(*wanted)
    if db.execute(here.where(~held.receipt | held.archived.is_(None)).limit(1)).first():
        return None
    return [_record(row) for row in db.execute(here.order_by(held.id)).all()]


def last_number(db: Connection, wanted: str | None) -> int:
    """The highest entry number, of all or about one clip; 0 without any."""
    held = tables.entry.c
    highest = select(func.max(held.seq))
    if wanted is not None:
        highest = highest.where(held.clip == wanted)
    return db.scalar(highest) or 0


def entries_after(db: Connection, number: int, limit: int) -> Sequence[Row[int, bytes, bytes]]:
    """Number, bytes and signature of the entries that follow *number*."""
    held = tables.entry.c
    rows = select(held.seq, held.raw, held.signature).where(held.seq > number)
    return db.execute(rows.order_by(held.seq).limit(limit)).all()


def packed(facts: Archived) -> bytes:
    """What the archive vouched for, as the journal keeps it."""
    return msgspec.json.encode(facts)


def _record(row: Row[object]) -> ClipRecord:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    for internal in ("by_entry", "same_as"):
        del values[internal]
    values["state"] = ClipState(str(values["state"]))
    whole = ClipClass(str(values["clip_class"]))
    values["clip_class"] = ClipClass.PARTIAL if values["partial"] else whole
    values["acquisition"] = Acquisition(str(values["acquisition"]))
    values["sha256"] = None if row.sha256 is None else Sha256.from_hex(row.sha256)
    values["sm3"] = None if row.sm3 is None else Sm3.from_hex(row.sm3)
    values["archived"] = (
        None if row.archived is None else msgspec.json.decode(row.archived, type=Archived)
    )
    return ClipRecord(**values)


def _item(held: ClipRecord, folder: bytes, path: bytes) -> ItemRow:
    return ItemRow(
        id=held.name,
        camera=held.camera,
        officer=held.officer,
        folder=folder,
        path=path,
        size=held.size,
        sha256=held.sha256,
        state=held.state,
        clip_class=held.clip_class,
        acquisition=held.acquisition,
        receipt=f"{held.name}{SUFFIX}" if held.receipt else None,
        rendition=held.rendition,
        segments=held.segments,
        problem="; ".join(filter(None, (held.alarm, held.problem))) or None,
    )
