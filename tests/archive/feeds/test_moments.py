"""Times as other systems write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.feeds.moments import LATEST, Times
from tests.archive.feeds.sheets import SHANGHAI

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2026-11-23T07:00:00Z", ()),
        ("2026-11-23 15:00:00+08:00", ()),
        ("2026-11-23 15:00:00", ()),
        ("20261123T150000", ()),
        ("2026/11/23 15:00", ("%Y/%m/%d %H:%M",)),
        ("23.11.2026 15:00", ("%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M")),
        ("2026年11月23日 15:00:00", ("%Y年%m月%d日 %H:%M:%S",)),
        ("2026-11-23T15:00:00", ("%d.%m.%Y",)),
        ("1795417200", ("epoch",)),
        ("1795417200000", ("epoch-ms",)),
    ],
)
def test_one_moment_in_many_ways(text: str, formats: tuple[str, ...]) -> None:
    assert Times(formats=formats, zone=SHANGHAI).moment(text) == AT


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-23T07:00:00", "has none set"),
        ("23/11/2026 07:00", "is not a date and time with a time zone as ISO 8601"),
        ("2026-02-30T07:00:00Z", "is not a date"),
        ("2026-11-23T24:01:00Z", "is not a date"),
        ("2026-11-23", "is not a date"),
        ("20261123070000", "is not a date"),
        ("1900-01-01T00:00:00Z", "is not between"),
        ("0001-01-01T00:00:00+23:59", "is beyond the calendar"),
        ("9999-12-31T23:59:59-12:00", "is beyond the calendar"),
        ("1795417200", "is not a date"),
        ("", "is not a date"),
    ],
)
def test_nothing_is_guessed(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Times().moment(text)


def test_a_local_time_that_never_was_is_none() -> None:
    with pytest.raises(ValueError, match="skipped"):
        Times(zone=BERLIN, twice="earlier").moment("2026-03-29T02:30:00")


def test_a_local_time_that_was_twice_is_decided_by_the_mapping_alone() -> None:
    text = "2026-10-25T02:30:00"

    with pytest.raises(ValueError, match="put back"):
        Times(zone=BERLIN).moment(text)
    earlier, later = (Times(zone=BERLIN, twice=each).moment(text) for each in ("earlier", "later"))
    assert (earlier.hour, later.hour) == (0, 1)


def test_a_day_alone_is_its_first_moment_where_a_day_will_do() -> None:
    assert Times(zone=SHANGHAI).moment("2026-11-23", day=True).isoformat() == (
        "2026-11-22T16:00:00+00:00"
    )


@given(st.datetimes(AT.replace(tzinfo=None), LATEST.replace(tzinfo=None, year=2099)))
def test_a_local_time_is_read_as_the_clocks_showed_it_or_not_at_all(local: datetime) -> None:
    try:
        found = Times(zone=BERLIN).moment(local.isoformat(sep=" ", timespec="seconds"))
    except ValueError:
        return
    assert found.astimezone(BERLIN).replace(tzinfo=None) == local.replace(microsecond=0)
