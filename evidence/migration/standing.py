"""How a database stands: which revision it has, and what keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine

from evidence.guards import durability, may_change_tables, open_postgresql
from evidence.migration.revisions import BASE, Revisions, current, engine_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was found, and nothing changed to find it."""

    of: str
    """What people call the database."""
    revision: str
    """The one it has; ``base``: no tables yet."""
    head: str
    """The newest one this product knows."""
    older: tuple[str, ...]
    """The others it knows."""
    kept_by: str
    """Kind, version and what decides how durable it is."""
    may_change: bool
    """Whether whoever opens it as this session did may change tables, and take guards away."""

    @property
    def today(self) -> bool:
        """Whether the tables are this product's."""
        return self.revision == self.head

    @property
    def usable(self) -> bool:
        """Whether the archive or station starts on it as it is, or by changing its tables."""
        return self.today or (self.may_change and self.revision in {BASE, *self.older})


def standing(where: Path | URL, revisions: Revisions) -> Standing:
    """How the database at *where* stands; a file that is not there is not made.

    SetupError, or another error of ours, if it cannot be asked or may not keep evidence.
    """
    if isinstance(where, Path) and not where.exists():
        return Standing(
            of=revisions.of,
            revision=BASE,
            head=revisions.head,
            older=(),
            kept_by="",
            may_change=True,
        )
    engine = _looking(where)
    try:
        with engine.connect() as db:
            return _of(db, revisions)
    finally:
        engine.dispose()


def _looking(where: Path | URL) -> Engine:
    return open_postgresql(where, alone=False) if isinstance(where, URL) else engine_for(where)


def _of(db: Connection, revisions: Revisions) -> Standing:
    return Standing(
        of=revisions.of,
        revision=current(db) or BASE,
        head=revisions.head,
        older=tuple(revisions.order[:-1]),
        kept_by=durability(db),
        may_change=may_change_tables(db),
    )
