from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.canonical import canonical
from tests.ingest.rendition.conftest import Compare, Render, differences

COPY = ["frames", "index", "pictures", "times"]
CASES = {
    "plain.mp4": ([*COPY, "sound", "sync"], []),
    "b_frames.ts": ([*COPY, "sound", "sync"], []),
    "b_frames.mkv": ([*COPY, "sound", "sync"], []),
    "edited.mp4": ([*COPY, "sound", "sync"], []),
    "late_sound.ts": ([*COPY, "sound", "sync"], []),
    "late_pictures.mp4": ([*COPY, "sound", "sync"], []),
    "uneven.mp4": (COPY, []),
    "pcm.mov": ([*COPY, "sync"], ["sound"]),
    "hevc.mp4": (["index", "sound", "sync", "times"], ["pictures"]),
    "motion_jpeg.avi": (["index", "sync", "times"], ["pictures", "sound"]),
    "voice.wav": (["index"], ["sound"]),
    "photo.jpg": ([], ["pictures"]),
}


FEW = ("plain.mp4", "late_sound.ts", "uneven.mp4", "pcm.mov", "hevc.mp4", "voice.wav", "photo.jpg")


@pytest.mark.parametrize(
    "name",
    [name if name in FEW else pytest.param(name, marks=pytest.mark.slow) for name in CASES],
)
def test_what_is_the_originals_is_proven_and_what_is_not_is_named(
    name: str, clips: Path, render: Render, against: Compare
) -> None:
    render(clips / name)

    found = against(clips / name)

    assert found.differs == []
    assert (sorted(found.same), sorted(found.anew)) == tuple(map(sorted, CASES[name]))


def test_a_damaged_original_is_compared_as_far_as_it_goes(
    damaged: Callable[[str], Path],
    render: Render,
    against: Compare,
) -> None:
    original = damaged("plain.mp4")
    render(original)

    assert (against(original)).differs == []


def test_the_rendition_of_another_clip_is_found_out(
    clips: Path, render: Render, against: Compare
) -> None:
    render(clips / "uneven.mp4")

    found = against(clips / "b_frames.mp4")

    assert {"pictures", "times", "frames", "sound"} <= differences(found)


def flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def test_one_flipped_bit_of_a_picture_is_found_out(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "uneven.mp4")
    flipped(folder / "media.mp4", (folder / "media.mp4").stat().st_size - 100)

    found = against(clips / "uneven.mp4")

    assert differences(found) == {"pictures", "segments.json"}


@pytest.mark.parametrize("name", ["frames.json", "index.m3u8", "segments.json"])
def test_files_that_tell_another_story_of_the_media_are_found_out(
    name: str,
    clips: Path,
    folder: Path,
    render: Render,
    against: Compare,
) -> None:
    render(clips / "uneven.mp4")
    (folder / name).write_bytes((folder / name).read_bytes().replace(b"2", b"3", 1))

    assert differences(against(clips / "uneven.mp4")) == {name}


def test_a_digest_that_was_told_and_is_not_the_originals_is_found_out(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "hevc.mp4")
    told = json.loads((folder / "rendition.json").read_bytes())
    told["digests"] |= {"picture": "0" * 64, "pts": "1" * 64}
    (folder / "rendition.json").write_bytes(canonical(told))

    assert differences(against(clips / "hevc.mp4")) == {"picture_told", "times_told"}


def test_camera_signatures_that_were_told_and_are_not_there_are_found_out(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "hevc.mp4")
    told = json.loads((folder / "rendition.json").read_bytes())
    assert told["original"]["camera_signatures"] == []
    told["original"]["camera_signatures"] = ["onvif"]
    (folder / "rendition.json").write_bytes(canonical(told))

    assert differences(against(clips / "hevc.mp4")) == {"camera_signatures_told"}


def test_a_transcode_that_passes_itself_off_as_a_copy_is_found_out(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "hevc.mp4")
    told = json.loads((folder / "rendition.json").read_bytes())
    (folder / "rendition.json").write_bytes(canonical(told | {"kind": "copy"}))

    assert "pictures" in differences(against(clips / "hevc.mp4"))


def test_sound_that_was_moved_against_the_pictures_is_found_out(
    clips: Path, render: Render, against: Compare
) -> None:
    render(clips / "late_sound.ts")

    found = against(clips / "b_frames.ts")

    assert differences(found) == {"sync"}


def test_media_that_is_none_of_ours_is_found_out(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "uneven.mp4")
    shutil.copy(clips / "uneven.mp4", folder / "media.mp4")

    assert differences(against(clips / "uneven.mp4")) == {"media.mp4"}
