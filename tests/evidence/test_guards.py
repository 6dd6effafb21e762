"""The database itself refuses a state change that no custody entry tells of."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError

from evidence.guards import SQLITE_GUARDS, open_sqlite

TABLES = (
    "CREATE TABLE entry (seq INTEGER PRIMARY KEY, kind TEXT, clip TEXT, state TEXT)",
    "CREATE TABLE clip (id TEXT PRIMARY KEY, state TEXT, by_entry INTEGER REFERENCES entry(seq))",
)


@pytest.fixture
def database() -> Iterator[Connection]:
    engine = open_sqlite("sqlite://")
    with engine.connect() as connection:
        for statement in (*TABLES, *SQLITE_GUARDS):
            connection.execute(text(statement))
        connection.execute(text("INSERT INTO entry VALUES (1, 'clip.found', 'c', 'FOUND')"))
        connection.execute(text("INSERT INTO clip VALUES ('c', 'FOUND', 1)"))
        connection.commit()
        yield connection
    engine.dispose()


def test_a_state_change_with_its_entry_is_allowed(database: Connection) -> None:
    database.execute(text("INSERT INTO entry VALUES (2, 'clip.pulled', 'c', 'PULLED')"))

    database.execute(text("UPDATE clip SET state = 'PULLED', by_entry = 2"))

    assert database.execute(text("SELECT state FROM clip")).scalar() == "PULLED"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE clip SET state = 'PULLED'",
        "UPDATE clip SET state = 'PULLED', by_entry = 1",
        "UPDATE clip SET state = 'PULLED', by_entry = 3",
        "UPDATE clip SET state = 'PULLED', by_entry = 4",
        "UPDATE clip SET state = 'ARCHIVED', by_entry = 5",
        "INSERT INTO clip VALUES ('d', 'FOUND', 1)",
        "INSERT INTO clip VALUES ('d', 'FOUND', NULL)",
        "DELETE FROM clip",
        "UPDATE entry SET kind = 'other'",
        "DELETE FROM entry",
    ],
)
def test_an_unrecorded_change_is_refused(database: Connection, change: str) -> None:
    database.execute(text("INSERT INTO entry VALUES (3, 'clip.pulled', 'other', 'PULLED')"))
    database.execute(text("INSERT INTO entry VALUES (4, 'clip.verified', 'c', 'VERIFIED')"))
    database.execute(text("INSERT INTO entry VALUES (5, 'archive.verified', 'c', 'ARCHIVED')"))

    with pytest.raises(IntegrityError, match="unrecorded"):
        database.execute(text(change))


def test_the_database_is_opened_as_durably_as_measured() -> None:
    engine = open_sqlite("sqlite://")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


def test_the_guards_need_nothing_but_the_two_tables() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        for statement in (*TABLES, *SQLITE_GUARDS):
            connection.execute(text(statement))
    engine.dispose()
