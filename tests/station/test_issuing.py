from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.errors import NotHandedOut, SetupError
from evidence.settings import StationSettings
from evidence.vault.s3 import S3Vault
from ingest.archive_client import StationKey
from station.assignment import How
from station.at_rest import stored_assignments
from station.journal.journal import FILE, Journal
from station.service import Station
from station.view import CardView, Word
from tests.station.yard import Yard, seen, settled


def settings(mode: str) -> StationSettings:
    return StationSettings(rescan_seconds=0.05, settle_seconds=0.05, assignment=mode)  # type: ignore[arg-type]


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault, station_settings=settings("badge"))


def files(camera: str, *starts: str) -> dict[bytes, bytes]:
    return {f"{camera}_20990101_{start}.mp4".encode(): start.encode() for start in starts}


def dock(yard: Yard, slot: str, camera: str, *starts: str) -> Path:
    """A card whose sidecar names *camera*, and no officer."""
    told = f"[ZFY]\r\nDevNo={camera}\r\n".encode()
    return yard.card(slot, {b"PARAM.INI": told, **files(camera, *starts)})


def tile(station: Station, slot: str) -> CardView:
    return next(card for card in station.snapshot().cards if card.slot == slot)


async def safe(station: Station, *slots: str) -> None:
    await seen(lambda: all(tile(station, slot).word is Word.SAFE for slot in slots))


async def test_a_badge_gets_the_next_camera_and_its_footage_is_the_officers(yard: Yard) -> None:
    card = dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        assert tile(station, "slot-1").next
        await station.issuing.give_badge("0471", "P7", "Li")
        issue = await station.tap("0471")
        assert (issue.card.slot, issue.assignment.camera) == ("slot-1", "A1")
        assert (tile(station, "slot-1").worn_by, tile(station, "slot-1").next) == ("P7", False)
        shutil.rmtree(card)
        await seen(lambda: tile(station, "slot-1").word is Word.EMPTY)
        dock(yard, "slot-2", "A1", "100000", "110000")
        await settled(station)

        assert {row.name: row.officer for row in await station.items() if b".mp4" in row.name} == {
            b"A1_20990101_100000.mp4": None,
            b"A1_20990101_110000.mp4": "P7",
        }
        assert tile(station, "slot-2").worn_by == ""
        assert tile(station, "slot-2").next


async def test_two_taps_at_once_get_two_cameras_or_one_gets_none(yard: Yard) -> None:
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        for number in (b"1", b"2"):
            await station.issuing.give_badge(number.decode(), f"P{number.decode()}", "Li")
        both = await asyncio.gather(station.tap("1"), station.tap("2"), return_exceptions=True)
        handed = [each for each in both if not isinstance(each, BaseException)]
        again = await station.tap(handed[0].assignment.officer[1:])

        assert [each.why for each in both if isinstance(each, NotHandedOut)] == ["none-ready"]
        assert again.assignment == handed[0].assignment


async def test_who_has_a_camera_out_still_gets_another_and_is_told(yard: Yard) -> None:
    card = dock(yard, "slot-1", "A1", "100000")
    dock(yard, "slot-2", "B1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.issuing.issue(station.snapshot, "P7", "Sgt. 李", "A1")
        shutil.rmtree(card)
        await seen(lambda: tile(station, "slot-1").word is Word.EMPTY)
        issue = await station.issuing.issue(station.snapshot, "P7", "Sgt. 李")

        assert (issue.assignment.camera, issue.still_out) == ("B1", ("A1",))


async def test_a_fixed_camera_stays_its_officers_over_dockings_and_restarts(yard: Yard) -> None:
    card = dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive:
        async with yard.station(archive) as station:
            await settled(station)
            await station.issuing.assign("A1", "P7", "Sgt. 李")
        shutil.rmtree(card)
        dock(yard, "slot-2", "A1", "110000")
        async with yard.station(archive) as station:
            await settled(station)
            assert tile(station, "slot-2").worn_by == "P7"
            with pytest.raises(NotHandedOut, match="no camera here is ready"):
                await station.issuing.issue(station.snapshot, "P8", "x")
            own = await station.issuing.issue(station.snapshot, "P7", "x")
            assert (own.card.slot, own.assignment.how) == ("slot-2", How.FIXED)
            rows = {row.name: row.officer for row in await station.items()}
    assert rows[b"A1_20990101_110000.mp4"] == "P7"
    kept = stored_assignments(yard.home / "station", "A1", yard.clock)
    assert [(each.officer, each.until, each.by) for each in kept] == [("P7", None, "Sgt. 李")]


async def test_what_may_not_be_taken_is_not_handed_out_and_says_why(yard: Yard) -> None:
    yard.station_settings = StationSettings(
        rescan_seconds=0.05, settle_seconds=0.05, assignment="pool", ready_charge=80
    )
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        issuing = station.issuing
        for camera, why in [("A1", "charge"), ("Z9", "not docked here"), (None, "no camera")]:
            with pytest.raises(NotHandedOut, match=why):
                await issuing.issue(station.snapshot, "P7", "x", camera)
        for officer, by in [("P 7", "x"), ("", "x"), ("P7", " "), ("P7", "a\nb")]:
            with pytest.raises(SetupError):
                await issuing.assign("A1", officer, by)
        with pytest.raises(SetupError, match="assignment is 'pool'"):
            await station.tap("1")
        with pytest.raises(SetupError, match="assigned to nobody"):
            await issuing.unassign("A1", "Li")

        assert await issuing.history(None) == []


@pytest.mark.parametrize("mode", ["none", "fixed"])
async def test_without_a_pool_nothing_is_handed_out(yard: Yard, mode: str) -> None:
    yard.station_settings = settings(mode)
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)

        assert not tile(station, "slot-1").next
        with pytest.raises(SetupError, match="does not allow this"):
            await station.issuing.issue(station.snapshot, "P7", "x")


