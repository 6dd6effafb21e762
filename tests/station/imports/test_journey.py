"""From a folder that somebody hands in to the vault.  Archive and store are real."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from archive.fixity import nobody
from archive.service import Archive
from evidence.clip import ClipClass, ClipState
from evidence.digest import BLOCK, Sha256
from evidence.settings import StationSettings
from evidence.vault.s3 import S3Vault
from ingest.pull import MARK_EVERY
from station.imports.desk import Stage, Told
from station.imports.dock import Begun
from station.imports.order import ImportOrder
from station.journal.arrivals import HandedFile
from station.service import Station
from tests.station.imports.test_order import order
from tests.station.yard import LONGEST, Yard, seen, settled

OVER = {Stage.DONE, Stage.GONE, Stage.ENDED}


@pytest.fixture
def yard(tmp_path: Path, agency_vault: S3Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault, erase=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "CCTV"
    made.mkdir()
    made.joinpath("a.txt").write_bytes(b"what the shop wrote")
    made.joinpath("b.bin").write_bytes(b"\x00\x01" * 70_000)
    return made


@asynccontextmanager
async def at_work(yard: Yard) -> AsyncIterator[tuple[Station, Archive]]:
    async with yard.archive() as archive, yard.station(archive) as station:
        yield station, archive


async def told(station: Station, begun: Begun, *until: Stage) -> Told:
    """How far the import is, once it is one of *until*."""
    async with asyncio.timeout(LONGEST):
        while (now := await station.imports.told(begun)).stage not in {*until, *OVER}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return now


async def imported(station: Station, wanted: ImportOrder) -> dict[bytes, HandedFile]:
    begun = await station.hand_in(wanted)
    assert (await told(station, begun)).stage is Stage.DONE
    station.imports.dock.end(begun)
    return {each.clip.path: each for each in await station.imports.files(begun)}


def entries(yard: Yard, kind: str) -> list[dict[str, object]]:
    with closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db:
        rows = db.execute("SELECT raw FROM entry WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
    return [json.loads(raw) for (raw,) in rows]


async def test_what_is_handed_in_is_archived_with_its_grade_and_by_whom(
    yard: Yard, folder: Path
) -> None:
    async with at_work(yard) as (station, archive):
        found = await imported(station, order(folder, source="Shop X"))
        clips = {detail.summary.name: detail for detail in await archive.clips()}

    assert set(found) == {b"CCTV/a.txt", b"CCTV/b.bin"}
    for each in found.values():
        assert (each.clip.state, each.clip.receipt, each.before) == (
            ClipState.ARCHIVED,
            True,
            False,
        )
    detail = clips["b.bin"]
    assert (detail.summary.acquisition, detail.summary.camera) == ("imported", "import/CCTV")
    assert detail.imported is not None
    assert (detail.imported.by, detail.imported.reason, detail.imported.source) == (
        "Clerk Li",
        "case 7",
        "Shop X",
    )


async def test_the_record_says_how_it_came_and_names_nobody(yard: Yard, folder: Path) -> None:
    async with at_work(yard) as (station, archive):
        await imported(station, order(folder, source="Shop X"))
        await settled(station)
        log = [entry.text for detail in await archive.clips() for entry in detail.entries]

    for kind in ("clip.found", "clip.pulled"):
        assert {str(entry["acquisition"]) for entry in entries(yard, kind)} == {"imported"}
    assert {"imported_by", "import_reason", "import_source"} <= set(
        entries(yard, "clip.found")[0]["commitments"]  # type: ignore[call-overload]
    )
    assert any('"kind":"archive.verified"' in text for text in log)
    for text in log:
        assert not [name for name in ("Clerk", "case 7", "Shop", "CCTV") if name in text]


async def test_nothing_is_erased_though_all_cards_may_be(yard: Yard, folder: Path) -> None:
    yard.card("cam-1", {b"a.txt": b"of a camera"})
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    async with at_work(yard) as (station, _archive):
        await imported(station, order(folder))
        await seen(lambda: not (yard.docks / "cam-1" / "a.txt").exists())
        await settled(station)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert len(entries(yard, "clip.released")) == 1


async def test_the_same_once_more_makes_no_doubles(yard: Yard, folder: Path) -> None:
    async with at_work(yard) as (station, archive):
        first = await imported(station, order(folder))
        again = await imported(station, order(folder, by="Another", reason="by mistake"))
        os.utime(folder / "b.bin", ns=(1, 1))
        copied = await imported(station, order(folder, by="Another", reason="copied anew"))
        clips = await archive.clips()

    assert len(clips) == 2
    ids = {path: each.clip.id for path, each in first.items()}
    for later in (again, copied):
        assert {path: each.clip.id for path, each in later.items()} == ids
        assert all(each.before for each in later.values())
    assert len(entries(yard, "clip.pulled")) == 2


async def test_an_import_is_never_taken_for_a_docked_clip_of_the_same_bytes(
    yard: Yard, folder: Path
) -> None:
    yard.card("CCTV", {b"CCTV/a.txt": b"what the shop wrote"})
    async with at_work(yard) as (station, archive):
        await imported(station, order(folder, camera="CCTV"))
        await settled(station)
        clips = {detail.summary.camera: detail for detail in await archive.clips()}

    same = [clips["CCTV"], clips["import/CCTV"]]
    assert [detail.summary.acquisition for detail in same] == ["docked", "imported"]
    assert same[0].imported is None


async def test_links_and_pipes_are_refused_with_their_reason(yard: Yard, folder: Path) -> None:
    folder.joinpath("link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    async with at_work(yard) as (station, _archive):
        found = await imported(station, order(folder))

    refused = {path: each.clip for path, each in found.items() if each.clip.is_refused}
    assert {path: clip.clip_class for path, clip in refused.items()} == dict.fromkeys(
        [b"CCTV/link", b"CCTV/pipe"], ClipClass.REFUSED
    )
    assert "symlink" in str(refused[b"CCTV/link"].problem)


async def test_left_in_the_middle_it_goes_on_at_the_byte(yard: Yard, folder: Path) -> None:
    data = os.urandom(BLOCK) * (2 * MARK_EVERY // BLOCK) + b"end"
    folder.joinpath("long.bin").write_bytes(data)
    yard.station_settings = StationSettings(
        rescan_seconds=0.05, settle_seconds=0.05, pull_limit_mb_per_second=60
    )
    async with at_work(yard) as (station, _archive):
        await station.hand_in(order(folder))
        await seen(lambda: any(yard.staging.glob("*.mark")))
    yard.station_settings = StationSettings(rescan_seconds=0.05, settle_seconds=0.05)
    async with at_work(yard) as (station, _archive):
        found = await imported(station, order(folder))

    assert found[b"CCTV/long.bin"].clip.sha256 == Sha256.of(data)
    assert [entry["resumed_at"] for entry in entries(yard, "clip.pulled") if "resumed_at" in entry]


async def test_a_source_that_leaves_is_said_and_what_it_lacks_is_partial(
    yard: Yard, folder: Path
) -> None:
    yard.station_settings = StationSettings(
        rescan_seconds=0.05, settle_seconds=0.05, parallel_pulls=1, pull_limit_mb_per_second=60
    )
    folder.joinpath("long.bin").write_bytes(os.urandom(BLOCK) * (2 * MARK_EVERY // BLOCK))
    folder.joinpath("z.bin").write_bytes(b"never reached")
    async with at_work(yard) as (station, _archive):
        begun = await station.hand_in(order(folder))
        await seen(lambda: any(yard.staging.glob("*.mark")))
        shutil.rmtree(folder)
        left = await told(station, begun)
        found = {each.clip.path: each.clip for each in await station.imports.files(begun)}

    assert (left.stage, left.arrived.lacking) == (Stage.GONE, 1)
    assert "not there any more" in str(left.problem)
    lacking = found[b"CCTV/z.bin"]
    assert (lacking.clip_class, lacking.state) == (ClipClass.PARTIAL, ClipState.FOUND)
    assert found[b"CCTV/long.bin"].sha256 is not None, "its bytes were open, and came"


async def test_what_one_could_not_bring_is_not_in_their_name_when_another_brings_it(
    yard: Yard, folder: Path
) -> None:
    """Same name, other source: the first order's word must not stand on the second's bytes."""
    async with yard.archive() as archive, yard.station(archive, reserve=1 << 60) as station:
        begun = await station.hand_in(order(folder, source="Shop X"))
        await seen(lambda: "reserve" in " ".join(c.note or "" for c in station.snapshot().cards))
        station.imports.dock.end(begun)
    async with at_work(yard) as (station, archive):
        await imported(station, order(folder, by="Clerk Wu", reason="case 8"))
        clips = await archive.clips()

    assert len(clips) == 2
    for detail in clips:
        assert detail.imported is not None
        assert (detail.imported.by, detail.imported.reason, detail.imported.source) == (
            "Clerk Wu",
            "case 8",
            None,
        )


async def test_who_follows_one_import_is_not_told_of_the_next_of_its_name(
    yard: Yard, folder: Path
) -> None:
    """It may have taken the place between two questions, once the first was done."""
    async with at_work(yard) as (station, _archive):
        begun = await station.hand_in(order(folder))
        await told(station, begun)
        other = folder.parent / "second" / folder.name
        other.mkdir(parents=True)
        other.joinpath("other.txt").write_bytes(b"another stick of that name")
        later = await station.hand_in(order(other, reason="case 8"))
        await told(station, later)
        now = await station.imports.told(begun)
        station.imports.dock.end(begun)
        files = {each.clip.path for each in await station.imports.files(begun)}
        still = (await station.imports.told(later)).stage

    assert (now.stage, still) == (Stage.ENDED, Stage.DONE)
    assert files == {b"CCTV/a.txt", b"CCTV/b.bin"}


async def test_the_newest_import_is_told_though_the_clock_was_set_back(
    yard: Yard, folder: Path
) -> None:
    async with at_work(yard) as (station, _archive):
        await imported(station, order(folder))
    with closing(sqlite3.connect(yard.home / "station" / "journal.sqlite")) as db, db:
        db.execute("UPDATE docking SET docked = '2099-01-01T00:00:00.000Z'")
    folder.joinpath("c.txt").write_bytes(b"brought later")
    async with at_work(yard) as (station, _archive):
        found = await imported(station, order(folder))

    assert set(found) == {b"CCTV/a.txt", b"CCTV/b.bin", b"CCTV/c.txt"}


async def test_a_full_disk_is_said_and_it_goes_on_when_there_is_room(
    yard: Yard, folder: Path
) -> None:
    async with yard.archive() as archive, yard.station(archive, reserve=1 << 60) as station:
        begun = await station.hand_in(order(folder))
        await told(station, begun, Stage.READING)
        await seen(lambda: "reserve" in " ".join(c.note or "" for c in station.snapshot().cards))
        now = await station.imports.told(begun)
    async with at_work(yard) as (station, _archive):
        found = await imported(station, order(folder))

    assert now.stage is Stage.READING
    assert {each.clip.state for each in found.values()} == {ClipState.ARCHIVED}


async def test_what_is_longer_than_one_put_goes_in_parts(yard: Yard, folder: Path) -> None:
    yard.single_put_max = 1 << 20
    os.truncate(folder / "b.bin", 12 << 20)
    async with at_work(yard) as (station, _archive):
        found = await imported(station, order(folder))

    data = folder.joinpath("b.bin").read_bytes()
    assert found[b"CCTV/b.bin"].clip.sha256 == Sha256.of(data)
    assert found[b"CCTV/b.bin"].clip.state is ClipState.ARCHIVED


async def test_catalogue_and_log_agree_and_a_changed_grade_is_found(
    yard: Yard, folder: Path
) -> None:
    async with at_work(yard) as (station, archive):
        await imported(station, order(folder))
        await settled(station)
        clean = await archive.examine(nobody)
        with closing(sqlite3.connect(yard.home / "archive" / "catalogue.sqlite")) as db, db:
            db.execute(
                "UPDATE clip SET acquisition='docked', imported_by='Nobody', clock_offset_ms=5"
                " WHERE name='b.bin'"
            )
        found = await archive.examine(nobody)

    assert clean == []
    (finding,) = found
    for column in ("acquisition", "imported_by", "clock_offset_ms"):
        assert column in finding.problem
