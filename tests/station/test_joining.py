"""Which files are parts of one recording, and what lacks."""

from __future__ import annotations

import pytest

from station.joining import LONGEST_GAP, MOST, lacking, recordings
from station.profile import load_profiles
from station.profile.segments import Segments

GOPRO = next(each.segments for each in load_profiles(None) if each.id == "gopro")
TIMED = Segments(pattern=r"_(?P<date>\d{8})_(?P<time>\d{6})\.", every_seconds=300)


def go(*names: str) -> list[bytes]:
    return [f"DCIM/100GOPRO/{name}".encode() for name in names]


def at(*times: str) -> list[bytes]:
    return [f"video/V_20260101_{time}.mp4".encode() for time in times]


def test_chapters_of_one_recording_are_joined_in_their_order() -> None:
    assert GOPRO is not None
    paths = go("GX020533.MP4", "GX010533.MP4", "GX010534.MP4", "GL010533.LRV")

    joined = recordings(paths, GOPRO)

    assert [each.parts for each in joined] == [
        tuple(go("GX010533.MP4", "GX020533.MP4")),
        tuple(go("GX010534.MP4")),
    ]
    assert [each.lacks for each in joined] == [(), ()]


def test_the_lack_of_a_part_is_told_and_the_first_one_too() -> None:
    lacks = lacking(go("GX020533.MP4", "GX060533.MP4"), [], GOPRO)

    assert lacks == [
        "part 1 before DCIM/100GOPRO/GX020533.MP4",
        "parts 3 … 5 between DCIM/100GOPRO/GX020533.MP4 and DCIM/100GOPRO/GX060533.MP4",
    ]


def test_a_part_that_was_taken_before_does_not_lack() -> None:
    here, known = go("GX010533.MP4", "GX030533.MP4"), go("GX020533.MP4")

    assert lacking(here, known, GOPRO) == []
    assert lacking(go("GX010700.MP4"), here, GOPRO) == []  # of that, nothing stands here any more
    assert lacking(here, [], None) == []


def test_parts_that_follow_after_the_fixed_time_are_one_recording() -> None:
    joined = recordings(at("120000", "120501", "121000", "121200", "121700"), TIMED)

    assert [each.parts for each in joined] == [
        tuple(at("120000", "120501", "121000")),
        tuple(at("121200", "121700")),
    ]
    assert not any(each.lacks for each in joined)


def test_a_hole_of_whole_parts_is_told_and_a_long_rest_is_none() -> None:
    assert LONGEST_GAP == 12
    assert lacking(at("120000", "130500"), [], TIMED)[0].startswith("12 parts between")
    assert lacking(at("120000", "131000"), [], TIMED) == []
    assert lacking(at("120000", "121500"), [], TIMED) == [
        "2 parts between video/V_20260101_120000.mp4 and video/V_20260101_121500.mp4"
    ]
    assert lacking(at("120000", "121000"), [], TIMED)[0].startswith("a part between")
    assert lacking(at("120000", "120730"), [], TIMED) == []


def test_pictures_and_other_folders_are_no_parts() -> None:
    paths = [b"a/V_20260101_120000.mp4", b"b/V_20260101_121500.mp4", b"a/V_20260101_121500.jpg"]

    assert lacking(paths, [], TIMED) == []


@pytest.mark.parametrize(
    "name",
    [
        b"GX99990533.MP4",
        "GX٠١0533.MP4".encode(),
        b"\xffGX010533.MP4",
        b"V_99999999_999999.mp4",
        "V_²0260101_120000.mp4".encode(),
        b"V_00000101_000000.mp4",
        b"GX01" + b"9" * 240 + b".MP4",
    ],
)
@pytest.mark.parametrize("segments", [GOPRO, TIMED])
def test_hostile_names_are_joined_with_nothing(name: bytes, segments: Segments) -> None:
    free = Segments(pattern=r"(?P<recording>.*?)(?P<part>.+)")

    for rule in (segments, free):
        assert lacking([name, b"a/" + name], [], rule) == []


def test_what_is_told_is_fit_to_be_shown_and_not_endless() -> None:
    wild = [b"a/\x1b[2J\xff_GX%02d0533.MP4" % number for number in range(1, 90, 2)]
    rule = Segments(pattern=r"GX(?P<part>\d\d)(?P<recording>\d{4})")

    lacks = lacking(wild, [], rule)

    assert len(lacks) == MOST
    assert all(each.isprintable() for each in lacks)
