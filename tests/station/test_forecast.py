from __future__ import annotations

from datetime import UTC, datetime, timedelta

from station.forecast import Taken, bytes_a_day, days_left

_NOW = datetime(2026, 1, 20, tzinfo=UTC)


def taken(*days_ago: float, size: int = 100) -> list[Taken]:
    return [Taken(at=_NOW - timedelta(days=each), size=size) for each in days_ago]


def test_the_last_week_counts_and_nothing_before() -> None:
    assert bytes_a_day(taken(0, 1, 2, 3, 4, 5, 6, 7, 8, 100), _NOW) == 800 / 7


def test_a_young_station_is_measured_over_its_life() -> None:
    assert bytes_a_day(taken(0, 2), _NOW) == 100


def test_less_than_a_day_of_work_says_nothing() -> None:
    assert bytes_a_day(taken(0, 0.9), _NOW) is None
    assert bytes_a_day([], _NOW) is None
    assert bytes_a_day(taken(-1), _NOW) is None  # the clock was put back


def test_days_are_what_is_free_at_that_rate() -> None:
    assert days_left(1_000, 100.0) == 10
    assert days_left(-5, 100.0) == 0
    assert days_left(1_000, None) is None
    assert days_left(1_000, 0) is None
