"""Where the second vault's copies lie, what waits to be copied, and what was stored anew.

One rule: no copy is known, and no original lies elsewhere, but by the entry that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, and_, func, or_, outerjoin, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.moves import What, Which
from archive.catalogue.sealed import is_live, live_of, must_be_live
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow, ReachedRow
from evidence.clock import stamp, unstamp
from evidence.custody import EntryKind
from evidence.vault import Lock, LockMode

RECORDS = "second vault: records"
"""The work whose way along the log is kept."""
_CLIPS = "second vault: clips in "


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a vault holds an original, and how long it must."""

    key: str
    version: str
    lock: Lock


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was read back and is right."""

    bucket: str
    """What the store itself calls the bucket."""
    key: str
    version: str
    lock: Lock
    """What it is held by at the least; of clips that share an original each has a lock of its own.
    """
    sha256: str
    size: int
    durability: str = ""
    """As in ``archive.verified``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A clip that the second vault has no copy of."""

    clip: str
    entry: int
    """Log index of its ``archive.verified`` entry."""
    place: Place


def waiting(tx: Transaction, bucket: str, after: int, size: int, most: int) -> list[Waiting]:
    """Clips without a copy in *bucket*, by the order of their entries from *after* below *size*."""
    rows = tx.session.scalars(
        select(ClipRow)
        .outerjoin(CopyRow, CopyRow.clip == ClipRow.id)
        .where(_lacks(bucket), ClipRow.archived_entry > after, ClipRow.archived_entry < size)
        .order_by(ClipRow.archived_entry)
        .limit(most)
    )
    return [Waiting(clip=row.id, entry=row.archived_entry, place=_place(row)) for row in rows]


def shorter(tx: Transaction, bucket: str, after: int, most: int) -> list[Waiting]:
    """Clips whose copy in *bucket* is locked for less long than their original, as above."""
    rows = tx.session.scalars(
        select(ClipRow)
        .join(CopyRow, CopyRow.clip == ClipRow.id)
        .where(CopyRow.bucket == bucket, CopyRow.lock_until < ClipRow.lock_until, is_live())
        .where(ClipRow.archived_entry > after)
        .order_by(ClipRow.archived_entry)
        .limit(most)
    )
    return [Waiting(clip=row.id, entry=row.archived_entry, place=_place(row)) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """How far the second vault is behind."""

    clips: int
    """That it has no copy of."""
    since: datetime | None
    """When the oldest of them came in."""


def behind(tx: Transaction, bucket: str) -> Behind:
    """How far the copies in *bucket* are behind."""
    lacks = and_(_lacks(bucket), ClipRow.archived_entry > through(tx, bucket))
    joined = outerjoin(ClipRow, CopyRow, CopyRow.clip == ClipRow.id)
    count = tx.session.scalar(select(func.count()).select_from(joined).where(lacks)) or 0
    oldest = tx.session.scalar(select(func.min(ClipRow.received)).select_from(joined).where(lacks))
    return Behind(clips=count, since=None if oldest is None else unstamp(oldest))


def through(tx: Transaction, bucket: str) -> int:
    """The last log index up to which every clip has a copy in *bucket*; -1 for none."""
    row = tx.session.get(ReachedRow, _CLIPS + bucket)
    return -1 if row is None else row.through


def reached(tx: Transaction, bucket: str, size: int) -> None:
    """See how far along the first *size* entries every clip has its copy in *bucket* by now."""
    first = waiting(tx, bucket, through(tx, bucket), size, 1)
    last = first[0].entry - 1 if first else size - 1
    tx.session.merge(ReachedRow(work=_CLIPS + bucket, through=last))


def keep(tx: Transaction, clip: str, stored: Stored, manifest: Stored) -> None:
    """Put on record that the second vault holds original and manifest of *clip*, and where.

    OutOfTurn if it is destroyed, or its destruction has begun: no row may lead to what goes.
    """
    must_be_live(tx, clip)
    entry = tx.record(
        EntryKind.COPIED,
        ARCHIVE,
        clip=clip,
        **_told(stored),
        manifest={"sha256": manifest.sha256},
        manifest_version=manifest.version,
    )
    tx.session.merge(CopyRow(clip=clip, by_entry=entry, **_columns(stored)))
    tx.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Where both vaults hold a clip's original by the rows; what it must be, the log says."""

    clip: str
    entry: int
    places: dict[Which, Place]


def held(tx: Transaction, clip: str) -> Held | None:
    """Where *clip* lies; None unless it is to lie in both vaults."""
    row, copy = tx.session.get(ClipRow, clip), tx.session.get(CopyRow, clip)
    if row is None or copy is None or not live_of(tx, [clip]):
        return None
    places = {Which.FIRST: _place(row), Which.SECOND: _place(copy)}
    return Held(clip=clip, entry=row.archived_entry, places=places)


