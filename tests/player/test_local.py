"""Days and minutes that people type are those of the agency's zone."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from evidence.settings import AgencySettings, ArchiveSettings, Settings
from player.local import end_of_day, moment_of, zone_of
from player.places import SETTINGS


def asked(minutes: int) -> web.Request:
    """A request to a player of an agency whose days begin so much before those of UTC."""
    app = web.Application()
    app[SETTINGS] = Settings(
        agency=AgencySettings(name="lab", origin="evidock.example/lab"),
        archive=ArchiveSettings(utc_offset_minutes=minutes),
    )
    return make_mocked_request("POST", "/findings", app=app)


@pytest.mark.parametrize(
    ("minutes", "ends", "zone"),
    [
        (0, "2026-11-28T23:59:59.000Z", "UTC+00:00"),
        (480, "2026-11-28T15:59:59.000Z", "UTC+08:00"),
        (-210, "2026-11-29T03:29:59.000Z", "UTC-03:30"),
    ],
)
def test_a_day_ends_where_the_agencys_does(minutes: int, ends: str, zone: str) -> None:
    assert end_of_day(asked(minutes), "due", "2026-11-28") == ends
    assert zone_of(asked(minutes)) == zone


def test_a_minute_is_one_of_the_agencys_clock() -> None:
    assert moment_of(asked(480), "drawn at", "2026-11-28T21:15") == "2026-11-28T13:15:00.000Z"


@pytest.mark.parametrize("told", ["", "2026-11-31", "0001-01-01", "28.11.2026"])
def test_what_is_no_day_is_refused(told: str) -> None:
    with pytest.raises(web.HTTPBadRequest):
        end_of_day(asked(840 * 2), "due", told)
