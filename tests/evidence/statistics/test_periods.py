from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.statistics.periods import By, Span, day_at

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
offsets = st.integers(-840, 840)


@given(days, st.integers(0, 800), offsets, st.sampled_from([By.MONTH, By.WEEK]))
def test_periods_tile_their_span(first: date, more: int, minutes: int, by: By) -> None:
    span = Span(first=first, last=first + timedelta(days=more), minutes=minutes)
    parts = span.parts(by)

    assert (parts[0].since, parts[-1].until) == (span.since, span.until)
    assert all(a.until == b.since for a, b in pairwise(parts))
    assert len({part.name(by) for part in parts}) == len(parts)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), offsets)  # noqa: DTZ001
def test_a_moment_lies_on_its_day(moment: datetime, minutes: int) -> None:
    day = day_at(moment, minutes)
    span = Span(first=day, last=day, minutes=minutes)

    assert span.since <= moment < span.until


def test_months_begin_where_the_agency_is() -> None:
    november, december = Span.told("2026-11-15", "2026-12-31", 480).months()

    assert november.until == december.since == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert [each.name(By.MONTH) for each in (november, december)] == ["2026-11", "2026-12"]


def test_weeks_are_those_of_iso() -> None:
    names = [each.name(By.WEEK) for each in Span.told("2026-12-27", "2027-01-04", 0).weeks()]

    assert names == ["2026-W52", "2026-W53", "2027-W01"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-02-30", "2026-03-01"),
        ("20260201", "2026-03-01"),
        ("2026-W01-1", "2026-03-01"),
        ("2026-03-02", "2026-03-01"),
        ("2016-01-01", "2026-03-01"),
        ("9999-12-31", "9999-12-31"),
        ("٢٠٢٦-02-01", "2026-03-01"),
    ],
)
def test_what_is_no_span_is_refused(first: str, last: str) -> None:
    with pytest.raises(ValueError, match=r"day|calendar"):
        Span.told(first, last, -840)
