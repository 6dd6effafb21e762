"""Leases: which originals' locks end soon though they are needed, and what was done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.holds import is_held
from archive.catalogue.sealed import is_going, is_live
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clock import stamp, unstamp
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.retention import ALARM_WITHIN, FOR_EVER, RENEW_WITHIN
from evidence.vault import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """How one clip's original and manifest are locked, and until when they are needed."""

    clip: str
    key: str
    version_id: str
    manifest: Sha256
    lock_until: datetime
    needed_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What one walk over all leases came to."""

    renewed: int
    """Clips whose lease was renewed."""
    failed: int
    """Clips whose lease should have been."""
    records: int
    """Records (tiles, censuses, what opens exports) whose lease was renewed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the leases stand, by the rows alone: whatever became of the renewer, this tells."""

    clips: int
    """Clips that are needed."""
    short: int
    """Of these, whose lock ends within :data:`ALARM_WITHIN`."""
    first: str | None
    """The clip whose lock ends first, of those that are needed."""
    earliest: datetime | None
    """When that is."""


def due(tx: Transaction, now: datetime, after: Lease | None, most: int) -> Sequence[Lease]:
    """The next *most* clips behind *after* whose lease has to be renewed, by the end of it."""
    behind = [] if after is None else [_is_behind(after)]
    rows = tx.session.execute(
        select(ClipRow, _is_bound())
        .where(
            _is_needed_beyond_its_lock(now),
            ClipRow.lock_until <= stamp(now + RENEW_WITHIN),
            *behind,
        )
        .order_by(ClipRow.lock_until, ClipRow.id)
        .limit(most)
    )
    return [_lease(row, bound=bound) for row, bound in rows]


def renewed(tx: Transaction, done: Sequence[tuple[Lease, Lock]]) -> None:
    """Put on record that these are locked until then, as was read back."""
    for lease, lock in done:
        tx.record(
            EntryKind.LEASE_RENEWED,
            ARCHIVE,
            clip=lease.clip,
            version=lease.version_id,
            lock_mode=lock.mode.value,
            lock_until=stamp(lock.until),
        )
        row = tx.session.get_one(ClipRow, lease.clip)
        row.lock_mode, row.lock_until = lock.mode.value, stamp(lock.until)
    tx.session.flush()


def walked(tx: Transaction, walk: Walk) -> None:
    """Put on record that all leases were looked at, and how they stand: its absence tells, too."""
    now = standing(tx)
    tx.record(
        EntryKind.LEASES_LOOKED_AT,
        ARCHIVE,
        clips=now.clips,
        short=now.short,
        renewed=walk.renewed,
        failed=walk.failed,
        records=walk.records,
        earliest=None if now.earliest is None else stamp(now.earliest),
    )


def last_walk(tx: Transaction) -> datetime | None:
    """When all leases were looked at last, by the archive's clock; None if they never were."""
    raw = tx.session.scalar(
        select(EntryRow.raw)
        .where(EntryRow.kind == EntryKind.LEASES_LOOKED_AT.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    return None if raw is None else unstamp(str(Entry(raw).fields["at"]))


def standing(tx: Transaction) -> Standing:
    """How the leases stand now."""
    now = tx.clock.now()
    needed = _is_needed(now)
    soon = stamp(now + ALARM_WITHIN)
    clips = tx.session.scalar(select(func.count()).where(needed).select_from(ClipRow)) or 0
    short = select(func.count()).where(_is_needed_beyond_its_lock(now), ClipRow.lock_until <= soon)
    first = tx.session.execute(
        select(ClipRow.id, ClipRow.lock_until)
        .where(needed)
        .order_by(ClipRow.lock_until, ClipRow.id)
        .limit(1)
    ).first()
    return Standing(
        clips=clips,
        short=tx.session.scalar(short.select_from(ClipRow)) or 0,
        first=None if first is None else first.id,
        earliest=None if first is None else unstamp(first.lock_until),
    )


def problems(tx: Transaction) -> list[str]:
    """What a person in charge should look at: leases that should have been renewed long ago."""
    now = standing(tx)
    if not now.short or now.earliest is None:
        return []
    end = f"clip {now.first} until {stamp(now.earliest)}"
    days = ALARM_WITHIN.days
    return [f"leases: {now.short} clips are needed and locked for less than {days} days, {end}"]


def _is_needed(now: datetime) -> ColumnElement[bool]:
    """Whether a rule, a case or a hold still wants the clip's bytes."""
    return and_(is_live(), or_(_is_kept(now), _is_bound()))


def _is_needed_beyond_its_lock(now: datetime) -> ColumnElement[bool]:
    by_rule = and_(_is_kept(now), ClipRow.retain_until > ClipRow.lock_until)
    return and_(is_live(), or_(by_rule, _is_bound()))


def _is_kept(now: datetime) -> ColumnElement[bool]:
    """Whether a rule wants it, and no two persons agreed that it is to go all the same.

    A court's order waits for the end of the lease, which so must not be renewed.
    """
    return and_(ClipRow.retain_until > stamp(now), ~is_going())


def _is_bound() -> ColumnElement[bool]:
    """Whether the clip is needed whatever its date."""
    return or_(is_held(), is_in_open_case())


def _is_behind(lease: Lease) -> ColumnElement[bool]:
    ends = stamp(lease.lock_until)
    as_long = and_(ClipRow.lock_until == ends, ClipRow.id > lease.clip)
    return or_(ClipRow.lock_until > ends, as_long)


def _lease(row: ClipRow, *, bound: bool) -> Lease:
    return Lease(
        clip=row.id,
        key=row.key,
        version_id=row.version_id,
        manifest=Sha256.from_hex(row.manifest_sha256),
        lock_until=unstamp(row.lock_until),
        needed_until=FOR_EVER if bound else unstamp(row.retain_until),
    )
