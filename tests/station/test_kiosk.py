"""Who holds a badge says which event their recordings belong to, at a real station and archive."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import incidents, shown
from archive.service import Archive
from evidence.settings import StationSettings
from evidence.vault.s3 import S3Vault
from evidence.wire import ClipDetail
from station.kiosk import Own, Unheard
from station.service import Station
from tests.archive.ledger import BUFFER, told
from tests.station.yard import Yard, seen, settled

BADGE, OFFICER = "0471", "P7"
PICTURE = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    settings = StationSettings(rescan_seconds=0.05, settle_seconds=0.05, assignment="badge")
    return Yard(home=tmp_path / "home", vault=agency_vault, station_settings=settings)


def dock(yard: Yard, slot: str) -> None:
    """A card with one picture, taken half an hour ago by whom its name tells."""
    taken = yard.clock.now() - timedelta(minutes=30)
    name = f"DCAM_A1_{OFFICER}_{taken:%Y%m%d_%H%M%S}.jpg".encode()
    yard.card(slot, {name: PICTURE})


async def told_by_feed(archive: Archive, yard: Yard, number: str) -> None:
    event = told(number, OFFICER, yard.clock.now() - timedelta(hours=1))
    await archive.books.catalogue.run(incidents.take, [event], BUFFER)


async def own(station: Station) -> Own:
    found = await station.own(BADGE)
    assert isinstance(found, Own)
    return found


async def links(archive: Archive) -> list[tuple[str, str, bool]]:
    found: list[tuple[int, ClipDetail]] = await archive.books.catalogue.run(shown.details, -1, 9, 0)
    return [(link.number, link.standing, link.at_board) for _, each in found for link in each.links]


async def test_an_event_is_chosen_by_one_touch_after_the_badge(yard: Yard) -> None:
    dock(yard, "slot-1")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await told_by_feed(archive, yard, "E-1")
        await station.issuing.give_badge(BADGE, OFFICER, "Li")

        shown_to = await own(station)
        ((clip, (event,)),) = shown_to.clips
        again = [
            await station.choose(shown_to.token, clip.clip, "incident", event.incident)
            for _ in range(2)
        ]
        await station.choose(shown_to.token, clip.clip, "code", "use-of-force")
        await settled(station)

        ((after, left),) = (await own(station)).clips
        assert (shown_to.asked, event.number, again) == (True, "E-1", ["E-1", "E-1"])
        assert await links(archive) == [("E-1", "confirmed", True)]
        assert (after.numbers, after.codes, left) == (("E-1",), ("use-of-force",), [])


@pytest.mark.slow
async def test_without_the_archive_a_number_is_typed_and_counts_once_it_is_told(
    yard: Yard,
) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await station.wait_settled()
        await station.issuing.give_badge(BADGE, OFFICER, "Li")
    dock(yard, "slot-1")
    async with yard.station() as station:
        await seen(lambda: station.snapshot().totals.verified > 0)
        shown_to = await own(station)
        ((clip, events),) = shown_to.clips
        assert (shown_to.asked, events) == (False, [])
        assert await station.choose(shown_to.token, clip.clip, "number", " E-9 ") == "E-9"
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        assert await links(archive) == []
        await told_by_feed(archive, yard, "E-9")

        assert await links(archive) == [("E-9", "confirmed", True)]


@pytest.mark.slow
async def test_nothing_is_heard_of_strangers_late_or_of_other_clips(yard: Yard) -> None:
    dock(yard, "slot-1")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.issuing.give_badge(BADGE, OFFICER, "Li")
        await station.issuing.give_badge("99", "P8", "Li")
        ((clip, _),) = (shown_to := await own(station)).clips

        told = (shown_to.token, clip.clip)
        wrong = [("incident", "i-0"), ("number", " "), ("code", "murder"), ("word", "x")]
        answers = [await station.choose(*told, *each) for each in wrong]
        other = await station.choose(shown_to.token, "c-0", "number", "E-1")
        assert await station.own("1") is Unheard.NO_BADGE
        after = await station.choose(*told, "number", "E-1")
        stranger = await station.own("99")
        assert isinstance(stranger, Own)

        assert answers == [Unheard.NOTHING] * 4
        assert (other, after) == (Unheard.NOTHING, Unheard.OVER)
        assert stranger.clips == []
