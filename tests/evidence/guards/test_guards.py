"""The database itself refuses a state change that no custody entry tells of: every database."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from _pytest.mark.structures import ParameterSet
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from evidence.guards import install, open_postgresql, open_sqlite
from tests.postgres import Server

TABLES = (
    "CREATE TABLE entry (seq INTEGER PRIMARY KEY, kind TEXT, clip TEXT, state TEXT)",
    "CREATE TABLE clip (id TEXT PRIMARY KEY, state TEXT, by_entry INTEGER REFERENCES entry(seq))",
)

ATTACKS = {
    "every": [
        "UPDATE clip SET state = 'PULLED'",
        "UPDATE clip SET state = 'PULLED', by_entry = 1",
        "UPDATE clip SET state = 'PULLED', by_entry = 2",
        "UPDATE clip SET state = 'PULLED', by_entry = 3",
        "UPDATE clip SET state = 'ARCHIVED', by_entry = 4",
        "UPDATE clip SET by_entry = 3",
        "UPDATE clip SET by_entry = NULL",
        "UPDATE clip SET state = NULL",
        "UPDATE clip SET id = 'd'",
        "INSERT INTO clip VALUES ('d', 'FOUND', 1)",
        "INSERT INTO clip VALUES ('d', 'FOUND', NULL)",
        "INSERT INTO clip VALUES ('c', 'FOUND', 1) ON CONFLICT (id) DO UPDATE SET by_entry = 4",
        "DELETE FROM clip",
        "UPDATE entry SET kind = 'other'",
        "UPDATE entry SET seq = seq + 10",
        "DELETE FROM entry",
        "INSERT INTO entry VALUES (6, 'gap', 'c', NULL)",
        "INSERT INTO entry VALUES (0, 'before', 'c', NULL)",
        "INSERT INTO entry VALUES (3, 'again', 'c', NULL)",
        "INSERT INTO entry VALUES (1, 'x', 'c', NULL) ON CONFLICT (seq) DO UPDATE SET kind = 'x'",
    ],
    "sqlite": [
        "INSERT OR REPLACE INTO entry VALUES (1, 'other', 'c', 'FOUND')",
        "REPLACE INTO clip VALUES ('c', 'ARCHIVED', 4)",
        "UPDATE OR REPLACE entry SET seq = 1 WHERE seq = 2",
        "INSERT OR IGNORE INTO entry VALUES (9, 'gap', 'c', NULL)",
    ],
    "postgresql": [
        "TRUNCATE entry CASCADE",
        "TRUNCATE clip",
        "MERGE INTO entry USING (VALUES (1)) AS v (n) ON seq = n WHEN MATCHED THEN DELETE",
        (
            "MERGE INTO entry USING (VALUES (1)) AS v (n) ON seq = n"
            " WHEN MATCHED THEN UPDATE SET kind = 'x'"
        ),
        "WITH gone AS (DELETE FROM clip RETURNING id) SELECT * FROM gone",
        (
            "CREATE TEMP TABLE entry AS SELECT 9 AS seq, 'c' AS clip, 'PULLED' AS state;"
            " UPDATE clip SET state = 'PULLED', by_entry = 9"
        ),
        "CREATE TEMP TABLE entry (seq int); INSERT INTO public.entry VALUES (9, 'x', 'c', NULL)",
    ],
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = open_sqlite("sqlite://")
        yield made
        made.dispose()
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database(tables=False) as name:
        made = open_postgresql(server.url(name))
        yield made
        made.dispose()


@pytest.fixture
def database(engine: Engine) -> Iterator[Connection]:
    """Guarded tables with one clip, in a transaction that takes all of it back at its end."""
    with engine.connect() as connection, connection.begin() as begun:
        for statement in TABLES:
            connection.execute(text(statement))
        install(connection)
        connection.execute(text("INSERT INTO entry VALUES (1, 'clip.found', 'c', 'FOUND')"))
        connection.execute(text("INSERT INTO clip VALUES ('c', 'FOUND', 1)"))
        yield connection
        begun.rollback()


def test_a_state_change_with_its_entry_is_allowed(database: Connection) -> None:
    database.execute(text("INSERT INTO entry VALUES (2, 'clip.pulled', 'c', 'PULLED')"))

    database.execute(text("UPDATE clip SET state = 'PULLED', by_entry = 2"))

    assert database.execute(text("SELECT state FROM clip")).scalar() == "PULLED"


def attacks() -> list[ParameterSet]:
    return [
        pytest.param(kind, attack, id=f"{kind}-{attack}")
        for kind in ("sqlite", "postgresql")
        for attack in (*ATTACKS["every"], *ATTACKS[kind])
    ]


@pytest.mark.parametrize(("engine", "attack"), attacks(), indirect=["engine"])
def test_an_unrecorded_change_is_refused(database: Connection, attack: str) -> None:
    database.execute(text("INSERT INTO entry VALUES (2, 'clip.pulled', 'other', 'PULLED')"))
    database.execute(text("INSERT INTO entry VALUES (3, 'clip.verified', 'c', 'VERIFIED')"))
    database.execute(text("INSERT INTO entry VALUES (4, 'archive.verified', 'c', 'ARCHIVED')"))

    with pytest.raises(IntegrityError, match="unrecorded"):
        database.exec_driver_sql(attack)


def test_guards_are_made_anew_where_they_are_gone_or_other_ones(database: Connection) -> None:
    install(database)
    for name in ("entry_is_kept", "evidock_entry_is_kept"):
        on = "" if database.dialect.name == "sqlite" else " ON entry"
        database.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
    install(database)

    with pytest.raises(IntegrityError, match="unrecorded"):
        database.execute(text("DELETE FROM entry"))


def test_not_even_a_superuser_turns_the_guards_off_by_a_setting(postgres: Server) -> None:
    with postgres.database() as name, postgres.connect(name) as session:
        session.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="gap"):
            session.execute(
                "INSERT INTO entry (seq, kind, by, raw) VALUES (0, 'a', 'b', ''), (2, 'a', 'b', '')"
            )
