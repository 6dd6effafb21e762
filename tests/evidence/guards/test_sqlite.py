"""SQLite is opened as durably as was measured, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from evidence.errors import HomeBusy
from evidence.guards import open_sqlite


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    made = open_sqlite(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with made.begin() as db:
        db.execute(text("CREATE TABLE held (id TEXT)"))
    yield tmp_path / "a.sqlite"
    made.dispose()


def told(engine: Engine, pragma: str) -> object:
    with engine.connect() as connection:
        return connection.execute(text(f"PRAGMA {pragma}")).scalar()


def test_the_database_is_opened_as_durably_as_measured(file: Path) -> None:
    engine = open_sqlite(f"sqlite:///{file}")

    assert told(engine, "journal_mode") == "wal"
    assert told(engine, "synchronous") == 2
    assert told(engine, "foreign_keys") == 1
    engine.dispose()


def test_a_database_to_be_had_alone_is_not_shared(file: Path) -> None:
    alone = open_sqlite(f"sqlite:///{file}", alone=True)

    with pytest.raises(HomeBusy, match="open elsewhere"):
        alone.connect()


def test_a_database_that_is_had_alone_is_nobody_elses(tmp_path: Path) -> None:
    alone = open_sqlite(f"sqlite:///{tmp_path / 'a.sqlite'}", alone=True)
    other = open_sqlite(f"sqlite:///{tmp_path / 'a.sqlite'}", alone=True)
    with alone.connect(), pytest.raises(HomeBusy, match="open elsewhere"):
        other.connect()
    alone.dispose()
    other.connect().close()
    other.dispose()
