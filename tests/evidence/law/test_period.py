"""Periods by the calendar: never shorter than what is written, wherever the agency lies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.law.period import Period

MOMENTS = st.floats(0, 7e9).map(
    lambda seconds: datetime(1980, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
OFFSETS = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))


def ends(text: str, base: str, hours: float = 0) -> str:
    until = Period.parse(text).after(
        datetime.fromisoformat(base).replace(tzinfo=UTC), timedelta(hours=hours)
    )
    assert until is not None
    return until.isoformat()[:16]


@pytest.mark.parametrize(
    ("text", "base", "until"),
    [
        ("31 days", "2026-01-01T00:00", "2026-02-02T00:00"),
        ("6 months", "2026-08-31T12:00", "2027-03-02T00:00"),  # there is no 31st of February
        ("1 year", "2024-02-29T23:59", "2025-03-02T00:00"),
        ("4 years", "2024-02-29T23:59", "2028-03-01T00:00"),
        ("1 month", "2026-12-31T00:00", "2027-02-01T00:00"),
    ],
)
def test_a_period_ends_with_its_last_day_or_the_next_there_is(
    text: str, base: str, until: str
) -> None:
    assert ends(text, base) == until


def test_a_day_is_that_of_the_agency() -> None:
    assert ends("1 day", "2026-01-01T17:00", hours=8) == "2026-01-03T16:00"
    assert ends("1 day", "2026-01-01T03:00", hours=-5) == "2026-01-02T05:00"


@pytest.mark.parametrize(
    "text", ["", "0 days", "6 moon", "-1 days", "1.5 years", "6  months", "١ day"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no period"):
        Period.parse(text)


def test_what_outlasts_the_calendar_has_no_end() -> None:
    assert Period.parse("9999 years").after(datetime(2026, 1, 1, tzinfo=UTC), timedelta()) is None


@given(MOMENTS, OFFSETS, st.integers(1, 9999))
def test_days_are_never_cut_short(base: datetime, offset: timedelta, days: int) -> None:
    until = Period(days=days).after(base, offset)

    assert until is not None
    assert timedelta(days=days) < until - base <= timedelta(days=days + 1)


@given(MOMENTS, MOMENTS, OFFSETS, st.integers(0, 400), st.integers(0, 400))
def test_what_begins_later_never_ends_earlier(
    one: datetime, other: datetime, offset: timedelta, days: int, months: int
) -> None:
    period = Period(days=days, months=months)
    first, second = (period.after(each, offset) for each in sorted((one, other)))

    assert first is not None
    assert second is not None
    assert first <= second
