"""A rendition that passes itself off as another kind than the original allows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.rendition.tools import Tools
from tests.ingest.rendition.conftest import Compare, Render, differences, made_by_ffmpeg
from tests.ingest.rendition.forge import replaced, says

_OURS = "-map_metadata -1 -fflags +bitexact -use_editlist 0 -movflags"
_FLAGS = "+cmaf+delay_moov+default_base_moof+negative_cts_offsets+skip_trailer+frag_keyframe"
_BARS = "-f lavfi -i smptebars=s=320x180:r=30:d=2 -i motion_jpeg.mp4 -map 0:v -map 1:a"


def test_other_pictures_in_a_coding_without_a_digest_are_no_copy_of_such_an_original(
    clips: Path, folder: Path, render: Render, against: Compare, tools: Tools
) -> None:
    render(clips / "motion_jpeg.avi")
    shutil.copy(folder / "media.mp4", folder / "motion_jpeg.mp4")
    recipe = f"{_BARS} -c:a copy -c:v mpeg4 -tag:v mp4v {_OURS} {_FLAGS}"
    bars = made_by_ffmpeg(folder / "bars.mp4", recipe, tools)
    replaced(folder, bars.read_bytes())
    says(folder, kind="copy", digests={})

    assert against(clips / "motion_jpeg.avi").differs


@pytest.mark.parametrize("word", ["copy", "audio", "image", "better"])
def test_what_has_to_be_encoded_anew_is_of_no_other_kind(
    word: str, clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "motion_jpeg.avi")
    says(folder, kind=word)

    found = against(clips / "motion_jpeg.avi")

    assert "kind" in differences(found)
    assert "pictures" not in found.same


@pytest.mark.parametrize("name", ["uneven.mp4", "hevc.mp4"])
def test_a_still_picture_does_not_stand_for_a_recording(
    name: str, clips: Path, folder: Path, made: Callable[[Path], Path], against: Compare
) -> None:
    shutil.copytree(made(clips / "photo.jpg"), folder)

    assert differences(against(clips / name)) == {"kind"}


def test_sound_alone_does_not_stand_for_a_recording_with_pictures(
    clips: Path, folder: Path, made: Callable[[Path], Path], against: Compare
) -> None:
    shutil.copytree(made(clips / "voice.wav"), folder)

    assert {"kind", "pictures"} <= differences(against(clips / "plain.mp4"))


def test_footage_does_not_stand_for_a_still_picture(
    clips: Path, folder: Path, made: Callable[[Path], Path], against: Compare
) -> None:
    shutil.copytree(made(clips / "uneven.mp4"), folder)

    assert {"kind", "pictures"} <= differences(against(clips / "photo.jpg"))


def test_an_image_without_its_picture_is_found_out(
    clips: Path, folder: Path, render: Render, against: Compare
) -> None:
    render(clips / "photo.jpg")
    (folder / "picture.jpg").unlink()

    assert differences(against(clips / "photo.jpg")) == {"pictures"}
