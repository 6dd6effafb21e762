from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.canonical import canonical
from ingest.classify import Kind
from ingest.rendition.compare import Comparison, Pair, Told, compare
from ingest.rendition.make import make
from ingest.rendition.tools import Tools
from tests.ingest.rendition.conftest import kind_of

Compare = Callable[[Path], Comparison]
Render = Callable[[Path], None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> Callable[[Path], Path]:
    """The folder of an original's rendition, made once: not to be changed."""
    folder = tmp_path_factory.mktemp("made")

    def rendition(original: Path) -> Path:
        into = folder / original.name
        if not into.exists():
            asyncio.run(make(original, into, kind_of(original), tools=tools))
        return into

    return rendition


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the rendition lies that is compared."""
    return tmp_path / "into"


@pytest.fixture
def render(folder: Path, made: Callable[[Path], Path]) -> Render:
    """Puts the rendition of an original there."""

    def put(original: Path) -> None:
        shutil.copytree(made(original), folder)

    return put


@pytest.fixture
def against(folder: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]) -> Compare:
    """Compare what lies in the folder with an original."""

    def compared(original: Path) -> Comparison:
        (scratch := tmp_path / "scratch").mkdir(exist_ok=True)
        told = Told.parse((folder / "rendition.json").read_bytes())
        assert told is not None
        pair = Pair(original=original, kind=kind(original), rendition=folder, told=told)
        return asyncio.run(compare(pair, scratch, tools))

    return compared


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


def differences(found: Comparison) -> set[str]:
    return {each.what for each in found.differs}


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
