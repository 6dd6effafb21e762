"""Where the catalogue of a test lies, and what may happen to it there.

The same tests run on SQLite and on a real PostgreSQL; a Place does for both what a test wants to
do to a database behind the archive's back.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from contextvars import ContextVar
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, inspect, make_url, select
from sqlalchemy.schema import MetaData

from archive.catalogue.database import address
from evidence.guards import open_postgresql, open_sqlite

DATABASE: ContextVar[str] = ContextVar("database", default="")
"""Address of the test's own PostgreSQL database; empty: SQLite."""


def here(file: Path) -> Path | URL:
    """The test's PostgreSQL database if it has one, else the SQLite database in *file*."""
    chosen = DATABASE.get()
    return address(chosen) if chosen else file


def all_that_is_kept(folder: Path) -> bytes:
    """Every value in the closed catalogue of the archive in *folder*, and of SQLite the files."""
    where = here(folder / "catalogue.sqlite")
    engine = open_postgresql(where) if isinstance(where, URL) else open_sqlite(f"sqlite:///{where}")
    tables = MetaData()
    with engine.begin() as db:
        assert inspect(db).has_table("entry")
        tables.reflect(db)
        values = [v for t in tables.sorted_tables for row in db.execute(select(t)) for v in row]
    engine.dispose()
    files = [file.read_bytes() for file in folder.glob("catalogue.sqlite*")]
    return b"\n".join([*(v if isinstance(v, bytes) else str(v).encode() for v in values), *files])


def kept_copy(folder: Path) -> Callable[[], None]:
    """Copy the closed catalogue; what is given back puts the copy in its place."""
    if chosen := DATABASE.get():
        name = str(make_url(chosen).database)
        _run("CREATE DATABASE {copy} TEMPLATE {name}", name)
        return lambda: _run("DROP DATABASE {name}; ALTER DATABASE {copy} RENAME TO {name}", name)
    file = folder / "catalogue.sqlite"
    shutil.copy(file, file.with_suffix(".old"))
    return lambda: os.replace(file.with_suffix(".old"), file)


def unusable(folder: Path) -> AbstractContextManager[None]:
    """Keep the running archive from writing its catalogue until the block ends."""
    return _no_connections() if DATABASE.get() else _no_entries(folder / "catalogue.sqlite")


@contextmanager
def _no_entries(file: Path) -> Iterator[None]:
    with closing(sqlite3.connect(file)) as other:
        other.execute("ALTER TABLE entry RENAME TO away")
        yield
        other.execute("ALTER TABLE away RENAME TO entry")


@contextmanager
def _no_connections() -> Iterator[None]:
    name = str(make_url(DATABASE.get()).database)
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {text}"
    _run("ALTER DATABASE {name} ALLOW_CONNECTIONS false", name)
    _run(ended, name)
    yield
    _run("ALTER DATABASE {name} ALLOW_CONNECTIONS true", name)


def _run(statements: str, name: str) -> None:
    """Run *statements* as the server's superuser, each by itself."""
    host = str(make_url(DATABASE.get()).query["host"])
    names = {"name": sql.Identifier(name), "copy": sql.Identifier(f"{name}_copy"), "text": name}
    with psycopg.connect(host=host, user="postgres", autocommit=True) as session:
        for statement in statements.split("; "):
            session.execute(sql.SQL(statement).format(**names))
