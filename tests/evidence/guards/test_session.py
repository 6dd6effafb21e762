"""A PostgreSQL server keeps evidence durably, for one archive at a time, or is not used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from psycopg import sql
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import OperationalError

from evidence.errors import HomeBusy, SetupError, TemporaryError
from evidence.guards import open_postgresql
from evidence.guards.session import check, look
from tests.postgres import OWNER, Server


@pytest.fixture
def name(postgres: Server) -> Iterator[str]:
    with postgres.database(tables=False) as made:
        yield made


def test_a_second_archive_is_told_who_has_the_database(postgres: Server, name: str) -> None:
    first = open_postgresql(postgres.url(name))
    second = open_postgresql(postgres.url(name), patience=0.2)
    with first.connect() as held:
        pid = held.execute(text("SELECT pg_backend_pid()")).scalar()
        with pytest.raises(HomeBusy, match=f"another archive .*backend {pid} from this machine"):
            second.connect()
    first.dispose()

    second.connect().close()  # as soon as the first is gone
    second.dispose()


def test_whoever_only_looks_needs_no_turn(postgres: Server, name: str) -> None:
    first = open_postgresql(postgres.url(name))
    looking = open_postgresql(postgres.url(name), alone=False)
    with first.connect(), looking.connect() as seen:
        assert seen.execute(text("SELECT 1")).scalar() == 1
    first.dispose()
    looking.dispose()


def test_a_lost_lock_is_taken_again_before_anything_else(postgres: Server, name: str) -> None:
    engine = open_postgresql(postgres.url(name), patience=0.2)
    other = open_postgresql(postgres.url(name))
    with engine.connect() as held:
        pid = held.execute(text("SELECT pg_backend_pid()")).scalar()
        with postgres.connect() as session:
            session.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        with pytest.raises(OperationalError):
            held.execute(text("SELECT 1"))
    with other.connect(), pytest.raises(HomeBusy):
        engine.connect()
    other.dispose()

    engine.connect().close()
    engine.dispose()


@pytest.mark.parametrize("scope", ["DATABASE {name}", "ROLE {owner}"])
def test_a_session_that_would_not_wait_for_the_disk_is_refused(
    postgres: Server, name: str, scope: str
) -> None:
    on = sql.SQL(scope).format(name=sql.Identifier(name), owner=sql.Identifier(OWNER))
    with postgres.connect() as session:
        session.execute(sql.SQL("ALTER {} SET synchronous_commit = off").format(on))
        try:
            with pytest.raises(SetupError, match="synchronous_commit off"):
                open_postgresql(postgres.url(name)).connect()
        finally:
            session.execute(sql.SQL("ALTER {} RESET synchronous_commit").format(on))


def test_a_superuser_is_refused(postgres: Server, name: str) -> None:
    with pytest.raises(SetupError, match="superuser"):
        open_postgresql(postgres.url(name, "postgres")).connect()


def test_a_database_that_sorts_by_a_language_is_refused(postgres: Server) -> None:
    with postgres.connect() as session:
        server = look(session)

    with pytest.raises(SetupError, match="sorts by the rules of a language"):
        check(replace(server, superuser=False, sorted=sorted(server.sorted, key=str.lower)), "it")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fsync": "off"}, "fsync off"),
        ({"full_page_writes": "off"}, "full_page_writes off"),
        ({"number": 130_012, "version": "13.12"}, "version 13.12"),
        ({"encoding": "SQL_ASCII"}, "SQL_ASCII"),
        ({"replication_role": "replica"}, "session_replication_role replica"),
    ],
)
def test_a_server_that_would_lose_what_it_was_given_is_refused(
    postgres: Server, wrong: dict[str, object], said: str
) -> None:
    with postgres.connect() as session:
        server = replace(look(session), superuser=False)
    check(server, "it")

    with pytest.raises(SetupError, match=said):
        check(replace(server, **wrong), "it")  # type: ignore[arg-type]


def test_a_standby_is_waited_for(postgres: Server) -> None:
    with postgres.connect() as session:
        server = replace(look(session), superuser=False, standby=True)

    with pytest.raises(TemporaryError, match="standby"):
        check(server, "it")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://e@db.example/e",
        "postgresql://e@db.example/e?sslmode=prefer",
        "postgresql://e@10.0.0.7/e?sslmode=disable",
        "postgresql://e@/e?host=db.example",
    ],
)
def test_no_footage_is_told_of_over_a_bare_wire(address: str) -> None:
    with pytest.raises(SetupError, match="without certain encryption"):
        open_postgresql(make_url(address))


@pytest.mark.parametrize("host", ["", "127.0.0.1", "::1", "localhost"])
def test_this_machine_needs_no_encryption(host: str) -> None:
    open_postgresql(URL.create("postgresql", host=host, database="e")).dispose()
