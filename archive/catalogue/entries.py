"""Entries as the log wants them, and as people read them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow, PersonRow, StationRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.wire import EntryShown

LOOKED_BACK = 2000


def count(tx: Transaction) -> int:
    """How many entries are in the record."""
    last = tx.session.scalar(select(func.max(EntryRow.seq)))
    return 0 if last is None else last + 1


def since(tx: Transaction, first: int, limit: int) -> list[bytes]:
    """At most *limit* entries from log index *first* on, in order."""
    rows = select(EntryRow.raw).where(EntryRow.seq >= first).order_by(EntryRow.seq).limit(limit)
    return list(tx.session.scalars(rows))


def key_named_last(tx: Transaction) -> str | None:
    """The key that the record names as the log's newest; None if the first one is still the last.

    A key that was retired is named with the one that stays, which was named before.
    """
    rows = tx.session.scalars(
        select(EntryRow.raw)
        .where(EntryRow.kind == EntryKind.LOG_KEY.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    for raw in rows:
        return str(Entry(raw).fields["new"])
    return None


def at(tx: Transaction, entry: int) -> str:
    """When the entry with that log index says that it was written, stamped."""
    return str(Entry(tx.session.get_one(EntryRow, entry).raw).fields["at"])


def latest(tx: Transaction) -> datetime | None:
    """The latest time that the last entries show: what a clock that was set back cannot undo.

    The last :data:`LOOKED_BACK` of them, which a busy archive writes in hours.
    """
    rows = select(EntryRow.raw).where(EntryRow.kind != EntryKind.STATION_ACT.value)
    newest = tx.session.scalars(rows.order_by(EntryRow.seq.desc()).limit(LOOKED_BACK))
    return max((unstamp(str(Entry(raw).fields["at"])) for raw in newest), default=None)


def of_clips(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[EntryShown]]:
    """The entries about each of *clips*, in the order of the log."""
    rows = tx.session.scalars(
        select(EntryRow).where(EntryRow.clip.in_(clips)).order_by(EntryRow.seq)
    ).all()
    names = _names(tx, {row.by for row in rows})
    found: dict[str, list[EntryShown]] = {clip: [] for clip in clips}
    for row in rows:
        found[str(row.clip)].append(_shown(row, names))
    return found


def numbered(tx: Transaction, numbers: Sequence[int]) -> list[EntryShown]:
    """The entries with these log indexes, in the order of the log."""
    rows = tx.session.scalars(
        select(EntryRow).where(EntryRow.seq.in_(numbers)).order_by(EntryRow.seq)
    ).all()
    names = _names(tx, {row.by for row in rows})
    return [_shown(row, names) for row in rows]


def _shown(row: EntryRow, names: Mapping[str, str]) -> EntryShown:
    """An entry for people; a station's act shows as the act it wraps, done when the station says.

    ``text`` is the exact leaf in either case.
    """
    fields = Entry(row.raw).fields
    act = json.loads(str(fields["act"])) if row.kind == EntryKind.STATION_ACT.value else fields
    return EntryShown(
        index=row.seq,
        kind=str(act["kind"]),
        at=str(act["at"]),
        by=row.by,
        who=names.get(row.by, row.by),
        text=row.raw.decode("utf-8"),
    )


def _names(tx: Transaction, ids: set[str]) -> dict[str, str]:
    named: dict[str, str] = {}
    for table in (StationRow, PersonRow):
        rows = tx.session.execute(select(table.id, table.name).where(table.id.in_(ids)))
        named |= dict(rows.all())
    return named
