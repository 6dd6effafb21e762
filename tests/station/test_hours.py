from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from evidence.clock import SetClock
from evidence.errors import SetupError
from evidence.settings import StationSettings
from station.hours import Hours
from station.standing import SendingHours

CLOCK = SetClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "now", "opens"),
    [
        ("", "12:00", None),
        ("20:00-06:00", "20:00", None),
        ("20:00-06:00", "05:59", None),
        ("20:00-06:00", "06:00", "20:00"),
        ("20:00-06:00", "19:59", "20:00"),
        ("12:00-13:00, 22:00-05:30", "12:30", None),
        ("12:00-13:00, 22:00-05:30", "13:00", "22:00"),
        ("12:00-13:00,13:30-14:00", "23:00", "12:00"),
    ],
)
def test_hours_are_those_of_the_wall(text: str, now: str, opens: str | None) -> None:
    told = Hours.of(text).opens_at(time.fromisoformat(now))
    assert (None if told is None else told.isoformat("minutes")) == opens


@pytest.mark.parametrize(
    "text", ["always", "8:00-9:00", "25:00-26:00", "20:00-20:00", "20:00-", ","]
)
def test_what_is_no_hours_refuses_to_start(text: str) -> None:
    with pytest.raises(SetupError, match="upload_hours"):
        SendingHours.of(StationSettings(upload_hours=text), CLOCK)


def test_a_zone_that_nobody_knows_refuses_to_start() -> None:
    with pytest.raises(SetupError, match="no zone 'Mars/Base'"):
        SendingHours.of(StationSettings(time_zone="Mars/Base"), CLOCK)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        # The night in which New York's clock jumps from 02:00 to 03:00, and the one it goes back.
        ("2026-03-08T06:59Z", True),
        ("2026-03-08T07:00Z", False),
        ("2026-11-01T05:30Z", True),
        ("2026-11-01T06:30Z", True),
        ("2026-11-01T07:00Z", False),
    ],
)
def test_where_the_clock_is_put_forward_or_back_the_wall_counts(
    moment: str, *, is_open: bool
) -> None:
    settings = StationSettings(upload_hours="01:00-02:00", time_zone="America/New_York")
    clock = SetClock(datetime.fromisoformat(moment))
    assert SendingHours.of(settings, clock).are_open() is is_open
