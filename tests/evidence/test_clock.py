from datetime import UTC, datetime, timedelta, timezone

import pytest

from evidence.clock import SetClock, SystemClock, stamp, unstamp


def test_times_are_written_in_utc_with_milliseconds() -> None:
    east = datetime(2026, 11, 23, 20, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))

    assert stamp(east) == "2026-11-23T12:00:00.123Z"
    assert unstamp(stamp(east)) == east.replace(microsecond=123_000)


def test_a_time_without_a_zone_is_refused_both_ways() -> None:
    with pytest.raises(ValueError, match="time zone"):
        stamp(datetime(2026, 11, 23))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        unstamp("2026-11-23T12:00:00")


def test_a_time_outside_the_calendar_is_no_moment() -> None:
    with pytest.raises(ValueError, match="outside the calendar"):
        unstamp("0001-01-01T00:00:00+08:00")


async def test_a_set_clock_moves_only_when_told() -> None:
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))

    await clock.sleep(90)

    assert stamp(clock.now()) == "2026-01-01T00:01:30.000Z"
    assert clock.monotonic() == 90


async def test_the_system_clock_is_aware_and_runs() -> None:
    clock = SystemClock()
    before = clock.monotonic()

    await clock.sleep(0.01)

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() > before
