"""What rows of before say of how their clips came, once their tables know that word."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from archive.catalogue.database import REVISIONS as CATALOGUE
from evidence.migration import step
from station.journal.journal import REVISIONS as JOURNAL
from tests.evidence.migration.filling import Step, everywhere, fill

STEPS = [
    Step(chain=CATALOGUE, before="0007", after="0008"),
    Step(chain=JOURNAL, before="0006", after="0007"),
]


@pytest.mark.parametrize(("opener", "one"), everywhere(STEPS), indirect=["opener"])
def test_pushed_clips_of_before_are_known_by_their_profile(one: Step, engine: Engine) -> None:
    step(engine, one.chain, one.before)
    with engine.begin() as db:
        fill(db)
        db.execute(text("UPDATE clip SET profile = 'axis-push' WHERE id = 'clip.id-1'"))

    step(engine, one.chain, one.after)

    with engine.begin() as db:
        rows = db.execute(text("SELECT id, acquisition FROM clip ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("clip.id-0", "docked"), ("clip.id-1", "pushed")]
