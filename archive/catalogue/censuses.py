"""Censuses in the record: what the last one covered, and what came in since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import msgspec
from sqlalchemy import func, select

from archive.catalogue import entries
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.census import Census
from evidence.clip import ClipState
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import OutOfTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A census on record."""

    entry: int
    at: str
    census: Census
    openings: str
    """Digest of the archive's own record of its leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A clip that came in."""

    entry: int
    """Log index of its ``archive.verified`` entry."""
    officer: str | None
    """Folded."""
    started: str | None
    received: str
    is_gone: bool = False
    """It was disposed of: whose it was and when it began nobody tells any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncounted:
    """The range that the next census covers."""

    first: int
    end: int
    clips: tuple[Arrival, ...]
    key: str | None
    """The public key of the census before; None if this is the first."""


def of_all(tx: Transaction) -> list[Taken]:
    """Every census, in the order of the log."""
    rows = tx.session.scalars(
        select(EntryRow).where(EntryRow.kind == EntryKind.CENSUS.value).order_by(EntryRow.seq)
    )
    return [taken(row.seq, Entry(row.raw)) for row in rows]


def taken(seq: int, entry: Entry) -> Taken:
    """The census in *entry*; LogBroken if that is none."""
    fields = entry.fields
    openings = cast("dict[str, str]", fields["openings"])["sha256"]
    return Taken(entry=seq, at=str(fields["at"]), census=Census.of(fields), openings=openings)


def since_last(tx: Transaction) -> Uncounted:
    """What no census covers yet.

    OutOfTurn if the rows of clips and of entries do not agree: no census is made of such.
    """
    last, end = _last(tx), entries.count(tx)
    first = 0 if last is None else last.census.end
    arrived = arrivals(tx, first, end)
    archived = tx.session.scalar(
        select(func.count())
        .select_from(EntryRow)
        .where(
            EntryRow.seq >= first,
            EntryRow.seq < end,
            EntryRow.kind == EntryKind.ARCHIVED.value,
        )
    )
    if archived != len(arrived):
        raise OutOfTurn(
            f"{archived} originals came in since log index {first}, and {len(arrived)} clips did",
            advice="Run evidock fsck: it names the rows that are wrong.",
        )
    key = None if last is None else last.census.key
    return Uncounted(first=first, end=end, clips=arrived, key=key)


def arrivals(tx: Transaction, first: int, end: int) -> tuple[Arrival, ...]:
    """The clips that came in from log index *first* to *end*, exclusive, in order."""
    rows = tx.session.scalars(
        select(ClipRow)
        .where(ClipRow.archived_entry >= first, ClipRow.archived_entry < end)
        .order_by(ClipRow.archived_entry)
    )
    return tuple(
        Arrival(
            entry=row.archived_entry,
            officer=row.officer_key,
            started=row.started,
            received=row.received,
            is_gone=row.state == ClipState.DISPOSED.value,
        )
        for row in rows
    )


def is_due(tx: Transaction, before: str) -> bool:
    """Whether the last census, or else the log, began *before* and a clip has come in since."""
    last = _last(tx)
    began = last.at if last else _began(tx)
    if began is None or began > before:
        return False
    first = last.census.end if last else 0
    came = select(ClipRow.id).where(ClipRow.archived_entry >= first).limit(1)
    return tx.session.scalar(came) is not None


def keep(tx: Transaction, census: Census, openings: Sha256) -> int:
    """Put *census* on record; its log index.  OutOfTurn if another one came before it."""
    if _reached(tx) != census.first:
        raise OutOfTurn(f"a census from log index {census.first} has been taken already")
    fields = msgspec.to_builtins(census)
    digests = {"sha256": openings.hex}
    return tx.record(EntryKind.CENSUS, ARCHIVE, openings=digests, **fields)


def _began(tx: Transaction) -> str | None:
    """When the log began."""
    first = tx.session.scalar(select(EntryRow.raw).where(EntryRow.seq == 0))
    return None if first is None else str(Entry(first).fields["at"])


def _last(tx: Transaction) -> Taken | None:
    row = tx.session.scalar(
        select(EntryRow)
        .where(EntryRow.kind == EntryKind.CENSUS.value)
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    return None if row is None else taken(row.seq, Entry(row.raw))


def _reached(tx: Transaction) -> int:
    last = _last(tx)
    return 0 if last is None else last.census.end
