"""Rows for whatever tables a database has, and all that is in it, to be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from _pytest.mark.structures import ParameterSet
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    select,
)

from archive.catalogue.database import REVISIONS as CATALOGUE
from evidence.migration import Revisions
from station.journal.journal import REVISIONS as JOURNAL

Dump = Mapping[str, frozenset[tuple[tuple[str, object], ...]]]
"""For each table its rows, each as pairs of column and value."""

ROWS = 2
MARKS = {"alembic_version", "schema"}
"""Tables that say which revision this is."""

WATCHED = {("entry", "clip"): "clip.id", ("entry", "state"): "state", ("clip", "state"): "state"}
"""Columns that the guards compare."""


def fill(db: Connection) -> int:
    """Put rows into every table, facts in every column; how many columns got one."""
    tables = reflected(db)
    for table in tables.sorted_tables:
        for nth in range(ROWS):
            db.execute(table.insert().values({c.name: _value(c, nth) for c in table.columns}))
    return sum(len(table.columns) for table in tables.sorted_tables)


def dump(db: Connection) -> Dump:
    """Everything in the database but the marks of its revision."""
    return {
        table.name: frozenset(
            tuple(zip(table.columns.keys(), row, strict=True)) for row in db.execute(select(table))
        )
        for table in reflected(db).sorted_tables
    }


def shared(one: Dump, other: Dump) -> tuple[Dump, Dump]:
    """Both, cut down to the tables and columns they have in common (of tables with rows)."""
    return _cut(one, other), _cut(other, one)


def reflected(db: Connection) -> MetaData:
    found = MetaData()
    found.reflect(db)
    for mark in MARKS & set(found.tables):
        found.remove(found.tables[mark])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One revision of one database, and the one before it."""

    chain: Revisions
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.chain.of}-{self.after}"


CHAINS = (CATALOGUE, JOURNAL)


def steps() -> list[Step]:
    """Every revision of every database."""
    return [
        Step(chain=chain, before=before, after=after)
        for chain in CHAINS
        for before, after in zip(["base", *chain.order], chain.order, strict=False)
    ]


def newest() -> list[Step]:
    """The last revision of every database."""
    return [one for one in steps() if one.after == one.chain.head]


def everywhere(some: list[Step]) -> list[ParameterSet]:
    """Each step on each kind of database its owner may have: parameters ``opener, one``.

    Those that were released long ago are slow tests: nobody edits them any more.
    """
    return [
        pytest.param(
            kind, one, id=f"{kind}-{one}", marks=[] if _is_young(one) else pytest.mark.slow
        )
        for one in some
        for kind in ("sqlite", "postgresql")
        if kind == "sqlite" or one.chain is CATALOGUE
    ]


def _is_young(one: Step) -> bool:
    """Whether it is among the last three of its database, or the first, which holds them all up."""
    return one.before == "base" or one.after in one.chain.order[-3:]


def _cut(one: Dump, other: Dump) -> Dump:
    columns = {name: {c for row in rows for c, _ in row} for name, rows in other.items()}
    return {
        name: frozenset(
            tuple((column, value) for column, value in row if column in columns[name])
            for row in rows
        )
        for name, rows in one.items()
        if columns.get(name)
    }


def _value(column: Column[object], nth: int) -> object:
    """A value of the column's type, another for each row, that refers to row *nth* elsewhere."""
    table: Table = column.table
    told = {"entry.raw": _entry(nth), "hint.nth": 0}  # one hint for each clip
    if (own := f"{table.name}.{column.name}") in told:
        return told[own]
    if (table.name, column.name) in WATCHED:
        named = WATCHED[table.name, column.name]
        return "FOUND" if named == "state" else f"{named}-{nth}"
    for key in column.foreign_keys:
        return _value(key.column, nth)
    match column.type:
        case Boolean():
            return True
        case Integer() | Float():
            return nth + 1
        case kind:
            text = f"{own}-{nth}"
            return text.encode() if isinstance(kind, LargeBinary) else text


def _entry(nth: int) -> bytes:
    """An entry that tells what the rows of looks and hints tell: they can be filled from it."""
    hint = {"kind": f"hint.kind-{nth}"} | dict.fromkeys(("from_ms", "to_ms", "value"), nth + 1)
    return json.dumps({"frames": nth + 1, "seconds": nth + 1, "hints": [hint]}).encode()
