"""Signed settings and firmware for cameras, on the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from evidence.settings import StationSettings
from evidence.vault.s3 import S3Vault
from evidock import control
from evidock.__main__ import main
from evidock.home import Home
from evidock.station_operations import station_operations
from station.signed import Kind
from tests.station.signing import signed, signer
from tests.station.yard import Yard

KEY = str(signer().key)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    home.settings_file.write_text(f'[station]\nprofile_keys = ["{KEY}"]\n')
    return home


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    file = tmp_path / "fw.bin"
    file.write_bytes(b"\x00new")
    signed(file, signer(), Kind.FIRMWARE, profile="acme", before="V1", after="V2")
    return file


def station(verb: str, *arguments: object, home: Home) -> int:
    return main(["station", verb, "--home", str(home.folder), *map(str, arguments)])


def stage(file: Path, home: Home, profile: str = "acme") -> int:
    note = file.with_name("fw.bin.sig")
    return station("stage", "firmware", file, "--sig", note, "--profile", profile, home=home)


def test_firmware_is_staged_ordered_and_withdrawn_in_a_home_at_rest(
    home: Home, firmware: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stage(firmware, home) == 0
    supply = capsys.readouterr().out.strip()
    assert station("order", supply, "--camera", "BWC 1", home=home) == 0
    capsys.readouterr()

    assert station("staged", "--json", home=home) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["id"], each["to"], each["signed_by"]) for each in told["staged"]] == [
        (supply, "V2", signer().name)
    ]
    assert [(each["camera"], each["supply"]) for each in told["orders"]] == [("BWC 1", supply)]

    assert station("staged", home=home) == 0
    assert "BWC 1" in capsys.readouterr().out
    assert station("order", "--withdraw", "--camera", "BWC 1", home=home) == 0
    assert capsys.readouterr().out == "withdrawn\n"


def test_what_no_camera_could_get_is_told_at_once(
    home: Home, firmware: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(firmware, home)
    assert "uses no profile 'acme'" in capsys.readouterr().err

    signed(firmware, signer(), Kind.FIRMWARE, profile="generic-dcim", before="V1", after="V2")
    assert stage(firmware, home, profile="generic-dcim") == 0
    assert "no words for firmware_write, footage" in capsys.readouterr().err


def test_what_is_not_signed_like_that_is_not_staged(
    home: Home, firmware: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert stage(firmware, home, profile="other") == 40
    assert "was signed as firmware for profile acme" in capsys.readouterr().err
    firmware.write_bytes(b"\x00old")
    assert stage(firmware, home) == 40
    assert "SHA-256 differs" in capsys.readouterr().err
    assert station("order", "0" * 16, "--camera", "1", home=home) == 40
    assert station("order", "--camera", "1", home=home) == 40
    home.settings_file.write_text("")
    assert stage(firmware, home) == 40
    assert "profile_keys is empty" in capsys.readouterr().err


def test_what_was_changed_on_disk_is_listed_with_its_problem(
    home: Home, firmware: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(firmware, home)
    for content in (home.station / "supplies").glob("*/content"):
        content.write_bytes(b"\x00bad")
    capsys.readouterr()

    assert station("staged", home=home) == 0
    assert "is not as it was signed" in " ".join(capsys.readouterr().out.split())


async def test_a_home_at_work_is_asked(
    home: Home, firmware: Path, agency_vault: S3Vault, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = StationSettings(rescan_seconds=0.05, settle_seconds=0.05, profile_keys=(KEY,))
    yard = Yard(home=home.folder, vault=agency_vault, station_settings=settings)
    with home.locked():
        async with (
            yard.archive() as archive,
            yard.station(archive) as at_work,
            control.serving(home.socket, station_operations(at_work)),
        ):
            assert await asyncio.to_thread(stage, firmware, home) == 0
            supply = capsys.readouterr().out.strip()
            assert at_work.supplies.get(supply).data == b"\x00new"
            firmware.write_bytes(b"\x00old")
            assert await asyncio.to_thread(stage, firmware, home) != 0
            assert "SHA-256 differs" in capsys.readouterr().err
