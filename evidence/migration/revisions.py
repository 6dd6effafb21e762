"""Running a chain of revisions on one database, in one transaction, with nobody else there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, MetaData, inspect

from evidence.errors import SetupError
from evidence.guards import (
    install,
    may_change_tables,
    open_postgresql,
    open_sqlite,
    rebuilding,
)

ADOPTED = "0001"
"""The revision of a database from before there were revisions."""

IN_MEMORY = ":memory:"

HEAD = "head"
BASE = "base"
"""No tables at all."""

Afterwards = Callable[[Connection], None]


def leave(db: Connection) -> None:
    """Nothing to do with *db* afterwards."""


_ONE_AT_A_TIME = threading.Lock()
"""Alembic's ``op`` is one for the whole process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """The chain of revisions of one owner's tables."""

    of: str
    """What people call the database."""
    package: str
    """Where the modules lie, as ``archive.catalogue.versions``."""
    tables: MetaData
    """What the newest revision must end in."""

    @property
    def folder(self) -> Path:
        with as_file(files(self.package)) as folder:
            return folder

    @property
    def head(self) -> str:
        """The newest revision this product knows."""
        return str(self.script.get_current_head())

    @property
    def order(self) -> list[str]:
        """All revisions, oldest first."""
        return [found.revision for found in self.script.walk_revisions()][::-1]

    @property
    def script(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self.config())

    def config(self, db: Connection | None = None) -> Config:
        """What Alembic's commands want, to work on *db*."""
        config = Config()
        with as_file(files(__package__ or "")) as here:
            config.set_main_option("script_location", _escaped(here))
        config.set_main_option("version_locations", _escaped(self.folder))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
        config.attributes |= {"connection": db, "tables": self.tables}
        return config


def opened(where: Path | URL, revisions: Revisions, then: Afterwards = leave) -> Engine:
    """The database at *where* with today's tables and guards, made if it is new.

    A Path is a file of SQLite, a URL a database of PostgreSQL.  SetupError if a newer product made
    it, or its tables are not today's and the session may not change them; HomeBusy if its tables
    must change, or it is PostgreSQL, and another process has it open.  *then* is run in the
    transaction that changes the tables.
    """
    engine = engine_for(where)
    with disposed_on_error(engine):
        if _is_today(engine, revisions):
            return engine
        if isinstance(where, URL) or str(where) == IN_MEMORY:  # a server says that we are alone
            step(engine, revisions, then=then)
            return engine
    engine.dispose()
    step_alone(where, revisions, then=then)
    return engine_for(where)


def engine_for(where: Path | URL, *, alone: bool = False) -> Engine:
    """Open what *where* says, as the archive does; *alone* is what PostgreSQL always is."""
    if isinstance(where, URL):
        return open_postgresql(where)
    return open_sqlite(URL.create("sqlite", database=str(where)), alone=alone)


@contextmanager
def disposed_on_error(engine: Engine) -> Iterator[None]:
    """Let go of the database if the block fails."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def step_alone(
    where: Path | URL, revisions: Revisions, to: str = HEAD, then: Afterwards = leave
) -> None:
    """As :func:`step`, on the database at *where*; HomeBusy if anybody has it open."""
    engine = engine_for(where, alone=True)
    try:
        step(engine, revisions, to, then)
    finally:
        engine.dispose()


def step(engine: Engine, revisions: Revisions, to: str = HEAD, then: Afterwards = leave) -> None:
    """Bring the database to revision *to*, forward or back, and do *then*, in one transaction.

    SetupError if it is newer than this product, *to* is not known, or the session may not change
    tables; FactsWouldBeLost if going back would lose any.
    """
    with _ONE_AT_A_TIME, rebuilding(engine) as db:
        order = [BASE, *revisions.order]
        held, wanted = current(db) or BASE, order[-1] if to == HEAD else to
        _must_be_known(held, order, f"{revisions.of} {engine.url.database}")
        if wanted not in order:
            raise SetupError(f"there is no revision {to} of the {revisions.of}: {order}")
        if not may_change_tables(db):
            raise SetupError(
                f"the {revisions.of} has revision {held}, {wanted} is needed, and the role that"
                " opened it may not change tables",
                advice="Let their owner run `evidock database upgrade`, see docs/database.md.",
            )
        config = revisions.config(db)
        if held == BASE and inspect(db).has_table("entry"):
            command.stamp(config, ADOPTED)
            held = ADOPTED
        if order.index(held) < order.index(wanted):
            command.upgrade(config, wanted)
        elif order.index(held) > order.index(wanted):
            command.downgrade(config, wanted)
        if wanted != BASE:
            then(db)


def _must_be_known(held: str, order: list[str], what: str) -> None:
    if held not in order:
        raise SetupError(
            f"the {what} has revision {held}; this product knows revisions up to {order[-1]}",
            advice="Use the product version that made this home, or a newer one.",
        )


def current(db: Connection) -> str | None:
    """The revision the database has; None if it never got one."""
    return MigrationContext.configure(db).get_current_revision()


def _is_today(engine: Engine, revisions: Revisions) -> bool:
    """Whether the database has the newest tables; if so, it has the newest guards now too."""
    with engine.begin() as db:
        if current(db) != revisions.head:
            return False
        install(db)
    return True


def _escaped(path: Path) -> str:
    """A path as ConfigParser reads it back unchanged."""
    return str(path).replace("%", "%%")
