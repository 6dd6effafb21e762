"""A stranger recomputes a draw: by our check, and by the few lines that the docs print."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from archive.catalogue import draws
from evidence.drawn_file import DrawFile, check
from evidence.policy import Policy
from evidence.rights import Role
from tests.archive.house import Open
from tests.archive.reviewing.house_of_reviews import Reviewing

DOCS = Path(__file__).parents[3] / "docs" / "reviews.md"


async def taken_out(here: Reviewing, draw: str) -> DrawFile:
    auditor = await here.door.person(Role.AUDITOR)
    answer = await auditor.get(f"/v1/draws/{draw}/file")
    assert answer.status == 200, answer.body
    return DrawFile.from_bytes(answer.body)


def policy_of(door: Open) -> Policy:
    return Policy.parse(f"log {door.archive.verifier_key}\nquorum none\n".encode())


async def test_the_lines_in_the_docs_draw_the_same(door: Open, tmp_path: Path) -> None:
    here = await Reviewing.of(door, clips=9, reviewers=3)
    draw = await here.draw(size=5, recheck=40)
    (tmp_path / "draw.json").write_bytes((await taken_out(here, draw)).to_bytes())
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)

    ran = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", code, str(tmp_path / "draw.json")], capture_output=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    told = {(t["place"], t["clip"], t["checker"]) for t in json.loads(ran.stdout)}
    rows = await here.rows("review")
    assert told == {(row["place"], row["clip"], row["checker"]) for row in rows}


async def test_a_true_file_is_found_true(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.draw()

    found = check(await taken_out(here, draw), policy_of(door))

    assert (found.problems, found.number, len(found.tasks)) == ((), 1, 3)
    assert any("own clock" in remark for remark in found.remarks)


@pytest.mark.parametrize("change", ["value", "population", "leaf", "salt", "receipt", "index"])
async def test_a_changed_file_is_found_out(door: Open, change: str) -> None:
    here = await Reviewing.of(door)
    file = await taken_out(here, await here.draw())
    entries, text = list(file.entries), file.population
    one, other = entries[1], entries[0]
    if change == "value":
        entries[1] = msgspec.structs.replace(one, text=one.text.replace("4.9.18", "4.9.19"))
    elif change == "receipt":
        entries[1] = msgspec.structs.replace(one, receipt=other.receipt)
    elif change == "index":
        entries[1] = msgspec.structs.replace(one, index=one.index + 1)
    elif change == "leaf":
        text = text.replace('"stratum":"all"', '"stratum":"one"', 1)
    elif change == "population":
        text = text.replace(here.clips[0], "c-" + "0" * 32)
    salt = "00" * 32 if change == "salt" else file.population_salt

    changed = msgspec.structs.replace(file, entries=entries, population=text, population_salt=salt)

    assert check(changed, policy_of(door)).problems != ()


async def test_what_was_abandoned_after_its_seed_was_known_is_told(door: Open) -> None:
    here = await Reviewing.of(door)
    first = await here.commit()
    await here.seeded(first)
    await here.run(draws.abandon, here.people["lead"], first, "we did not like it")
    again = await here.draw(redoes=first, redo_reason="we did not like it")

    found = check(await taken_out(here, again), policy_of(door))

    assert found.problems == ()
    assert any("draw 1: abandoned" in remark for remark in found.remarks)
    assert replace(found, remarks=()).number == 2
