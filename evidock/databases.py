"""The databases of a home, for those who look after them: the catalogue and the station's journal.

The home must be at rest: whoever calls holds its lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue import database
from evidence.migration import Standing, standing, step_alone
from evidence.settings import ArchiveSettings
from evidock.home import Home
from station.journal.journal import FILE
from station.journal.journal import REVISIONS as JOURNAL

CATALOGUE = database.REVISIONS.of
NAMES = (CATALOGUE, JOURNAL.of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """As whom to change the catalogue's tables in PostgreSQL; empty: as the archive's own role."""

    address: str = ""
    password_file: str = ""
    workers: Sequence[str] = ()
    """Roles that may do the archive's work."""


def stand(home: Home, name: str) -> Standing:
    """How the database *name* stands."""
    if name == JOURNAL.of:
        return standing(home.station / FILE, JOURNAL)
    return database.looked_at(database.place(home.settings().archive, home.archive))


def change(home: Home, name: str, to: str, owner: Owner) -> None:
    """Bring the database *name* to revision *to*; FactsWouldBeLost if that would lose any.

    A file that is not there yet is left to whoever starts first: it will have today's tables.
    """
    if name == JOURNAL.of:
        if (file := home.station / FILE).exists():
            step_alone(file, JOURNAL, to)
        return
    settings = home.settings().archive
    if owner.address:
        settings = ArchiveSettings(
            database=owner.address, database_password_file=owner.password_file
        )
    place = database.place(settings, home.archive)
    if not isinstance(place, Path) or place.exists():
        database.changed(place, to, owner.workers)
