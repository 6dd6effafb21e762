"""What stations tell of themselves and of cameras, and who may know it."""

from __future__ import annotations

import msgspec
import pytest

from evidence.custody import EntryKind
from evidence.rights import Role
from evidence.wire import CameraState, FleetPage, JournalPush, StateHeard, StationState
from tests.archive.house import Open

EARLY, LATE = "2026-11-26T08:00:00.000Z", "2026-11-27T08:00:00.000Z"


def state(*cameras: CameraState, journal: int = 0) -> StationState:
    return StationState(
        version="1", free_bytes=7, docked=1, journal=journal, cameras=list(cameras), problems=["p"]
    )


async def fleet(door: Open, role: Role = Role.SUPERVISOR) -> FleetPage:
    return (await (await door.person(role)).get("/v1/fleet")).as_(FleetPage)


async def test_what_a_station_tells_is_there_for_who_runs_the_fleet(door: Open) -> None:
    station = await door.station()
    await station.post("/v1/journal", JournalPush(acts=[station.act(EntryKind.DOCK_SEEN)]))
    told = state(
        CameraState(camera="BWC1", seen=EARLY, battery=9, missing=["A_0002.MP4"]), journal=3
    )

    heard = (await station.post("/v1/fleet", told)).as_(StateHeard)

    for role in (Role.SUPERVISOR, Role.ADMIN):
        (shown,), (camera,) = (page := await fleet(door, role)).stations, page.cameras
        assert (shown.id, shown.heard, shown.behind) == (station.id, heard.at, 2)
        assert shown.state == msgspec.structs.replace(told, cameras=[])
        assert (camera.station, camera.state) == (shown.name, told.cameras[0])


async def test_a_station_that_never_told_is_shown_as_such(door: Open) -> None:
    await door.station()

    (shown,) = (await fleet(door)).stations

    assert (shown.heard, shown.behind, shown.state) == (None, None, None)


async def test_a_camera_is_where_it_stood_last(door: Open) -> None:
    first, second = await door.station(), await door.station()
    await second.post("/v1/fleet", state(CameraState(camera="B", seen=LATE, battery=80)))
    await first.post("/v1/fleet", state(CameraState(camera="B", seen=EARLY, battery=10)))
    await first.post("/v1/fleet", state(CameraState(camera="A", seen=LATE)))

    found = (await fleet(door)).cameras

    assert [(each.state.camera, each.state.battery) for each in found] == [("A", None), ("B", 80)]


async def test_telling_again_adds_nothing(door: Open) -> None:
    station = await door.station()
    for docked in (1, 2):
        told = StationState(version="1", free_bytes=0, docked=docked, journal=0)
        await station.post("/v1/fleet", told)

    (shown,) = (await fleet(door)).stations

    assert shown.state is not None
    assert shown.state.docked == 2


@pytest.mark.parametrize(
    "told",
    [
        state(CameraState(camera="", seen=EARLY)),
        state(CameraState(camera="A", seen="yesterday")),
        state(CameraState(camera="A", seen=EARLY, battery=101)),
        state(CameraState(camera="A", seen=EARLY, firmware="x" * 1001)),
        state(*[CameraState(camera="A", seen=EARLY)] * 201),
        state(journal=2**53),
    ],
)
async def test_what_is_out_of_bounds_is_refused_whole(door: Open, told: StationState) -> None:
    station = await door.station()

    assert (await station.post("/v1/fleet", told)).status == 400

    assert (await fleet(door)).cameras == []
