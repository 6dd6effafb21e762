from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evidence.errors import SetupError, TemporaryError
from evidence.settings import SlotSettings, StationSettings
from evidence.vault.s3 import S3Vault
from station.service import Station
from station.view import CardView
from tests.station.yard import Yard, seen, settled

RACK = StationSettings(
    rescan_seconds=0.05,
    settle_seconds=0.05,
    slots=(SlotSettings(at="cam-2"), SlotSettings(at="cam-1", label="B")),
)


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault, station_settings=RACK)


def called(station: Station) -> dict[str, bool]:
    cards = {card.slot: card.called is not None for card in station.snapshot().cards}
    return cards | {"": station.snapshot().called is not None}


def card_of(station: Station, slot: str) -> CardView:
    return next(card for card in station.snapshot().cards if card.slot == slot)


async def test_a_call_outlives_a_restart_and_is_shown_until_it_is_answered(yard: Yard) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        for place in ("cam-1", "cam-1", ""):
            await station.call(place)
        first = card_of(station, "cam-1").called
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)

        assert called(station) == {"cam-2": False, "cam-1": True, "": True}
        assert card_of(station, "cam-1").called == first
        assert await station.answer("cam-1", "Sgt. 李") == ["cam-1"]
        assert called(station) == {"cam-2": False, "cam-1": False, "": True}
        assert await station.answer(None, "Sgt. 李") == [""]


@pytest.mark.slow
async def test_a_call_to_a_camera_that_left_is_still_shown(yard: Yard) -> None:
    card = yard.card("guest", {b"a.mp4": b"a"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.call("guest")
        shutil.rmtree(card)
        await seen(lambda: card_of(station, "guest").word.value == "empty")

        assert called(station)["guest"]


async def test_who_answers_has_a_name_and_what_is_answered_was_called(yard: Yard) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.call("")

        for by in ("", " \t", "x" * 101, "a\nb"):
            with pytest.raises(SetupError, match="--by"):
                await station.answer("", by)
        assert called(station)[""]
        with pytest.raises(SetupError, match="no call is open: cam-1"):
            await station.answer("cam-1", "Sgt. Li")


async def test_a_station_that_never_enrolled_shows_its_rack_and_says_that_it_cannot_record(
    yard: Yard,
) -> None:
    yard.archive_url = "http://127.0.0.1:9"
    async with yard.archive() as archive, yard.station(archive) as station:
        assert [card.label for card in station.snapshot().cards] == ["1", "B"]
        with pytest.raises(TemporaryError, match="not enrolled"):
            await station.call("")
