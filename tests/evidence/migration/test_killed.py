"""Killed at any statement of a migration, a database is as it was before, and migrates then."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from evidence.migration import Revisions, current, step
from tests.conftest import Count
from tests.evidence.migration.conftest import Opener
from tests.evidence.migration.filling import Step, dump, everywhere, fill, steps
from tests.evidence.migration.killing import killed_at

BY_STRIDE = pytest.mark.parametrize("stride", [31, pytest.param(1, marks=pytest.mark.slow)])


def revision(engine: Engine) -> str:
    with engine.begin() as db:
        return current(db) or "base"


def walk(chain: Revisions, old: str, new: str, opener: Opener, stride: int) -> int:
    """Kill at every *stride*-th statement between two revisions; how many points there were."""
    nth = 1
    engine = opener()
    with engine.begin() as db:
        before = dump(db)
    engine.dispose()
    while killed_at(nth, opener, chain, new):
        engine = opener()
        assert revision(engine) == old
        with engine.begin() as db:
            assert dump(db) == before
        engine.dispose()
        nth += stride
    engine = opener()
    assert revision(engine) == new
    engine.dispose()
    return nth // stride


@BY_STRIDE
@pytest.mark.parametrize(("opener", "one"), everywhere(steps()), indirect=["opener"])
def test_a_killed_migration_changes_nothing(
    opener: Opener, one: Step, stride: int, count: Count
) -> None:
    engine = opener()
    kind = engine.dialect.name
    step(engine, one.chain, one.before)
    with engine.begin() as db:
        fill(db)
    engine.dispose()

    points = walk(one.chain, one.before, one.after, opener, stride)
    if one.before != "base":  # rows would be lost: refused, as test_chains tells
        points += walk(one.chain, one.after, one.before, opener, stride)

    assert points > 1
    count(f"killed migrations of the {one} in {kind}: {points} points, 0 violations")
