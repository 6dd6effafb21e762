"""What became of the files of one docking, told file by file and in sum."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, or_, select

from evidence.clip import ClipClass, ClipState
from station.journal import reading, tables
from station.journal.records import ClipRecord

_ARCHIVED = [ClipState.ARCHIVED.value, ClipState.RELEASED.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedFile:
    """One file of a docking."""

    clip: ClipRecord
    before: bool
    """It was seen at an earlier docking, too, perhaps of the same import before it was cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """How far the files of a docking came; each is counted once."""

    files: int = 0
    archived: int = 0
    """Vouched for by the archive, and its receipt is here."""
    refused: int = 0
    """No original stands behind the name."""
    lacking: int = 0
    """Not whole, or stopped for a person to look."""

    stands: bool = False
    """The docking goes on; what has left is marked before it ends."""

    @property
    def under_way(self) -> int:
        return self.files - self.archived - self.refused - self.lacking


def handed_in(db: Connection, slot: bytes, identity: str) -> list[HandedFile]:
    """The files seen at the newest docking of the card *identity* in *slot*, by path."""
    docking = _newest(db, slot, identity)
    clip, seen = tables.clip, tables.seen.alias("here")
    other = tables.seen.alias("before")
    before = (
        select(other.c.clip).where(other.c.clip == clip.c.id, other.c.docking != docking).exists()
    )
    rows = db.execute(
        select(clip.c.id, before)
        .join(seen, seen.c.clip == clip.c.id)
        .where(seen.c.docking == docking, clip.c.same_as.is_(None))
        .order_by(clip.c.path)
    ).all()
    return [HandedFile(clip=reading.clip(db, name), before=bool(known)) for name, known in rows]


def arrived(db: Connection, slot: bytes, identity: str) -> Arrived:
    """The sums over the newest docking of the card *identity* in *slot*."""
    return of_docking(db, _newest(db, slot, identity))


def of_docking(db: Connection, docking: str | None) -> Arrived:
    """The sums over one docking; of None, nothing."""
    clip, seen = tables.clip, tables.seen
    refused = clip.c.clip_class == ClipClass.REFUSED.value
    archived = and_(~refused, clip.c.receipt, clip.c.state.in_(_ARCHIVED))
    on_card = clip.c.state == ClipState.FOUND.value
    lacking = and_(
        ~refused, ~archived, or_(clip.c.stopped, and_(on_card, clip.c.partial.is_not(None)))
    )
    row = db.execute(
        select(func.count(), *map(_times, (archived, refused, lacking)))
        .select_from(clip)
        .join(seen, seen.c.clip == clip.c.id)
        .where(seen.c.docking == docking, clip.c.same_as.is_(None))
    ).one()
    held = tables.docking.c
    stands = db.scalar(select(held.id).where(held.id == docking, held.undocked.is_(None)))
    return Arrived(
        files=row[0],
        archived=row[1],
        refused=row[2],
        lacking=row[3],
        stands=stands is not None,
    )


def _times(holds: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(holds)


def _newest(db: Connection, slot: bytes, identity: str) -> str | None:
    held = tables.docking.c
    newest = select(held.id).where(held.folder == slot, held.identity == identity)
    # not by time: the clock may have been set back since
    return db.scalar(newest.order_by(literal_column("docking.rowid").desc()).limit(1))
