"""Rows put where the log says they belong: by a rebuild, and by catching up after a restore.

One rule: nothing is recorded here.  The entries are those of the log, byte for byte, and a row that
is there already may only be brought to what they say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import delete, insert, select, tuple_, update

from archive.catalogue.catalogue import Transaction
from archive.catalogue.stored import TABLES, Row, of
from archive.catalogue.tables import EntryRow
from evidence.errors import LogBroken


def add_entries(tx: Transaction, first: int, rows: Sequence[Row]) -> int:
    """Put the entries from log index *first* on into the record; how many were not there.

    LogBroken if another entry stands in the place of one: then nothing is changed.
    """
    held = dict(
        tx.session.execute(
            select(EntryRow.seq, EntryRow.raw).where(
                EntryRow.seq >= first, EntryRow.seq < first + len(rows)
            )
        ).all()
    )
    fresh = []
    for seq, row in enumerate(rows, start=first):
        if seq not in held:
            fresh.append({"seq": seq, **row})
        elif held[seq] != row["raw"]:
            raise LogBroken(
                f"entry {seq} of the catalogue is not the one that was signed for",
                advice="Either this is an old copy in which acts were recorded at rest: nothing was"
                " signed for them here, and evidock rebuild --from HOME makes a home of what was"
                " signed. Or two histories of one log exist: keep both, sign nothing, and find out"
                " which machine went on where.",
            )
    if fresh:
        tx.session.execute(insert(EntryRow), fresh)
    return len(fresh)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A value for what is not to be had: a new row takes it, a row that is there knows better."""

    value: object


def put(
    tx: Transaction, table: str, rows: Sequence[Row], fallback: Mapping[str, object] | None = None
) -> None:
    """Make *table* hold *rows*; a new row has the values of *fallback* where it says nothing.

    A row that is so already is left alone: the archive's role may not change the rows of every
    table, and a standby that takes office finds most of them there.
    """
    into = cast("SqlTable", TABLES[table].__table__)
    keys = [column.name for column in into.primary_key.columns]
    wanted = {tuple(row[key] for key in keys): row for row in rows}
    if not wanted:
        return
    place = tuple_(*into.primary_key.columns)
    asked = select(into).where(place.in_(list(wanted)))
    there = {tuple(row[key] for key in keys): row for row in tx.session.execute(asked).mappings()}
    new = [_taken({**(fallback or {}), **row}) for key, row in wanted.items() if key not in there]
    if new:
        tx.session.execute(insert(into), _even(new))
    for key, held in there.items():
        if _known(wanted[key]).items() <= dict(held).items():
            continue
        same = [into.c[name] == value for name, value in zip(keys, key, strict=True)]
        tx.session.execute(update(into).where(*same).values(**_known(wanted[key])))


def _taken(row: Row) -> Row:
    return {name: each.value if isinstance(each, StandIn) else each for name, each in row.items()}


def _known(row: Row) -> dict[str, object]:
    return {name: each for name, each in row.items() if not isinstance(each, StandIn)}


def keep_only(tx: Transaction, table: str, clips: Sequence[str], named: Sequence[Row]) -> None:
    """Take away each row of *table* about *clips* that none of *named* fits.

    What is *named* are the columns that say which thing it is; nothing hangs on such a row.  One
    that stays may know more of that thing than is to be had now.
    """
    held = cast("SqlTable", TABLES[table].__table__)
    keys = [column.name for column in held.primary_key.columns]
    wanted = {tuple(row[key] for key in keys): row for row in named}
    for row in of(tx, table, "clip", clips):
        place = tuple(row[key] for key in keys)
        if place in wanted and wanted[place].items() <= row.items():
            continue
        same = [held.c[name] == value for name, value in zip(keys, place, strict=True)]
        tx.session.execute(delete(held).where(*same))


def is_empty(tx: Transaction) -> bool:
    """Whether there is no entry at all."""
    return tx.session.scalar(select(EntryRow.seq).limit(1)) is None


def _even(rows: Sequence[Row]) -> list[dict[str, object]]:
    """Rows that all name the same columns, as a statement for many wants them."""
    names = {name for row in rows for name in row}
    return [{name: row.get(name) for name in names} for row in rows]
