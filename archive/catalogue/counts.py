"""How many clips there are by the log, and where each is to lie: for whoever counts them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.moves import Which
from archive.catalogue.sealed import is_live
from archive.catalogue.tables import ClipRow, CopyRow, EntryRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind

Place = tuple[str, str]
"""Key and version."""


def by_log(tx: Transaction) -> int:
    """How many clips entries say were archived, less those whose destruction has begun."""
    archived, begun = (
        tx.session.scalar(
            select(func.count()).select_from(EntryRow).where(EntryRow.kind == kind.value)
        )
        for kind in (EntryKind.ARCHIVED, EntryKind.DISPOSAL_BEGUN)
    )
    return (archived or 0) - (begun or 0)


def at(tx: Transaction, places: Collection[Place], which: Which) -> int:
    """How many clips are to lie at one of *places* in *which* vault."""
    keys = {key for key, _ in places}
    row = _row(which)
    column = ClipRow.sha256 if which is Which.FIRST else CopyRow.key
    wanted = {key.rpartition("/")[2] for key in keys} if which is Which.FIRST else keys
    asked = select(row.key, row.version_id).where(column.in_(wanted), _is_live(which))
    rows = tx.session.execute(asked)
    return sum((key, version) in places for key, version in rows)


def some(tx: Transaction, which: Which, after: str, most: int) -> list[tuple[str, Place]]:
    """Clips with ids behind *after*, and where *which* vault is to hold them."""
    row = _row(which)
    clip = ClipRow.id if which is Which.FIRST else CopyRow.clip
    asked = select(clip, row.key, row.version_id).where(clip > after, _is_live(which))
    rows = tx.session.execute(asked.order_by(clip).limit(most))
    return [(name, (key, version)) for name, key, version in rows]


def held(tx: Transaction, which: Which) -> int:
    """How many clips *which* vault is to hold by the rows."""
    asked = select(func.count()).select_from(_row(which)).where(_is_live(which))
    return tx.session.scalar(asked) or 0


def counted(tx: Transaction, clips: int, shown: dict[Which, int], missing: int) -> None:
    """Put on record how many *clips* the log knows, and how many of them each vault shows."""
    first, second = shown[Which.FIRST], shown.get(Which.SECOND)
    fields = {"clips": clips, "first": first, "second": second, "missing": missing}
    tx.record(EntryKind.COUNTED, ARCHIVE, clip=None, **fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """The last count."""

    at: datetime
    missing: int


def last(tx: Transaction) -> Last | None:
    """The last count on record; None if there is none."""
    raw = tx.session.scalar(
        select(EntryRow.raw)
        .where(EntryRow.kind == EntryKind.COUNTED.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    if raw is None:
        return None
    fields = Entry(raw).fields
    return Last(at=unstamp(str(fields["at"])), missing=int(str(fields["missing"])))


def _is_live(which: Which) -> ColumnElement[bool]:
    """Whether a row of *which* vault is of a clip whose destruction has not begun."""
    if which is Which.FIRST:
        return is_live()
    return CopyRow.clip.in_(select(ClipRow.id).where(is_live()))


def _row(which: Which) -> type[ClipRow | CopyRow]:
    return ClipRow if which is Which.FIRST else CopyRow
