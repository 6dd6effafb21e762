from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from evidence.clock import SystemClock
from evidence.settings import StationSettings
from evidence.vault.s3 import S3Vault
from station.enrol import stored_key
from station.journal.journal import FILE, Journal
from station.standing import Room
from station.tiles import show
from station.view import Word
from tests.station.yard import Yard, once, seen

IMPORTANT, PLAIN = b"DCAM_A1_P1_20260101_120000_IMP.mp4", b"DCAM_A1_P1_20260101_130000.mp4"


def closed_now() -> str:
    """Hours that begin and end some hours from now."""
    now = SystemClock().now()
    begin, end = now + timedelta(hours=6), now + timedelta(hours=7)
    return f"{begin:%H}:00-{end:%H}:00"


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault)


def settings(**others: object) -> StationSettings:
    return StationSettings(rescan_seconds=0.05, settle_seconds=0.05, **others)  # type: ignore[arg-type]


async def test_outside_the_hours_only_what_is_important_is_sent(yard: Yard) -> None:
    yard.station_settings = settings(upload_hours=closed_now(), time_zone="UTC")
    yard.card("a", {IMPORTANT: b"important", PLAIN: b"plain"})

    async with yard.archive() as archive, yard.station(archive) as station:
        await seen(lambda: station.snapshot().totals.archived == 1)
        await seen(lambda: station.snapshot().totals.verified == 2)
        view = station.snapshot()
        states = {item.path: item.state.value for item in await station.items()}

    assert states[PLAIN] == "VERIFIED"
    assert states[IMPORTANT] != "VERIFIED"
    assert view.sends_at == closed_now()[:5]
    assert view.problems == ()

    yard.station_settings = settings()  # the hours are open now
    assert {item.state.value for item in await once(yard)} == {"ARCHIVED"}


async def test_limits_slow_the_journey_and_lose_nothing(yard: Yard) -> None:
    yard.station_settings = settings(pull_limit_mb_per_second=20, upload_limit_mbit_per_second=160)
    yard.card("a", {b"a.mp4": bytes(3 << 20), b"b.mp4": bytes(range(256)) * 9_000})

    assert {item.state.value for item in await once(yard)} == {"ARCHIVED"}


async def test_the_journal_tells_what_was_taken_in(yard: Yard) -> None:
    before = SystemClock().now()
    yard.card("a", {b"a.mp4": b"12345", b"b.mp4": b"123"})
    await once(yard)
    key = stored_key(yard.home / "station")
    assert key is not None
    journal = Journal.open(yard.home / "station" / FILE, key, SystemClock())

    taken = journal.taken_since(before - timedelta(seconds=1))

    assert sorted(each.size for each in taken) == [3, 5]
    assert all(before - timedelta(seconds=1) <= each.at <= SystemClock().now() for each in taken)
    assert journal.taken_since(SystemClock().now() + timedelta(hours=1)) == []
    journal.close()


def test_a_disk_that_is_full_soon_is_a_problem() -> None:
    room = Room(staging=None, desk=None, clock=SystemClock(), warn_days=3)  # type: ignore[arg-type]
    assert room.problem is None
    room.free, room.days = 2_000_000_000, 1.5
    assert "2.0 GB left" in str(room.problem)
    assert "lasts 1.5 days without the archive" in str(room.problem)
    room.days = 3.0
    assert room.problem is None


async def test_where_the_settings_say_so_a_camera_is_safe_once_all_is_archived(yard: Yard) -> None:
    yard.card("a", {PLAIN: b"plain"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await seen(lambda: station.snapshot().totals.archived == 1)
    yard.card("a", {IMPORTANT: b"important"})
    yard.station_settings = settings(safe_when="archived")

    async with yard.station() as station:  # the archive is away
        await seen(lambda: station.snapshot().totals.verified == 2)
        await seen(lambda: station.snapshot().cards[0].waits)
        assert station.snapshot().cards[0].word is Word.CHECKING
        assert "waiting for the archive" in show(station.snapshot(), "en").tiles[0].left
        async with yard.archive():
            await seen(lambda: station.snapshot().cards[0].word is Word.SAFE)
