"""Database guards: a clip's state and its custody entry change together or not at all.

The same triggers protect the station's journal and the archive's catalogue.  They are the guard
rail against our own mistakes; the proof against everybody is the signed log, since the owner of a
database can drop its triggers.

Both databases have a table ``entry`` (``seq`` its key, with ``kind``, ``clip``, ``state``: the
state the entry brings about, or NULL) and a table ``clip`` (``id``, ``state``, ``by_entry`` ->
``entry.seq``).
"""

from __future__ import annotations

from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from evidence.clip import MOVES

_LEGAL_MOVES = ", ".join(
    f"('{old.value}', '{new.value}')" for old, news in MOVES.items() for new in sorted(news)
)

_RECORDED = """
    SELECT RAISE(ABORT, 'unrecorded: no new custody entry brings this clip to this state')
    WHERE NOT EXISTS (SELECT 1 FROM entry
                      WHERE seq = NEW.by_entry AND clip = NEW.id AND state = NEW.state);
"""

SQLITE_GUARDS = (
    # Where recursive_triggers is off, INSERT OR REPLACE removes the old row without firing its
    # DELETE trigger: doubles end here.
    """
    CREATE TRIGGER IF NOT EXISTS entry_is_not_replaced BEFORE INSERT ON entry
    WHEN EXISTS (SELECT 1 FROM entry WHERE seq = NEW.seq) BEGIN
        SELECT RAISE(ABORT, 'unrecorded: custody entries are never replaced');
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS clip_is_not_replaced BEFORE INSERT ON clip
    WHEN EXISTS (SELECT 1 FROM clip WHERE id = NEW.id) BEGIN
        SELECT RAISE(ABORT, 'unrecorded: clips are never replaced in the record');
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS entry_is_unchanging BEFORE UPDATE ON entry BEGIN
    SELECT RAISE(ABORT, 'unrecorded: custody entries are never changed'); END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS entry_is_kept BEFORE DELETE ON entry BEGIN
    SELECT RAISE(ABORT, 'unrecorded: custody entries are never deleted'); END
    """,
    f"""
    CREATE TRIGGER IF NOT EXISTS clip_starts_recorded BEFORE INSERT ON clip BEGIN {_RECORDED} END
    """,
    f"""
    CREATE TRIGGER IF NOT EXISTS clip_moves_recorded BEFORE UPDATE OF state, by_entry ON clip
    WHEN NEW.state IS NOT OLD.state OR NEW.by_entry IS NOT OLD.by_entry BEGIN
    SELECT RAISE(ABORT, 'unrecorded: a state change needs an entry of its own')
    WHERE NEW.by_entry <= OLD.by_entry;
    SELECT RAISE(ABORT, 'unrecorded: this move is not in the table of moves')
    WHERE NEW.state IS NOT OLD.state
    AND (OLD.state, NEW.state) NOT IN (VALUES {_LEGAL_MOVES}); {_RECORDED} END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS clip_is_kept BEFORE DELETE ON clip BEGIN
    SELECT RAISE(ABORT, 'unrecorded: clips are never deleted from the record'); END
    """,
)
"""DDL for SQLite, safe to run again.  Every refusal's message starts with ``unrecorded:``."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # a row that REPLACE removes fires its DELETE trigger
    "busy_timeout=5000",
)


def open_sqlite(url: str) -> Engine:
    """An engine over one SQLite database with exactly one connection.

    WAL with synchronous=FULL is the weakest setting that lost nothing in our power-cut walk, and
    SQLite before 3.51.3 can lose commits when a second connection checkpoints.  Transactions start
    with BEGIN IMMEDIATE, so two writers queue instead of failing half-way.
    """
    engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not sqlite3's late one
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: object) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # type: ignore[attr-defined]

    return engine
