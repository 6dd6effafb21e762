"""A smaller city: what is linked without asking is right, and little that is so is missed."""

from __future__ import annotations

from datetime import timedelta

from bench.city import City, Rates, clip_span
from bench.linking import measured, report

SMALL = Rates(units=15, events_a_day=1800 * 15 / 74)


def test_at_least_98_of_100_are_right_and_found() -> None:
    found = measured(104, 2, SMALL)

    told = report({104: found}, 2)
    assert found.ours.precision >= 0.98
    assert found.ours.recall >= 0.98
    assert found.ours.wrong < found.peer.wrong / 2
    assert told["ratio"] == round(found.ours.wrong / found.peer.wrong, 3)


def test_the_same_seed_gives_the_same_day_and_another_one_another() -> None:
    one, same, other = (City(seed).day(3, 1) for seed in (7, 7, 8))

    assert one == same
    assert one.clips != other.clips


def test_a_day_is_as_large_as_xiamen_s_and_as_untidy() -> None:
    city = City(5)
    days = [city.day(unit, 0) for unit in city.units()]
    clips = [clip for day in days for clip in day.clips]

    assert 13_000 <= len(clips) <= 17_000
    assert 1_650 <= len({row.number for day in days for row in day.incidents}) <= 1_950
    assert {clip.kind for clip in clips} == {"call", "backup", "patrol", "test", "always"}
    assert any(day.withheld for day in days)
    assert 0.01 < sum(c.officer not in {c.wearer, None} for c in clips) / len(clips) < 0.05
    assert any(abs(c.offset or timedelta(0)) > timedelta(hours=1) for c in clips)
    assert any(clip_span(c).place is None for c in clips)