def longest(tx: Transaction, which: Which, place: Place) -> Lock:
    """The longest lock on record of all clips whose original is the version at *place*."""
    rows = _sharing(tx, which, place)
    return max((_place(row).lock for row in rows), key=lambda lock: lock.until, default=place.lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """What was stored anew."""

    clip: str
    vault: Which
    what: What
    source: Which
    """The vault whose copy is right."""
    old: str | None
    """The version on record before; None for a manifest, whose version is on none."""
    new: Stored


def repair(tx: Transaction, told: Repaired, before: Place) -> int:
    """Put on record what was stored anew, and let the rows lead there; how many clips it is of.

    Clips that share the original that lay at *before* go with it, but for those that are gone.
    OutOfTurn as :func:`keep`.
    """
    must_be_live(tx, told.clip)
    if told.what is What.MANIFEST:
        _repaired(tx, told, told.clip, told.new)
        return 1
    rows = _sharing(tx, told.vault, before)
    for row in rows:
        clip = row.id if isinstance(row, ClipRow) else row.clip
        new = msgspec.structs.replace(told.new, lock=_place(row).lock)
        entry = _repaired(tx, told, clip, new)
        for name, value in _columns(new).items():
            setattr(row, name, value)
        if isinstance(row, CopyRow):
            row.by_entry = entry
    tx.session.flush()
    return len(rows)


def _repaired(tx: Transaction, told: Repaired, clip: str, new: Stored) -> int:
    return tx.record(
        EntryKind.REPAIRED,
        ARCHIVE,
        clip=clip,
        vault=told.vault.value,
        what=told.what.value,
        source=told.source.value,
        old=told.old,
        **_told(new),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry that names a record in the vault."""

    entry: int
    kind: EntryKind


NAMING = (
    EntryKind.CENSUS,
    EntryKind.EXPORTED,
    EntryKind.DOCUMENT_ADDED,
    EntryKind.DOSSIER_MADE,
)
"""The entries that name a record which belongs to no clip."""


def records(tx: Transaction, size: int, most: int) -> tuple[list[Recorded], int]:
    """The next entries below *size* that name records, and how far along the log they reach."""
    row = tx.session.get(ReachedRow, RECORDS)
    after = -1 if row is None else row.through
    kinds = [each.value for each in NAMING]
    found = tx.session.execute(
        select(EntryRow.seq, EntryRow.kind)
        .where(EntryRow.seq > after, EntryRow.seq < size, EntryRow.kind.in_(kinds))
        .order_by(EntryRow.seq)
        .limit(most)
    ).all()
    through = found[-1][0] if len(found) == most else max(after, size - 1)
    return [Recorded(entry=seq, kind=EntryKind(kind)) for seq, kind in found], through


def recorded(tx: Transaction, through: int) -> None:
    """They are copied up to log index *through*."""
    tx.session.merge(ReachedRow(work=RECORDS, through=through))


def _sharing(tx: Transaction, which: Which, place: Place) -> Sequence[ClipRow] | Sequence[CopyRow]:
    if which is Which.FIRST:
        sha256 = place.key.rpartition("/")[2]  # there is an index on it
        same = and_(ClipRow.sha256 == sha256, ClipRow.version_id == place.version, is_live())
        return tx.session.scalars(select(ClipRow).where(same).order_by(ClipRow.id)).all()
    same = and_(CopyRow.key == place.key, CopyRow.version_id == place.version)
    copies = select(CopyRow).join(ClipRow, ClipRow.id == CopyRow.clip).where(same, is_live())
    return tx.session.scalars(copies.order_by(CopyRow.clip)).all()


def _lacks(bucket: str) -> ColumnElement[bool]:
    return and_(or_(CopyRow.clip.is_(None), CopyRow.bucket != bucket), is_live())


def _place(row: ClipRow | CopyRow) -> Place:
    lock = Lock(mode=LockMode(row.lock_mode), until=unstamp(row.lock_until))
    return Place(key=row.key, version=row.version_id, lock=lock)


def _columns(stored: Stored) -> dict[str, str]:
    return {
        "bucket": stored.bucket,
        "key": stored.key,
        "version_id": stored.version,
        "lock_mode": stored.lock.mode.value,
        "lock_until": stamp(stored.lock.until),
    }


def _told(stored: Stored) -> dict[str, object]:
    return {
        "digests": {"sha256": stored.sha256},
        "size": stored.size,
        "bucket": stored.bucket,
        "key": stored.key,
        "version": stored.version,
        "lock_mode": stored.lock.mode.value,
        "lock_until": stamp(stored.lock.until),
        "durability": stored.durability,
    }
