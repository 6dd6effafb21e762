"""The page of stations and cameras: who sees it, and what it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evidence.wire import FleetPage, StationShown
from player.fleet import is_silent
from tests.player.reader import Reader

NOW = "2026-11-27T09:10:00.000Z"


async def test_an_administrator_sees_stations_and_hostile_names_as_text(
    new_reader: Callable[[], Reader],
) -> None:
    adam = new_reader()
    await adam.sign_in("adam")

    answer = await adam.get("/fleet")

    assert answer.status == 200
    assert "<img src=x" not in answer.text
    assert "&lt;img src=x" in answer.text
    for words in ("9 %", "-90.0 s", "VID_0003.MP4", "1 camera"):
        assert words in answer.words


async def test_nobody_else_does(rita: Reader) -> None:
    assert (await rita.get("/fleet")).status == 403
    assert "/fleet" not in (await rita.get("/")).text


@pytest.mark.parametrize(
    ("heard", "silent"),
    [(None, True), ("2026-11-27T09:04:59.000Z", True), ("2026-11-27T09:05:01.000Z", False)],
)
def test_a_station_that_does_not_tell_is_silent(heard: str | None, *, silent: bool) -> None:
    station = StationShown(id="s-1", name="one", heard=heard, behind=0, state=None)
    page = FleetPage(at=NOW, stations=[station], cameras=[])

    assert is_silent(page, station) is silent
