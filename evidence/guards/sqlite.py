"""The guards in SQLite, and how a guarded SQLite database is opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import DatabaseError as SqliteError
from sqlite3 import OperationalError as SqliteRefusal
from sqlite3 import sqlite_version

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.pool import StaticPool

from evidence.errors import HomeBusy, SetupError, TemporaryError
from evidence.guards.moves import LEGAL_MOVES, UNRECORDED

_NO = {name: f"SELECT RAISE(ABORT, '{text}')" for name, text in UNRECORDED.items()}

_RECORDED = f"""
    {_NO["no entry"]}
    WHERE NOT EXISTS (SELECT 1 FROM entry
                      WHERE seq = NEW.by_entry AND clip = NEW.id AND state = NEW.state);
"""

SQLITE_GUARDS = (
    # Where recursive_triggers is off, INSERT OR REPLACE removes the old row without firing its
    # DELETE trigger: doubles end here.
    f"""
    CREATE TRIGGER entry_is_not_replaced BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq) BEGIN {_NO["replaced"]}; END
    """,
    f"""
    CREATE TRIGGER entry_follows BEFORE INSERT ON entry
    WHEN NEW.seq > (SELECT max(seq) + 1 FROM entry) OR NEW.seq < (SELECT min(seq) FROM entry)
    BEGIN {_NO["gap"]}; END
    """,
    f"""
    CREATE TRIGGER clip_is_not_replaced BEFORE INSERT ON clip
    WHEN EXISTS (SELECT 1 FROM clip WHERE id = NEW.id) BEGIN {_NO["clip replaced"]}; END
    """,
    f"""
    CREATE TRIGGER entry_is_unchanging BEFORE UPDATE ON entry BEGIN {_NO["changed"]}; END
    """,
    f"""
    CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN {_NO["deleted"]}; END
    """,
    f"""
    CREATE TRIGGER clip_starts_recorded BEFORE INSERT ON clip BEGIN {_RECORDED} END
    """,
    f"""
    CREATE TRIGGER clip_moves_recorded BEFORE UPDATE OF state, by_entry ON clip
    WHEN NEW.state IS NOT OLD.state OR NEW.by_entry IS NOT OLD.by_entry BEGIN
    {_NO["old entry"]} WHERE NEW.by_entry <= OLD.by_entry;
    {_NO["no move"]} WHERE NEW.state IS NOT OLD.state
    AND (OLD.state, NEW.state) NOT IN (VALUES {LEGAL_MOVES}); {_RECORDED} END
    """,
    f"""
    CREATE TRIGGER clip_keeps_its_id BEFORE UPDATE OF id ON clip
    WHEN NEW.id IS NOT OLD.id BEGIN {_NO["clip renamed"]}; END
    """,
    f"""
    CREATE TRIGGER clip_is_kept BEFORE DELETE ON clip BEGIN {_NO["clip deleted"]}; END
    """,
)
"""DDL for SQLite; :func:`install` runs it."""

_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # a row that REPLACE removes fires its DELETE trigger
)

_LOOKED_AT = ("journal_mode", "synchronous")
_WAITS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}

_ALONE = ("busy_timeout=500", "locking_mode=EXCLUSIVE")


def open_sqlite(url: str | URL, *, alone: bool = False) -> Engine:
    """An engine over one SQLite database with exactly one connection.

    WAL with synchronous=FULL is the weakest setting that lost nothing in our power-cut walk, and
    SQLite before 3.51.3 can lose commits when a second connection checkpoints.  Transactions start
    with BEGIN IMMEDIATE, so two writers queue instead of failing half-way.

    *alone*: nobody else may have the database open, in this process or another, as long as this
    engine has.  HomeBusy, when it connects, if somebody has.
    """
    engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    pragmas = (*_ALONE, *_PRAGMAS[1:]) if alone else _PRAGMAS

    @event.listens_for(engine, "connect")
    def _prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not sqlite3's late one
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}")
        except SqliteRefusal as error:
            if not alone or error.sqlite_errorname != "SQLITE_BUSY":
                raise
            raise HomeBusy(
                f"{engine.url.database} must be had alone, but is open elsewhere"
            ) from error
        _read_back(connection, engine.url.database)

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]

    return engine


def summary(db: Connection) -> str:
    """What keeps *db*, on one line for people."""
    journal, waits = (db.exec_driver_sql(f"PRAGMA {name}").scalar() for name in _LOOKED_AT)
    return f"SQLite {sqlite_version}, journal_mode {journal}, synchronous {_WAITS[waits or 0]}"


def snapshot(engine: Engine, into: Path) -> None:
    """Write a whole, consistent copy of *engine*'s database to the new file *into*.

    Over the engine's one connection: meanwhile nobody else uses it.  Call it outside a transaction.
    """
    pooled = engine.raw_connection()
    try:
        held = pooled.driver_connection
        if not isinstance(held, SqliteConnection):
            raise TypeError(f"{held!r} is no connection of SQLite")
        held.execute("VACUUM INTO ?", (str(into),))
    except SqliteError as error:
        raise TemporaryError(f"{engine.url.database} cannot be copied: {error}") from error
    finally:
        pooled.close()


def _read_back(connection: SqliteConnection, name: str | None) -> None:
    """SetupError unless the database took the settings that durability rests on."""
    found = [connection.execute(f"PRAGMA {wanted}").fetchone()[0] for wanted in _LOOKED_AT]
    if found[0] not in {"wal", "memory"} or _WAITS.get(found[1]) not in {"FULL", "EXTRA"}:
        raise SetupError(
            f"the database {name} does not take journal_mode WAL with synchronous FULL: {found}",
            advice="Keep the home on a local disk; network file systems cannot do it.",
        )


def install(db: Connection) -> None:
    """Make the guards in *db* the ones written here, in the caller's transaction."""
    found = db.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    held = {str(name): str(sql) for name, sql in found}
    wanted = {guard.split()[2]: guard.strip() for guard in SQLITE_GUARDS}
    for name, guard in wanted.items():
        if held.get(name) != guard:
            db.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            db.exec_driver_sql(guard)


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """One transaction in which tables may be made anew; the guards stand again at its end.

    SQLite changes a table by copying it, and drops what refers to it: so guards are away and
    foreign keys are not looked at until everything is in its place, and then all are checked.
    """
    _look_at_references(engine, "OFF")
    try:
        with engine.begin() as db:
            for guard in SQLITE_GUARDS:
                db.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.split()[2]}")
            yield db
            _check_references(db)
            if inspect(db).has_table("entry"):
                install(db)
    finally:
        _look_at_references(engine, "ON")


def _look_at_references(engine: Engine, switch: str) -> None:
    """Turn foreign keys ON or OFF: not through a Connection, whose every act is a transaction."""
    with closing(engine.raw_connection()) as raw:
        raw.cursor().execute(f"PRAGMA foreign_keys={switch}")


def _check_references(db: Connection) -> None:
    if broken := db.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError(f"row {broken[1]} of table {broken[0]} refers to no row of {broken[2]}")
