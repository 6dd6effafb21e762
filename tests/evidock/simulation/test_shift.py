"""A whole station and archive, and simulated cameras at its ports whose cables are pulled out."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from archive.service import Archive
from evidence.clock import SystemClock
from evidence.settings import StationSettings
from evidence.vault import Vault
from evidock.home import Home
from evidock.report import report
from evidock.simulation.cameras import Camera, Kind, made, write_passwords
from evidock.simulation.cut import Cut
from evidock.simulation.findings import Finding, findings
from evidock.simulation.shift import Shift
from station.service import Station
from station.simulator.cameras import ControlModel, Model
from station.simulator.descriptors import KEYBOARD, VENDOR, descriptors
from station.simulator.host import SimulatedHost
from tests.station.yard import Yard, settled

MIB = 1 << 20
KIND = Kind(profile=None, clock=SystemClock())
Said = Callable[[str], None]


def card(folder: Path, seed: int) -> Path:
    chance = random.Random(seed)
    for path, size in (("DCIM/VID_0001.MP4", 5 * MIB + seed), ("DCIM/VID_0002.MP4", 40_000)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(chance.randbytes(size))
    return folder


@asynccontextmanager
async def at_work(
    folder: Path, vault: Vault, kind: Kind = KIND
) -> AsyncIterator[tuple[SimulatedHost, Archive, Station]]:
    write_passwords(kind, folder / "passwords.toml")
    settings = StationSettings(
        rescan_seconds=0.1,
        settle_seconds=0.05,
        usb=True,
        camera_passwords=str(folder / "passwords.toml"),
    )
    async with SimulatedHost.running(folder / "usb") as simulated:
        yard = Yard(
            home=folder / "home", vault=vault, station_settings=settings, host=simulated.host
        )
        async with yard.archive() as archive, yard.station(archive) as station:
            yield simulated, archive, station


async def found(shift: Shift, archive: Archive, station: Station, home: Path) -> list[Finding]:
    await settled(station)
    details = await archive.clips()
    clips = report(await station.items(), details, Home(home)).clips
    return findings(shift.cameras, clips, details, shift.was_pulled)


async def test_two_cameras_are_cut_in_a_file_and_gone_on_with_at_the_byte(
    tmp_path: Path, agency_vault: Vault
) -> None:
    said: list[str] = []
    folders = [card(tmp_path / "one", 1), card(tmp_path / "two", 2)]
    cameras = made(folders, tmp_path, KIND, Cut.of(str(3 * MIB + 5)))
    async with at_work(tmp_path, agency_vault) as (simulated, archive, station):
        shift = Shift(
            host=simulated,
            cameras=cameras,
            clock=SystemClock(),
            note=said.append,
            back_after=0.1,
        )
        assert await shift.run(station)
        results = await found(shift, archive, station, tmp_path / "home")

    assert [(each.equal, each.files, each.differing) for each in results] == [(2, 2, {})] * 2
    assert [(each.yanked_at, each.resumed_at) for each in results] == [(3 * MIB + 5, 3 * MIB)] * 2
    assert len([line for line in said if "plugged in again" in line]) == 2


class Typing(Kind):
    """Cameras that are keyboards, too."""

    def control(self, number: int) -> Model | None:
        return ControlModel(raw=descriptors(0x4255, number, [VENDOR, KEYBOARD]))


async def test_a_camera_that_is_never_let_in_is_waited_for_no_longer_than_said(
    tmp_path: Path, agency_vault: Vault
) -> None:
    kind = Typing(profile=None, clock=SystemClock())
    cameras = made([card(tmp_path / "one", 1)], tmp_path, kind, None)
    async with at_work(tmp_path, agency_vault) as (simulated, archive, station):
        shift = Shift(
            host=simulated,
            cameras=cameras,
            clock=SystemClock(),
            note=lambda _text: None,
            stalled_after=1.0,
        )
        assert not await shift.run(station)
        (result,) = await found(shift, archive, station, tmp_path / "home")

    assert set(result.differing.values()) == {"it was never found on the card"}
    assert (result.equal, result.files) == (0, 2)


def test_what_is_archived_is_held_against_the_folder_and_not_its_image(tmp_path: Path) -> None:
    folder = card(tmp_path / "one", 1)
    (camera,) = made([folder], tmp_path, KIND, None)
    clip = {
        "source_path": f"{camera.slot}/DCIM/VID_0002.MP4",
        "id": "c-1",
        "sha256": "0" * 64,
        "state": "ARCHIVED",
        "class": "video",
        "vault": {"bucket": "b"},
        "problem": None,
    }
    refused = clip | {"source_path": f"{camera.slot}/DCIM/VID_0001.MP4", "class": "refused"}

    (result,) = findings([camera], [clip, refused | {"problem": "out of scope"}], [], ())

    assert result.differing["DCIM/VID_0002.MP4"].startswith("other bytes")
    assert result.left_out == {"DCIM/VID_0001.MP4": "out of scope"}


def test_each_camera_has_the_cut_of_its_own_longest_file(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "a").write_bytes(b"12")
    (tmp_path / "empty").mkdir()
    folders = [card(tmp_path / "one", 1), tmp_path / "small", tmp_path / "empty"]

    one, small, empty = made(folders, tmp_path, KIND, Cut.of("50%"))

    assert one.cut is not None
    assert one.cut.in_file == (5 * MIB + 1) // 2
    longest = (folders[0] / "DCIM/VID_0001.MP4").read_bytes()
    assert _at(one, 32) == longest[one.cut.in_file :][:32]
    assert small.cut is not None
    assert (small.cut.in_file, _at(small, 1)) == (1, b"2")
    assert empty.cut is None
    assert replace(one, cut=None).card(is_cut=True).cut_at is None


def _at(camera: Camera, size: int) -> bytes:
    assert camera.cut is not None
    return camera.image.read_bytes()[camera.cut.on_image :][:size]
