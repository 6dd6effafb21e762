"""Two docks, two workers, two stations and one clip: whoever comes first, it ends the same."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import pytest

from tests.conftest import Count
from tests.crash.schedules import RACES, Ran, run


def told(ran: Iterable[Ran]) -> str:
    each = list(ran)
    return (
        f"schedules: {len(each)} run, {sum(one.choices for one in each):,} choices, "
        f"{sum(len(one.problems) for one in each)} violations"
    )


@pytest.mark.parametrize("race", RACES)
def test_a_few_schedules_end_the_same(race: str, tmp_path: Path, count: Count) -> None:
    ran = [run(race, seed, tmp_path / str(seed)) for seed in range(2)]

    count(told(ran))
    assert [one for one in ran if one.problems] == []
    assert all(one.choices > 20 for one in ran)


@pytest.mark.slow
@pytest.mark.parametrize(("race", "schedules"), list(zip(RACES, (100, 75, 75), strict=True)))
def test_250_schedules_end_the_same(
    race: str, schedules: int, tmp_path: Path, count: Count
) -> None:
    seeds = range(100, 100 + schedules)
    spawn = multiprocessing.get_context("spawn")

    with ProcessPoolExecutor(2, mp_context=spawn) as processes:
        ran = list(processes.map(run, repeat(race), seeds, [tmp_path / str(s) for s in seeds]))

    count(told(ran))
    assert [one for one in ran if one.problems] == []
