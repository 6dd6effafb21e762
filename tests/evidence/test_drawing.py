"""A draw is the same for everybody, fair, and bound to what was committed to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.draw_seed import SeedRule, is_after
from evidence.drawing import Candidate, Checker, Population, Rules, drawn, sample_root

DUE = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
RULE = SeedRule.of("public", "lottery/ssq/2026140", DUE)
CHI_SQUARE_19_AT_999 = 43.82
"""What a chi-square of 19 degrees of freedom exceeds once in a thousand."""


@dataclass(frozen=True)
class Sizes:
    clips: int
    checkers: int
    size: int
    recheck: int = 0


def population(clips: int, checkers: int, barred: dict[int, list[int]] | None = None) -> Population:
    objects = [
        Candidate(
            clip=f"c-{number:03}",
            entry=number,
            sha256="00" * 32,
            stratum="all" if number % 2 else "s-1",
            barred=[f"u-{each}" for each in (barred or {}).get(number, [])],
        )
        for number in range(clips)
    ]
    return Population.of(reversed(objects), [Checker(person=f"u-{n}") for n in range(checkers)])


def rules(size: int, recheck: int = 0) -> Rules:
    return Rules(
        since="2026-11-01T00:00:00.000Z",
        until="2026-11-28T00:00:00.000Z",
        size=size,
        recheck=recheck,
        sheet="00" * 32,
        owner="u-0",
        seed=RULE,
    )


SIZES = st.builds(
    Sizes, st.integers(2, 30), st.integers(1, 6), st.integers(1, 20), st.integers(0, 100)
)


@given(SIZES, st.text("0123456789.", min_size=4, max_size=30))
@settings(max_examples=40, deadline=None)
def test_each_clip_once_by_a_checker_and_all_have_as_many(sizes: Sizes, value: str) -> None:
    people = population(sizes.clips, sizes.checkers)

    tasks = drawn(people, rules(sizes.size, sizes.recheck), value)

    first = [task for task in tasks if not task.recheck]
    again = {task.clip: task.checker for task in tasks if task.recheck}
    odd, even = sizes.clips // 2, -(-sizes.clips // 2)
    assert len({task.clip for task in first}) == len(first)
    assert len(first) == min(odd, sizes.size) + min(even, sizes.size)
    assert all(again.get(task.clip) != task.checker for task in first)
    loads = Counter(task.checker for task in first)
    assert max(loads.values()) - min(loads.get(f"u-{n}", 0) for n in range(sizes.checkers)) <= 1
    assert tasks == drawn(Population.read(people.text), rules(sizes.size, sizes.recheck), value)


def test_every_clip_is_drawn_as_often() -> None:
    people, taken = population(20, 3), Counter[str]()
    for number in range(600):
        tasks = drawn(people, rules(2), f"{number:06}")
        taken.update(task.clip for task in tasks)

    expected = 600 * 4 / 20
    chi = sum((taken[each.clip] - expected) ** 2 / expected for each in people.objects)
    assert chi < CHI_SQUARE_19_AT_999


def test_every_checker_draws_every_clip_as_often() -> None:
    people, taken = population(4, 5), Counter[tuple[str, str]]()
    for number in range(800):
        taken.update((each.clip, each.checker) for each in drawn(people, rules(2), f"{number:06}"))

    expected = 800 / 5
    chi = sum((count - expected) ** 2 / expected for count in taken.values())
    assert len(taken) == 20
    assert chi < CHI_SQUARE_19_AT_999


@given(st.integers(0, 9), st.sampled_from(["entry", "stratum", "barred", "gone", "more"]))
@settings(max_examples=30, deadline=None)
def test_any_change_of_the_population_gives_another_root(place: int, change: str) -> None:
    people = population(10, 3)
    objects = list(people.objects)
    one = objects.pop(place)
    told = {name: getattr(one, name) for name in one.__struct_fields__}
    changed = {"entry": 77, "stratum": "other", "barred": ["u-1"]}
    if change in changed:
        objects.append(Candidate(**told | {change: changed[change]}))
    elif change == "more":
        objects += [one, Candidate(**told | {"clip": "c-more"})]

    assert Population.of(objects, people.checkers).objects_root != people.objects_root


def test_nobody_gets_what_they_are_barred_from() -> None:
    people = population(6, 2, barred={number: [0] for number in range(6)})
    tasks = drawn(people, rules(3, 100), "4.9.18.26")

    assert {task.checker for task in tasks} == {"u-1"}
    assert not any(task.recheck for task in tasks)
    with pytest.raises(ValueError, match="nobody may check"):
        population(2, 1, barred={0: [0]})


def test_another_seed_draws_another_sample() -> None:
    people = population(30, 3)
    roots = {sample_root(drawn(people, rules(3), f"{number:04}")) for number in range(50)}
    assert len(roots) == 50


@pytest.mark.parametrize(
    ("kind", "which", "value"),
    [
        ("drand-quicknet", "0", ""),
        ("drand-quicknet", "1000", "ff"),
        ("public", "x", "1.2.3.4"),
        ("public", "lottery/1", "1;2"),
        ("dice", "10", "1234561234"),
        ("dice", "30", "7" * 30),
        ("dice", "31", "1" * 30),
        ("moon", "1", "1"),
    ],
)
def test_what_is_no_seed_is_refused(kind: str, which: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        SeedRule.of(kind, which, DUE).value(value)


def test_a_round_of_drand_is_due_when_it_is() -> None:
    assert SeedRule.of("drand-quicknet", "1", DUE).due == "2023-08-23T15:09:27.000Z"
    later = SeedRule.of("drand-quicknet", "1201", DUE)
    assert later.due == "2023-08-23T16:09:27.000Z"
    assert is_after(later, "2023-08-23T16:09:26.999Z")
    assert not is_after(later, later.due)
