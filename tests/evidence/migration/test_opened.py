"""Opening a database brings it to today's tables, or says why not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from evidence.errors import HomeBusy, SetupError
from evidence.guards import open_sqlite
from evidence.migration import Revisions, current, opened, refuse_loss, step, step_alone
from evidence.migration.revisions import ADOPTED
from tests.evidence.migration.filling import CHAINS, dump, shared
from tests.evidence.migration.killing import killed_at

OLD = Path(__file__).parent / "before_revisions"
BY_CHAIN = pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.of)


def old_home(file: Path, chain: Revisions) -> None:
    """A database as issue 2's product left it, two rows in every table."""
    with closing(sqlite3.connect(file)) as db:
        db.executescript((OLD / f"{chain.of}.sql").read_text())


@BY_CHAIN
def test_a_database_from_before_there_were_revisions_is_adopted(
    chain: Revisions, tmp_path: Path
) -> None:
    file = tmp_path / "a.sqlite"
    old_home(file, chain)
    before = open_sqlite(f"sqlite:///{file}")
    with before.begin() as db:
        old = dump(db)
    before.dispose()

    engine = opened(file, chain)

    with engine.begin() as db:
        assert current(db) == chain.head
        assert shared(old, dump(db)) == (old, old)
    engine.dispose()


@BY_CHAIN
def test_a_home_killed_while_it_is_adopted_is_adopted_next_time(
    chain: Revisions, tmp_path: Path
) -> None:
    file = tmp_path / "a.sqlite"
    old_home(file, chain)
    nth = 1
    opener = partial(open_sqlite, f"sqlite:///{file}", alone=True)
    while killed_at(nth, opener, chain, "head"):
        with closing(sqlite3.connect(file)) as db:
            assert db.execute("SELECT count(*) FROM entry").fetchone() == (2,)
            made = db.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'")
            assert made.fetchone() is None
        nth += 23

    engine = opened(file, chain)
    with engine.begin() as db_now:
        assert current(db_now) == chain.head
    engine.dispose()


@BY_CHAIN
def test_adopted_tables_are_those_of_the_first_revision(chain: Revisions, tmp_path: Path) -> None:
    old_home(tmp_path / "old.sqlite", chain)
    engine = open_sqlite(f"sqlite:///{tmp_path / 'new.sqlite'}")
    step(engine, chain, ADOPTED)
    engine.dispose()

    assert structure(tmp_path / "new.sqlite") == structure(tmp_path / "old.sqlite")


def structure(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """Columns, indices and references of each table."""
    with closing(sqlite3.connect(file)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {
            f"{what} {name}": sorted(row[1:] for row in db.execute(f"PRAGMA {what}({name})"))
            for name in names
            for what in ("table_info", "foreign_key_list", "index_list")
            if name != "alembic_version"
        }


@BY_CHAIN
def test_a_database_of_a_newer_product_is_left_alone(chain: Revisions, tmp_path: Path) -> None:
    engine = opened(tmp_path / "a.sqlite", chain)
    with engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(SetupError, match=f"the {chain.of} .* has revision 9999"):
        opened(tmp_path / "a.sqlite", chain)


@BY_CHAIN
def test_no_tables_change_while_somebody_has_them_open(chain: Revisions, tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    step_alone(file, chain, ADOPTED)
    with closing(sqlite3.connect(file)) as other:
        other.execute("SELECT count(*) FROM entry").fetchone()

        with pytest.raises(HomeBusy, match="open elsewhere"):
            step_alone(file, chain, "base")

    step_alone(file, chain, "base")


@BY_CHAIN
def test_an_unknown_revision_is_refused(chain: Revisions, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no revision 7777"):
        step_alone(tmp_path / "a.sqlite", chain, "7777")


@BY_CHAIN
def test_guards_that_were_dropped_or_changed_stand_again(chain: Revisions, tmp_path: Path) -> None:
    old_home(tmp_path / "a.sqlite", chain)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        db.executescript(
            "DROP TRIGGER entry_is_kept; DROP TRIGGER clip_is_kept;"
            "CREATE TRIGGER clip_is_kept BEFORE DELETE ON clip BEGIN SELECT 1; END"
        )

    engine = opened(tmp_path / "a.sqlite", chain)

    for attack in ("DELETE FROM entry", "DELETE FROM clip"):
        with pytest.raises(IntegrityError, match="unrecorded"), engine.begin() as db:
            db.execute(text(attack))
    engine.dispose()


def test_only_what_is_neither_null_nor_usual_is_a_fact() -> None:
    engine = open_sqlite("sqlite://")
    with engine.begin() as db:
        db.execute(text("CREATE TABLE clip (id TEXT, held INTEGER DEFAULT 0, why TEXT)"))
        db.execute(text("INSERT INTO clip (id) VALUES ('c')"))
        refuse_loss(db, "clip", "why")
        refuse_loss(db, "clip", "held", usual=0)
        for dropped in (("held",), ("why", "id"), ()):
            with pytest.raises(SetupError, match="would lose"):
                refuse_loss(db, "clip", *dropped)
    engine.dispose()
