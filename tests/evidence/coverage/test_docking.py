"""Cameras that have not come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from evidence.coverage import Wearing, undocked

EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATE, DAYS = timedelta(hours=24), timedelta(days=3)


def after(hours: float) -> datetime:
    return EIGHT + timedelta(hours=hours)


def missed(
    seen: float | None, now: float, *, until: float | None = None, duty: float | None = 8
) -> list[tuple[datetime, bool]]:
    worn = Wearing(
        camera="b1",
        officer="4711",
        since=EIGHT,
        until=None if until is None else after(until),
        duty_ended=None if duty is None else after(duty),
    )
    when = {} if seen is None else {"b1": after(seen)}
    found = undocked([worn], when, after(now), late=LATE, days=DAYS)
    return [(each.missed_since, each.by_duty) for each in found]


@pytest.mark.parametrize(
    ("seen", "now", "is_missed"),
    [(0, 32, False), (0, 33, True), (None, 33, True), (7, 33, False), (9, 33, False)],
)
def test_a_camera_is_missed_a_day_after_the_duty(
    seen: float | None, now: float, *, is_missed: bool
) -> None:
    assert missed(seen, now) == ([(after(32), True)] if is_missed else [])


@pytest.mark.parametrize(
    ("seen", "until", "now", "since"),
    [
        (0, None, 72, None),
        (0, None, 73, 72),
        (10, None, 80, None),
        (0, 12, 83, None),
        (0, 12, 85, 84),
        (12, 12, 85, None),
    ],
)
def test_without_a_duty_days_count(
    seen: float, until: float | None, now: float, since: float | None
) -> None:
    expected = [] if since is None else [(after(since), False)]

    assert missed(seen, now, until=until, duty=None) == expected


def test_a_camera_that_is_issued_to_nobody_is_missed_by_days_alone() -> None:
    [found] = undocked([], {"b7": EIGHT}, after(73), late=LATE, days=DAYS)

    assert (found.camera, found.officer, found.seen) == ("b7", None, EIGHT)
