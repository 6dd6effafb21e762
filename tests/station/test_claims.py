from __future__ import annotations

from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from evidence.acquisition import fits
from ingest.source import Listed, Sort
from station.claims import CardReader, Told, folder_name, read_card
from station.heard import Heard
from station.journal.records import Finding
from station.profile import best, fallback, load_profiles
from tests.station.played_back import card_of

GAT = b"DCAM_A1234_P0815_20260101_120000.mp4"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PARAM = "[ZFY]\r\nDevNo=B9\r\nPolNo=007\r\nUserName=张三\r\n".encode("gb18030")


def reader(files: dict[bytes, bytes], folder: bytes = b"slot-1", minutes: int = 0) -> CardReader:
    card, profiles = card_of(files), load_profiles(None)
    return read_card(
        card,
        card.listing(),
        folder,
        profile=best(profiles, card.listing()),
        fallback=fallback(profiles),
        offset=timedelta(minutes=minutes),
    )


def file(path: bytes) -> Listed:
    return Listed(path=path, sort=Sort.FILE)


@pytest.mark.parametrize(
    "name",
    [
        b"VID_20260101_120000.mp4",
        b"20260101120000.MOV",
        b"DCIM/cam-2026-01-01_12-00-00.avi",
        b"20260101T120000.jpg",
        b"REC 2026-01-01 12.00.00 0001.mp4",
    ],
)
def test_a_start_is_read_from_the_name(name: bytes) -> None:
    assert reader({name: b""}).claims(file(name)).started == NOON


@pytest.mark.parametrize(
    "name", [b"VID_0001.mp4", b"20261301_120000.mp4", b"20260230_120000.mp4", b"2026.mp4", b"\xff"]
)
def test_a_name_that_tells_no_moment_claims_none(name: bytes) -> None:
    assert reader({name: b""}).claims(file(name)).started is None


def test_camera_time_becomes_utc_by_the_configured_offset() -> None:
    claims = reader({GAT: b""}, minutes=480).claims(file(GAT))

    assert claims.started == NOON - timedelta(hours=8)


def test_without_a_better_claim_the_folder_names_the_camera() -> None:
    claims = reader({b"VID_0001.mp4": b""}, folder=b"cam\n7").claims(file(b"VID_0001.mp4"))

    assert (claims.camera, claims.camera_told, claims.officer) == (r"cam\n7", Told.FOLDER, None)


def test_a_gat_name_tells_camera_officer_and_importance() -> None:
    claims = reader({GAT: b""}).claims(file(GAT.replace(b".mp4", b"_IMP.mp4")))

    assert (claims.camera, claims.officer, claims.important) == ("A1234", "P0815", True)
    assert (claims.camera_told, claims.officer_told) == (Told.NAME, Told.NAME)


def test_a_sidecar_speaks_for_files_whose_names_do_not() -> None:
    claims = reader({b"param.ini": PARAM, b"x.log": b""}).claims(file(b"x.log"))

    assert (claims.camera, claims.officer) == ("B9", "007")
    assert (claims.camera_told, claims.officer_told) == (Told.SIDECAR, Told.SIDECAR)


def test_a_name_speaks_louder_than_a_sidecar() -> None:
    assert reader({b"PARAM.INI": PARAM, GAT: b""}).claims(file(GAT)).camera == "A1234"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no section",
        b"[ZFY",
        b"[ZFY]\nDevNo=\n",
        b"[ZFY]\nDevNo=a/../b\n",
        b"[ZFY]\nDevNo\n  indented\n",
        b"\xff\xfe",
    ],
)
def test_a_broken_sidecar_tells_nothing(data: bytes) -> None:
    read = reader({b"PARAM.INI": data, b"x.log": b""})

    assert (read.told_camera, read.told_officer) == (None, None)


def test_an_endless_folder_name_still_tells_cameras_apart() -> None:
    one, other = folder_name(b"\xff" * 255), folder_name(b"\xff" * 254 + b"\xfe")

    assert one != other
    assert max(len(one), len(other)) < 512
    assert folder_name("记录仪 7".encode()) == "记录仪 7"


def test_a_sidecar_that_cannot_be_read_tells_nothing() -> None:
    card, profiles = card_of({b"PARAM.INI": PARAM}), load_profiles(None)
    card.unreadable.add(b"PARAM.INI")

    read = read_card(
        card,
        card.listing(),
        b"slot",
        profile=best(profiles, card.listing()),
        fallback=fallback(profiles),
        offset=timedelta(0),
    )

    assert read.told_camera is None


def test_a_card_belongs_to_whom_most_of_its_files_claim() -> None:
    files = {GAT: b"", GAT.replace(b"12", b"13"): b"", b"other.txt": b""}
    read = reader(files)

    assert read.wearer(read.of_files([file(path) for path in files])) == ("A1234", "P0815")


def test_companions_are_told_from_recordings() -> None:
    read = reader({GAT: b""})

    assert read.is_companion(file(b"a.NMEA"))
    assert not read.is_companion(file(GAT))


def heard(files: dict[bytes, bytes], camera: str | None = "BWC0042") -> CardReader:
    says = Heard(id="t-1", profile="p", camera=camera, officer="PO4711")
    return replace(reader(files), heard=says)


def test_what_a_camera_said_itself_counts_where_its_files_are_silent() -> None:
    listed = file(b"DCIM/VID_0001.MP4")
    card = heard({listed.path: b""})

    claims = card.claims(listed)

    assert (claims.camera, claims.camera_told) == ("BWC0042", Told.CAMERA)
    assert (claims.officer, claims.officer_told) == ("PO4711", Told.CAMERA)
    assert card.wearer(card.of_files([listed])) == ("BWC0042", "PO4711")
    assert card.wearer([]) == ("BWC0042", None)


def test_the_officer_of_another_camera_is_not_taken() -> None:
    listed = file(b"DCIM/VID_0001.MP4")
    card = replace(heard({listed.path: b""}), told_camera="BWC0007")

    claims = card.claims(listed)

    assert (claims.camera, claims.officer) == ("BWC0007", None)


def test_a_number_that_is_none_is_not_taken_from_a_camera_either() -> None:
    listed = file(b"DCIM/VID_0001.MP4")

    claims = heard({listed.path: b""}, "<b>").claims(listed)

    assert claims.camera_told is Told.FOLDER


@pytest.mark.parametrize("made", [CardReader, Finding])
def test_how_bytes_came_is_always_said(made: type[CardReader | Finding]) -> None:
    grade = next(each for each in fields(made) if each.name == "acquisition")

    assert (grade.default, grade.default_factory) == (MISSING, MISSING)


@pytest.mark.parametrize("place", [b"import/Lobby", b"axis/B8A4", b"/", b"cam-1"])
@pytest.mark.parametrize(
    "files",
    [
        {b"VID_0001.mp4": b""},
        {b"DCAM_import/L_P1_20260101_120000.mp4": b""},
        {b"PARAM.INI": b"[ZFY]\nDevNo=import/Lobby\n", b"x.log": b""},
    ],
)
def test_no_docked_cameras_name_holds_a_slash(place: bytes, files: dict[bytes, bytes]) -> None:
    says = Heard(id="t-1", profile="p", camera="import/Lobby")
    read = replace(reader(files, folder=place), heard=says)
    listing = [file(path) for path in files]

    claims = read.of_files(listing)
    names = {each.camera for each in claims}
    names |= {read.wearer(claims)[0], read.wearer([])[0], read.camera(claims) or ""}

    assert [name for name in names if "/" in name] == []
    assert all(fits(read.acquisition, name, read.profile.id) for name in names)
