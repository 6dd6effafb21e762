"""A station tells the archive how it and its cameras are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evidence.errors import ArchiveUnreachable
from evidence.vault import Vault
from evidence.wire import CameraState, FleetPage
from tests.station.yard import Yard, seen, settled


@pytest.fixture
def yard(tmp_path: Path, agency_vault: Vault) -> Yard:
    return Yard(home=tmp_path / "home", vault=agency_vault)


async def test_the_archive_hears_of_stations_and_cameras_again_and_again(yard: Yard) -> None:
    card = {f"DCIM/VID_{number:04}.MP4".encode(): bytes([number]) * 9 for number in (1, 2, 4)}
    yard.card("cam-7", card)
    yard.card("slot 2", {})  # nobody can tell which camera that is
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        workstation = station._workstation
        assert workstation is not None
        await workstation._crew.fleet.beat(tuple(workstation._cards.values()), workstation.view)
        page: FleetPage = await archive.fleet()

    (shown,), (camera,) = page.stations, page.cameras
    assert shown.state is not None
    assert (shown.behind, shown.state.docked) == (0, 2)
    assert shown.state.free_bytes > 0
    assert camera.state == CameraState(
        camera="cam-7", seen=camera.state.seen, missing=["VID_0003.MP4"]
    )


async def test_a_part_of_a_recording_that_lacks_is_told(yard: Yard) -> None:
    parts = (f"DCIM/100GOPRO/GX{chapter:02}0533.MP4".encode() for chapter in (1, 3))
    yard.card("cam-9", {part: part for part in parts})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        workstation = station._workstation
        assert workstation is not None
        await workstation._crew.fleet.beat(tuple(workstation._cards.values()), workstation.view)
        (camera,) = (await archive.fleet()).cameras

    (told,) = camera.state.missing
    assert told.startswith("part 2 between DCIM/100GOPRO/GX010533.MP4 and")


async def test_a_camera_that_left_between_two_beats_is_told_of(yard: Yard) -> None:
    card = yard.card("cam-8", {b"a.mp4": b"a"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
        workstation = station._workstation
        assert workstation is not None
        fleet = workstation._crew.fleet
        await fleet.beat(tuple(workstation._cards.values()), workstation.view)
        first = (await archive.fleet()).cameras[0].state.seen
        shutil.rmtree(card)
        await seen(lambda: not workstation._cards and not workstation._endings)
        await fleet.beat((), workstation.view)

        assert (await archive.fleet()).cameras[0].state.seen > first


async def test_what_was_not_heard_is_told_later(yard: Yard) -> None:
    yard.card("cam-7", {b"a.mp4": b"a"})
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station)
    async with yard.station() as station:
        await station._started()
        workstation = station._workstation
        assert workstation is not None
        fleet = workstation._crew.fleet
        await seen(lambda: any(card.finder.wearer[0] for card in workstation._cards.values()))
        with pytest.raises(ArchiveUnreachable):
            await fleet.beat(tuple(workstation._cards.values()), workstation.view)
        assert set(fleet._news) == {"cam-7"}
        async with yard.archive() as archive:
            await fleet.beat((), workstation.view)
            assert [each.state.camera for each in (await archive.fleet()).cameras] == ["cam-7"]
            assert fleet._news == {}
