"""Every revision of every database, forward and back, with rows in all tables."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from alembic import command
from sqlalchemy import Engine

from evidence.errors import FactsWouldBeLost
from evidence.migration import Revisions, current, step
from tests.evidence.migration.filling import (
    CHAINS,
    Dump,
    Step,
    dump,
    everywhere,
    fill,
    newest,
    shared,
    steps,
)

BY_STEP = pytest.mark.parametrize(("opener", "one"), everywhere(steps()), indirect=["opener"])
BY_CHAIN = pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.of)


def contents(engine: Engine) -> Dump:
    with engine.begin() as db:
        return dump(db)


@BY_CHAIN
def test_revisions_are_one_line(chain: Revisions) -> None:
    assert chain.order == [f"{n:04}" for n in range(1, len(chain.order) + 1)]
    assert len(chain.script.get_heads()) == 1


@pytest.mark.parametrize(("opener", "one"), everywhere(newest()), indirect=["opener"])
def test_the_newest_revision_has_exactly_the_tables_of_the_code(one: Step, engine: Engine) -> None:
    step(engine, one.chain)

    with engine.begin() as db:
        command.check(one.chain.config(db))  # raises, naming what a new revision must bring


@BY_STEP
def test_no_row_is_lost_forward_and_back(one: Step, engine: Engine) -> None:
    step(engine, one.chain, one.before)
    with engine.begin() as db:
        fill(db)
    old = contents(engine)

    step(engine, one.chain, one.after)
    new = contents(engine)
    if old:
        step(engine, one.chain, one.before)

    before, since = shared(old, new)
    assert before == since
    assert contents(engine) == (old or new), "what a revision drops comes back from the log"


@BY_STEP
def test_going_back_loses_no_fact_in_silence(one: Step, engine: Engine) -> None:
    step(engine, one.chain, one.after)
    with engine.begin() as db:
        assert fill(db) > 0
    new = contents(engine)

    try:
        step(engine, one.chain, one.before)
        step(engine, one.chain, one.after)
    except FactsWouldBeLost:
        with engine.begin() as db:
            assert current(db) == one.after

    assert facts(contents(engine)) == facts(new)


def facts(rows: Mapping[str, object]) -> dict[str, object]:
    """*rows* by table, but those that say how far work has come: it is begun anew."""
    return {table: held for table, held in rows.items() if table not in {"office", "reached"}}
