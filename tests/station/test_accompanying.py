"""Which recording a sidecar accompanies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evidence.acquisition import Acquisition
from ingest.source import Listed, Sort
from station.accompanying import accompanied
from station.claims import CardReader
from station.profile import fallback, load_profiles

PROFILES = {each.id: each for each in load_profiles(None)}
A, B = b"DCAM_A1_P1_20260101_120000", b"DCAM_A1_P1_20260101_130000"


def pairs(profile: str, *paths: bytes) -> dict[bytes, bytes]:
    reader = CardReader(
        profile=PROFILES[profile],
        fallback=fallback(list(PROFILES.values())),
        folder=b"slot",
        offset=timedelta(0),
        acquisition=Acquisition.DOCKED,
    )
    return dict(accompanied(reader, [Listed(path=path, sort=Sort.FILE) for path in paths]))


@pytest.mark.parametrize("ending", [b".gps", b".NMEA", b".log"])
def test_a_track_or_log_of_the_same_name_accompanies_its_recording(ending: bytes) -> None:
    found = pairs("gat-filename", A + b".mp4", B + b".mp4", A + ending, b"PARAM.INI")

    assert found == {A + ending: A + b".mp4"}


def test_a_mark_of_importance_parts_no_two() -> None:
    assert pairs("gat-filename", A + b"_IMP.mp4", B + b".mp4", A + b".nmea") == {
        A + b".nmea": A + b"_IMP.mp4"
    }


def test_a_folder_of_tracks_parts_no_two_and_the_own_folder_comes_first() -> None:
    far, near = b"2/" + A + b".mp4", b"1/" + A + b".mp4"

    assert pairs("gat-filename", near, b"gps/" + A + b".gps") == {b"gps/" + A + b".gps": near}
    assert pairs("gat-filename", near, far, b"2/" + A + b".gps") == {b"2/" + A + b".gps": far}


@pytest.mark.parametrize(
    "paths",
    [
        [b"1/" + A + b".mp4", b"2/" + A + b".mp4", b"gps/" + A + b".gps"],
        [A + b".mp4", A + b".jpg", A + b".gps"],
        [b"a.mp4", b"b.gps"],
        [b".gps", b".mp4"],
        [A + b".mp4", b"DCAM_A2_P1_20260101_120000.gps"],
        [A + b".gps"],
    ],
)
def test_where_names_leave_a_doubt_nothing_is_said(paths: list[bytes]) -> None:
    assert pairs("gat-filename", *paths) == {}


def test_names_without_a_time_go_by_the_name_alone() -> None:
    found = pairs("gopro", b"G/GX010533.MP4", b"G/GX010534.MP4", b"G/GX010533.THM")

    assert found == {b"G/GX010533.THM": b"G/GX010533.MP4"}
