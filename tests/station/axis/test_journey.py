"""From a controller's push to the vault and back to an empty spool.  Archive and store are real."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from evidence.clip import ClipState
from evidence.custody import EntryKind
from evidence.digest import Sha256
from evidence.settings import AxisSettings
from evidence.vault import Bucket
from evidence.vault.s3 import S3Vault
from station.axis.card import PROFILE
from station.axis.service import AxisService
from station.axis.spool import ACQUISITION, METADATA, Spool
from station.journal.records import ItemRow
from station.service import Station
from tests.station.axis.controller import CLIP, DEVICE, RECORDING, opened, signed_in
from tests.station.yard import Yard, seen, settled

KIND = EntryKind.CLIP_FOUND.value
CLIP_BYTES = b"\x1a\x45\xdf\xa3" + b"footage of a camera " * 5000


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault, axis=AxisSettings(enabled=True))


@asynccontextmanager
async def at_work(yard: Yard) -> AsyncIterator[tuple[Station, AxisService]]:
    async with yard.archive() as archive, yard.station(archive) as station:
        assert station.axis is not None
        yield station, station.axis


def spooled(yard: Yard) -> list[Path]:
    return [path for path in (yard.home / "station/axis/cards").rglob("*") if path.is_file()]


async def test_what_is_pushed_is_archived_with_a_receipt_and_leaves_the_spool(yard: Yard) -> None:
    async with at_work(yard) as (station, door), signed_in(door) as controller:
        assert 201 in await controller.push(CLIP_BYTES)
        await seen(lambda: not spooled(yard))
        await settled(station)
        items = {item.name: item for item in await station.items()}

    clip = items[CLIP.encode()]
    assert (clip.sha256, clip.state) == (Sha256.of(CLIP_BYTES), ClipState.RELEASED)
    assert (clip.camera, clip.officer) == (DEVICE, "P77")
    assert (clip.folder, clip.path) == (b"axis/" + DEVICE.encode(), f"{RECORDING}/{CLIP}".encode())
    assert all((yard.receipts / str(item.receipt)).exists() for item in items.values())
    assert set(items) == {CLIP.encode(), METADATA.encode()}
    assert stored(yard, clip) == CLIP_BYTES
    told = json.loads(stored(yard, items[METADATA.encode()]))
    assert told["acquisition"] == ACQUISITION
    assert told["recording"]["objects"][CLIP]["sha256"] == Sha256.of(CLIP_BYTES).hex


def stored(yard: Yard, item: ItemRow) -> bytes:
    assert item.sha256 is not None
    kept = {
        version.key.rpartition("/")[2]: version for version in yard.vault.versions(Bucket.ORIGINALS)
    }
    found = kept[item.sha256.hex]
    return b"".join(yard.vault.read(Bucket.ORIGINALS, found.key, found.version_id))


async def test_the_log_tells_how_it_came_and_who_told_what(yard: Yard) -> None:
    async with at_work(yard) as (station, door), signed_in(door) as controller:
        await controller.push(CLIP_BYTES)
        await seen(lambda: not spooled(yard))
        await settled(station)

    with closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db:
        entries = [
            json.loads(raw) for (raw,) in db.execute("SELECT raw FROM entry WHERE kind=?", (KIND,))
        ]
    assert {entry["profile"] for entry in entries} == {PROFILE.id}
    assert {entry["camera_told"] for entry in entries} == {"controller"}


async def test_pushed_while_the_archive_was_away_it_is_sent_later_and_only_then_let_go(
    yard: Yard,
) -> None:
    async with at_work(yard) as (station, _door):
        await settled(station)  # it enrols
    async with yard.station() as station:
        assert station.axis is not None
        async with signed_in(station.axis) as controller:
            await controller.push(CLIP_BYTES)
        await seen(lambda: any(yard.staging.iterdir()))
        here = station.snapshot().cards
    assert [(card.camera, card.known) for card in here] == [(DEVICE, False)], "nobody can take it"
    assert CLIP_BYTES in [path.read_bytes() for path in spooled(yard)]

    async with at_work(yard) as (station, _door):
        await seen(lambda: not spooled(yard))
        await settled(station)
        states = {item.state for item in await station.items()}

    assert states == {ClipState.RELEASED}


async def test_pushed_again_after_it_was_let_go_it_is_the_same_clip(yard: Yard) -> None:
    async with at_work(yard) as (station, door), signed_in(door) as controller:
        for _ in range(2):
            assert 201 in await controller.push(CLIP_BYTES)
            await seen(lambda: not spooled(yard))
            await settled(station)
        items = await station.items()

    assert sorted(item.name for item in items) == sorted([CLIP.encode(), METADATA.encode()])


async def test_a_file_that_rotted_in_the_spool_is_listed_as_unreadable(yard: Yard) -> None:
    async with opened(yard.home / "station") as door, signed_in(door) as controller:
        await controller.push(CLIP_BYTES)
    held = next(path for path in spooled(yard) if path.name == CLIP)
    held.chmod(0o644)
    held.write_bytes(CLIP_BYTES[:-1] + b"x")

    async with at_work(yard) as (station, _door):
        await seen(lambda: station.snapshot().totals.lacking == 1)
        items = {item.name: item for item in await station.items()}

    assert held.exists()
    assert items[CLIP.encode()].state is ClipState.FOUND
    assert "not what the controller sent" in str(items[CLIP.encode()].problem)


async def test_at_the_next_start_recordings_that_are_done_with_leave_no_folder(yard: Yard) -> None:
    async with at_work(yard) as (station, door), signed_in(door) as controller:
        await controller.push(CLIP_BYTES)
        await seen(lambda: not spooled(yard))
        await settled(station)

    spool = Spool(folder=yard.home / "station/axis", clock=yard.clock)
    spool.prepare()

    assert (spool.note(RECORDING), spool.note("Users") is None) == (None, False)
    assert list((spool.cards / DEVICE).iterdir()) == []
