"""In PostgreSQL the role that works cannot change what happened, nor take the guards away."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from archive.catalogue.database import changed, looked_at, prepared
from archive.catalogue.roles import RIGHTS
from archive.catalogue.tables import Table
from evidence.errors import FactsWouldBeLost, SetupError
from tests.postgres import APP, OWNER, Server

FORBIDDEN = (
    "UPDATE entry SET kind = 'other'",
    "DELETE FROM entry",
    "TRUNCATE entry CASCADE",
    "DELETE FROM clip",
    "TRUNCATE clip CASCADE",
    "UPDATE journal SET entry = 0",
    "DELETE FROM view_reason",
    "UPDATE alembic_version SET version_num = '0001'",
    "ALTER TABLE entry DISABLE TRIGGER ALL",
    "DROP TRIGGER evidock_entry_is_kept ON entry",
    "CREATE TRIGGER evidock_a BEFORE INSERT ON entry EXECUTE FUNCTION evidock_entry_is_kept()",
    "CREATE RULE a AS ON INSERT TO entry DO INSTEAD NOTHING",
    (
        "CREATE OR REPLACE FUNCTION evidock_entry_is_kept() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN OLD; END'"
    ),
    "ALTER TABLE entry DROP CONSTRAINT entry_pkey CASCADE",
    "DROP TABLE entry CASCADE",
    "SET session_replication_role = replica",
    "SET ROLE evidock_owner",
)


@pytest.fixture
def name(postgres: Server) -> Iterator[str]:
    with postgres.database() as made:
        yield made


@pytest.fixture(scope="module")
def unchanged(postgres: Server) -> Iterator[str]:
    """A database for tests that change nothing in it."""
    with postgres.database() as made:
        yield made


@pytest.mark.parametrize("act", FORBIDDEN)
def test_the_working_role_cannot_get_past_the_guards(
    postgres: Server, unchanged: str, act: str
) -> None:
    with (
        postgres.connect(unchanged, APP) as session,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)),
    ):
        session.execute(act)


def test_the_working_role_has_every_right_the_archive_needs(postgres: Server, name: str) -> None:
    engine = prepared(postgres.url(name, APP))
    engine.dispose()

    assert set(RIGHTS) <= {*Table.metadata.tables, "alembic_version"}


def test_a_working_role_without_a_right_is_told_before_it_begins(
    postgres: Server, name: str
) -> None:
    with postgres.connect(name, OWNER) as session:
        session.execute("REVOKE INSERT ON entry FROM evidock_app")

    with pytest.raises(SetupError, match="may not INSERT table entry"):
        prepared(postgres.url(name, APP))


def test_the_working_role_makes_and_changes_no_tables(postgres: Server) -> None:
    with postgres.database(tables=False) as empty:
        with pytest.raises(SetupError, match="may not change tables"):
            prepared(postgres.url(empty, APP))

        changed(postgres.url(empty, OWNER), "head", [APP])
        prepared(postgres.url(empty, APP)).dispose()
        with pytest.raises(SetupError, match="may not change tables"):
            changed(postgres.url(empty, APP), "0001")


def test_a_working_role_keeps_its_rights_through_back_and_forward(
    postgres: Server, name: str
) -> None:
    changed(postgres.url(name, OWNER), "0001")
    with pytest.raises(SetupError, match="may not change tables"):
        prepared(postgres.url(name, APP))
    changed(postgres.url(name, OWNER), "head")

    prepared(postgres.url(name, APP)).dispose()


@pytest.mark.parametrize(
    "harm",
    [
        "DROP TRIGGER evidock_entry_is_kept ON entry",
        "ALTER TABLE clip DISABLE TRIGGER evidock_clip_moves_recorded",
        "ALTER TABLE clip ENABLE TRIGGER evidock_clip_moves_recorded",
        (
            "CREATE OR REPLACE FUNCTION evidock_entry_is_kept() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN OLD; END'"
        ),
    ],
)
def test_the_archive_does_not_start_where_a_guard_is_not_as_it_was(
    postgres: Server, name: str, harm: str
) -> None:
    with postgres.connect(name, OWNER) as session:
        session.execute(harm)
    with pytest.raises(SetupError, match="the guard evidock_"):
        prepared(postgres.url(name, APP))

    changed(postgres.url(name, OWNER), "head")  # puts them back

    prepared(postgres.url(name, APP)).dispose()


def test_a_role_that_is_not_there_gets_no_rights(postgres: Server, name: str) -> None:
    with pytest.raises(SetupError, match="no role nobody"):
        changed(postgres.url(name, OWNER), "head", ["nobody"])


def test_looking_changes_nothing_and_waits_for_nobody(postgres: Server, name: str) -> None:
    working = prepared(postgres.url(name, APP))

    with working.connect():
        seen = looked_at(postgres.url(name, APP))

    working.dispose()
    assert (seen.today, seen.may_change, seen.usable) == (True, False, True)
    assert seen.kept_by.startswith("PostgreSQL")
    assert "fsync on" in seen.kept_by
    assert looked_at(postgres.url(name, OWNER)).may_change


def test_facts_keep_the_tables_from_going_back(postgres: Server, name: str) -> None:
    with postgres.connect(name, OWNER) as session:
        session.execute("INSERT INTO entry (seq, kind, by, raw) VALUES (0, 'a', 'b', '')")

    with pytest.raises(FactsWouldBeLost, match="table entry"):
        changed(postgres.url(name, OWNER), "base")