async def test_a_strange_badge_gets_nothing_and_a_lost_one_is_strange(yard: Yard) -> None:
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.issuing.give_badge("1", "P7", "Li")
        await station.issuing.take_badge("1", "Li")
        with pytest.raises(NotHandedOut) as refused:
            await station.tap("1")

        assert refused.value.why == "no-badge"
        assert tile(station, "slot-1").worn_by == ""


async def test_where_nobody_assigns_any_more_only_the_camera_tells_whose_footage_it_is(
    yard: Yard,
) -> None:
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive:
        async with yard.station(archive) as station:
            await settled(station)
            await station.issuing.issue(station.snapshot, "P7", "x")
        shutil.rmtree(yard.docks / "slot-1")
        yard.station_settings = settings("none")
        dock(yard, "slot-2", "A1", "110000")
        async with yard.station(archive) as station:
            await settled(station)
            rows = {row.name: row.officer for row in await station.items()}
            (kept,) = await station.issuing.history("A1")

    assert rows[b"A1_20990101_110000.mp4"] is None
    assert kept.until is not None


async def test_a_camera_that_is_out_is_not_assigned_to_another(yard: Yard) -> None:
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.issuing.issue(station.snapshot, "P7", "Li")
        with pytest.raises(SetupError, match="was given to P7"):
            await station.issuing.assign("A1", "P8", "Li")
        await station.issuing.unassign("A1", "Sgt. 王")
        await station.issuing.assign("A1", "P8", "Li")

        held = await station.issuing.history("A1")
        assert [(each.officer, each.until is None) for each in held] == [
            ("P7", False),
            ("P8", True),
        ]


async def test_a_camera_to_which_a_supervisor_is_called_is_not_handed_out(yard: Yard) -> None:
    dock(yard, "slot-1", "A1", "100000")
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        await station.call("slot-1")

        assert not tile(station, "slot-1").next
        with pytest.raises(NotHandedOut, match="a supervisor is called to it"):
            await station.issuing.issue(station.snapshot, "P7", "Li", "A1")


async def test_who_said_whose_a_badge_is_is_on_record_and_nothing_is_overwritten(
    yard: Yard,
) -> None:
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        for officer in ("P7", "P8", "P8", "P7"):
            await station.issuing.give_badge("0471", officer, "Sgt. 王")
        await station.issuing.take_badge("0471", "Li")
        await settled(station)
    key = Ed25519PrivateKey.generate()
    journal = Journal.open(
        yard.home / "station" / FILE, StationKey(station="s-1", private=key), yard.clock
    )
    with closing(journal):
        acts = [json.loads(act.raw) for act in journal.acts_after(0, 100)]
        owner = journal.officer_of("0471")

    assert owner is None
    assert [act["kind"] for act in acts] == [*["badge.give"] * 3, "badge.take"]
    assert {*acts[0]["commitments"]} == {"badge", "officer", "said_by"}
    assert "0471" not in str(acts)
