"""Database guards: a clip's state and its custody entry change together or not at all.

The same guards protect the station's journal and the archive's catalogue, in SQLite and in
PostgreSQL.  They are the guard rail against our own mistakes; the proof against everybody is the
signed log, since the owner of a database can drop its triggers.

A guarded database has a table ``entry`` (``seq`` its key, with ``kind``, ``clip``, ``state``: the
state the entry brings about, or NULL) and a table ``clip`` (``id``, ``state``, ``by_entry`` ->
``entry.seq``).  Every refusal starts with ``unrecorded:``.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine

from evidence.guards import postgresql, session, sqlite
from evidence.guards.session import open_postgresql
from evidence.guards.sqlite import SQLITE_GUARDS, open_sqlite, snapshot

__all__ = [
    "SQLITE_GUARDS",
    "durability",
    "install",
    "may_change_tables",
    "open_postgresql",
    "open_sqlite",
    "rebuilding",
    "snapshot",
    "snapshot_of_file",
]


def install(db: Connection) -> None:
    """Make the guards in *db* the ones written here, in the caller's transaction.

    SetupError where they are other ones and may not be changed.
    """
    if db.dialect.name == "postgresql":
        postgresql.install(db)
    else:
        sqlite.install(db)


def may_change_tables(db: Connection) -> bool:
    """Whether the session may make, change and drop the tables of *db*."""
    return db.dialect.name != "postgresql" or postgresql.may_change_tables(db)


def durability(db: Connection) -> str:
    """Kind and version of the database, and the settings that decide how durable it is."""
    return session.summary(db) if db.dialect.name == "postgresql" else sqlite.summary(db)


def rebuilding(engine: Engine) -> AbstractContextManager[Connection]:
    """One transaction in which tables may change; the guards stand again at its end."""
    if engine.dialect.name == "postgresql":
        return postgresql.rebuilding(engine)
    return sqlite.rebuilding(engine)


def snapshot_of_file(file: Path, into: Path) -> None:
    """As :func:`snapshot`, of the SQLite database in *file*, which nobody has open."""
    engine = open_sqlite(URL.create("sqlite", database=str(file)))
    try:
        snapshot(engine, into)
    finally:
        engine.dispose()
