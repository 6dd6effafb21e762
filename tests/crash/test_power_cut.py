"""Power is cut before every operation of a whole journey, and nothing is lost.

Archive, station and databases are the real ones, in this process, on a disk that forgets; the
vault is one in memory that is durable when it answers (the embedded engine has its walk of its own
in ``test_whole_home.py``).
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from evidence.errors import EvidenceError
from tests.conftest import Count
from tests.crash.cuts import Cut, Found, distinct, torn
from tests.crash.disk import Model
from tests.crash.invariants import violations
from tests.crash.walk import Walk, walking

CARDS = {
    "cam-1/DCIM/1.txt": b"first footage",
    "cam-1/DCIM/2.txt": random.Random(1).randbytes(300_000),
    "cam-2/2.txt": b"first footage",
}
"""Two cards; two files hold the same bytes."""


@pytest.fixture
async def walk(tmp_path: Path) -> AsyncIterator[Walk]:
    async with walking(tmp_path, CARDS) as recorded:
        yield recorded


def look(walk: Walk, cuts: Iterable[Cut]) -> Found:
    """Cut, and look at what is left."""
    found = Found()
    for cut in cuts:
        found.add(cut, violations(walk.cut(cut.after, cut.model, cut.seed)))
    return found


async def go_on(walk: Walk, cuts: Iterable[Cut]) -> Found:
    """Cut, start again, and look at what became of everything."""
    found = Found()
    for cut in cuts:
        scene = walk.cut(cut.after, cut.model, cut.seed)
        try:
            problems = await walk.finish(scene.heads)
        except (EvidenceError, TimeoutError) as error:
            problems = [f"it does not go on: {error!r}"]
        found.add(cut, problems)
    return found


def told(walk: Walk, seen: Found, went_on: Found) -> str:
    return (
        f"{walk.points[Model.STRICT].operations:,} operations, {seen.cuts} states looked at, "
        f"{went_on.cuts} gone on from, {len(seen.problems + went_on.problems)} violations"
    )


async def test_after_a_cut_at_any_operation_nothing_is_lost(walk: Walk, count: Count) -> None:
    every = distinct(walk.points, Model.STRICT)
    seen = look(walk, every[::6] + torn(walk.points, 1, 15))
    went_on = await go_on(walk, every[::80] + torn(walk.points, 2, 3))

    count(f"power cuts: {told(walk, seen, went_on)}")
    assert seen.problems + went_on.problems == []
    assert walk.points[Model.STRICT].operations > 1000
    assert seen.cuts > 40


@pytest.mark.parametrize("verb", ["sync_file", "sync_folder"])
async def test_the_walk_finds_what_a_product_that_does_not_sync_loses(
    walk: Walk, verb: str, tmp_path: Path
) -> None:
    """Without this the walk might find nothing since it looks at nothing."""
    walk.disk.tell("forget", [verb])
    walk.points = {Model.STRICT: walk.disk.points(Model.STRICT, tmp_path)}
    last = walk.points[Model.STRICT].operations

    found = look(walk, [Cut(after=last, model=Model.STRICT)])

    assert any("I1: " in problem for problem in found.problems), found.problems


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, 13])
async def test_every_state_that_a_cut_can_leave_goes_on(
    walk: Walk, seed: int, count: Count
) -> None:
    """Each of three recordings: its tasks take turns as they please, so they differ."""
    every = [*distinct(walk.points, Model.STRICT), *distinct(walk.points, Model.NAMED)]
    seen = look(walk, every + torn(walk.points, seed, 100))
    some = [cut for cut in every if cut.after % 12 == seed % 12]

    went_on = await go_on(walk, some + torn(walk.points, seed + 100, 20))

    count(f"power cuts: {told(walk, seen, went_on)}")
    assert seen.problems + went_on.problems == []


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
async def test_a_second_cut_while_it_goes_on_from_the_first_loses_nothing(
    walk: Walk, part: float, count: Count
) -> None:
    first = int(walk.points[Model.STRICT].operations * part)
    walk.shown = walk.cut(first, Model.STRICT).heads
    await walk.record()

    every = distinct(walk.points, Model.STRICT)
    seen = look(walk, every + torn(walk.points, first, 50))
    went_on = await go_on(walk, every[::20])

    count(f"second power cuts: {told(walk, seen, went_on)}")
    assert seen.problems + went_on.problems == []


async def killed_then_cut(walk: Walk, kills: Iterable[int]) -> Found:
    """Kill everybody there, let all run again to the end, and then lose power."""
    found = Found()
    first = dict(walk.points)
    for after in kills:
        walk.points = dict(first)
        await walk.kill(after)
        cut = Cut(after=walk.points[Model.STRICT].operations, model=Model.STRICT)
        scene = walk.cut(cut.after, cut.model)
        found.add(cut, [f"killed after {after}: {problem}" for problem in violations(scene)])
    return found


async def test_a_kill_and_a_power_cut_long_after_it_lose_nothing(walk: Walk, count: Count) -> None:
    """A folder that was made and not synced before the kill is there, and not for long."""
    made = walk.points[Model.STRICT].made

    found = await killed_then_cut(walk, made[::6])

    count(f"kills with a cut later: {found.cuts}, {len(found.problems)} violations")
    assert found.problems == []


@pytest.mark.slow
async def test_a_kill_after_any_new_folder_and_a_cut_lose_nothing(walk: Walk, count: Count) -> None:
    points = walk.points[Model.STRICT]
    anywhere = range(5, points.operations, points.operations // 15)

    found = await killed_then_cut(walk, [*points.made, *anywhere])

    count(f"kills with a cut later: {found.cuts}, {len(found.problems)} violations")
    assert found.problems == []
