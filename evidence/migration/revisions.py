"""Running a chain of revisions on one database, in one transaction, with nobody else there."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, MetaData, inspect

from evidence.errors import SetupError
from evidence.guards import install, open_sqlite, rebuilding

ADOPTED = "0001"
"""The revision of a database from before there were revisions."""

IN_MEMORY = ":memory:"

HEAD = "head"
BASE = "base"
"""No tables at all."""

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


def opened(file: Path, revisions: Revisions) -> Engine:
    """The SQLite database in *file* with today's tables and guards, made if it is new.

    SetupError if a newer product made it; HomeBusy if its tables must change while another
    process has it open.
    """
    url = URL.create("sqlite", database=str(file))
    engine = open_sqlite(url)
    try:
        if _is_today(engine, revisions):
            return engine
        if url.database == IN_MEMORY:
            step(engine, revisions)
            return engine
    except BaseException:
        engine.dispose()
        raise
    engine.dispose()
    step_alone(file, revisions)
    return open_sqlite(url)


def step_alone(file: Path, revisions: Revisions, to: str = HEAD) -> None:
    """As :func:`step`, on the SQLite database in *file*; HomeBusy if anybody has it open."""
    engine = open_sqlite(URL.create("sqlite", database=str(file)), alone=True)
    try:
        step(engine, revisions, to)
    finally:
        engine.dispose()


def step(engine: Engine, revisions: Revisions, to: str = HEAD) -> None:
    """Bring the database to revision *to*, forward or back, in one transaction.

    SetupError if it is newer than this product or *to* is not known; FactsWouldBeLost if going
    back would lose any.
    """
    with _ONE_AT_A_TIME, rebuilding(engine) as db:
        config = revisions.config(db)
        order = [BASE, *_order(revisions.script)]
        held = current(db) or BASE
        if held not in order:
            raise SetupError(
                f"the {revisions.of} {engine.url.database} has revision {held};"
                f" this product knows revisions up to {order[-1]}",
                advice="Use the product version that made this home, or a newer one.",
            )
        wanted = order[-1] if to == HEAD else to
        if wanted not in order:
            raise SetupError(f"there is no revision {to} of the {revisions.of}: {order}")
        if held == BASE and inspect(db).has_table("entry"):
            command.stamp(config, ADOPTED)
            held = ADOPTED
        if order.index(held) < order.index(wanted):
            command.upgrade(config, wanted)
        elif order.index(held) > order.index(wanted):
            command.downgrade(config, wanted)


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


def _order(script: ScriptDirectory) -> list[str]:
    """All revisions, oldest first."""
    return [found.revision for found in script.walk_revisions()][::-1]


def _escaped(path: Path) -> str:
    """A path as ConfigParser reads it back unchanged."""
    return str(path).replace("%", "%%")
