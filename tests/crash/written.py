"""What a home has written down, read as an outsider does: from copies of its files, with SQLite.

Reading a database in its place would recover and tidy it, and so change what is to be looked at.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence.custody import Entry, EntryKind

_TABLES = ("entry", "clip", "sighting", "docking", "seen", "erasure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The tables of one database, row by row; empty where it has none."""

    tables: Mapping[str, Sequence[Mapping[str, Any]]]
    damage: str | None = None
    """What SQLite says is wrong with it."""

    @classmethod
    def of(cls, database: Path) -> Written:
        """What *database* holds; nothing if it is not there, or was never finished."""
        with tempfile.TemporaryDirectory() as folder:
            for suffix in ("", "-wal", "-journal"):
                file = database.with_name(database.name + suffix)
                if file.exists():
                    shutil.copyfile(file, Path(folder) / file.name)
            try:
                return cls(tables=_rows(Path(folder) / database.name))
            except sqlite3.DatabaseError as error:
                return cls(tables={}, damage=str(error))

    def __getitem__(self, table: str) -> Sequence[Mapping[str, Any]]:
        return self.tables.get(table, ())

    @property
    def leaves(self) -> list[bytes]:
        """The bytes of every entry, in order."""
        return [row["raw"] for row in self["entry"]]

    def entries(self, *kinds: EntryKind) -> list[Entry]:
        """The entries of these *kinds*, in order."""
        wanted = {kind.value for kind in kinds}
        return [Entry(row["raw"]) for row in self["entry"] if row["kind"] in wanted]


def _rows(database: Path) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    with closing(sqlite3.connect(database)) as db:
        db.row_factory = sqlite3.Row
        held = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        damage = db.execute("PRAGMA integrity_check").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)
        return {
            table: [dict(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")]  # noqa: S608  our own names
            for table in _TABLES
            if table in held
        }
