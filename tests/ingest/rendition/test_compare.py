from __future__ import annotations

import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from evidence.canonical import canonical
from ingest.classify import Kind
from ingest.rendition.compare import Comparison, Pair, Told, compare
from ingest.rendition.make import make
from ingest.rendition.tools import Tools

Compare = Callable[[Path], Awaitable[Comparison]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where renditions are made."""
    return tmp_path / "into"


@pytest.fixture
def render(folder: Path, tools: Tools, kind: Callable[[Path], Kind]) -> Callable[[Path], object]:
    return lambda original: make(original, folder, kind(original), tools=tools)


@pytest.fixture
def against(folder: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]) -> Compare:
    """Compare what lies in the folder with an original."""

    async def compared(original: Path) -> Comparison:
        (scratch := tmp_path / "scratch").mkdir(exist_ok=True)
        told = Told.parse((folder / "rendition.json").read_bytes())
        assert told is not None
        pair = Pair(original=original, kind=kind(original), rendition=folder, told=told)
        return await compare(pair, scratch, tools)

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


@pytest.mark.parametrize("name", CASES)
async def test_what_is_the_originals_is_proven_and_what_is_not_is_named(
    name: str, clips: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / name)

    found = await against(clips / name)

    assert found.differs == []
    assert (sorted(found.same), sorted(found.anew)) == tuple(map(sorted, CASES[name]))


async def test_a_damaged_original_is_compared_as_far_as_it_goes(
    damaged: Callable[[str], Path],
    render: Callable[[Path], Awaitable[object]],
    against: Compare,
) -> None:
    original = damaged("plain.mp4")
    await render(original)

    assert (await against(original)).differs == []


def differences(found: Comparison) -> set[str]:
    return {each.what for each in found.differs}


async def test_the_rendition_of_another_clip_is_found_out(
    clips: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / "uneven.mp4")

    found = await against(clips / "b_frames.mp4")

    assert {"pictures", "times", "frames", "sound"} <= differences(found)


def flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


async def test_one_flipped_bit_of_a_picture_is_found_out(
    clips: Path, folder: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / "uneven.mp4")
    flipped(folder / "media.mp4", (folder / "media.mp4").stat().st_size - 100)

    found = await against(clips / "uneven.mp4")

    assert differences(found) == {"pictures", "segments.json"}


@pytest.mark.parametrize("name", ["frames.json", "index.m3u8", "segments.json"])
async def test_files_that_tell_another_story_of_the_media_are_found_out(
    name: str,
    clips: Path,
    folder: Path,
    render: Callable[[Path], Awaitable[object]],
    against: Compare,
) -> None:
    await render(clips / "uneven.mp4")
    (folder / name).write_bytes((folder / name).read_bytes().replace(b"2", b"3", 1))

    assert differences(await against(clips / "uneven.mp4")) == {name}


async def test_a_digest_that_was_told_and_is_not_the_originals_is_found_out(
    clips: Path, folder: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / "hevc.mp4")
    told = json.loads((folder / "rendition.json").read_bytes())
    told["digests"] |= {"picture": "0" * 64, "pts": "1" * 64}
    (folder / "rendition.json").write_bytes(canonical(told))

    assert differences(await against(clips / "hevc.mp4")) == {"picture_told", "times_told"}


async def test_a_transcode_that_passes_itself_off_as_a_copy_is_found_out(
    clips: Path, folder: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / "hevc.mp4")
    told = json.loads((folder / "rendition.json").read_bytes())
    (folder / "rendition.json").write_bytes(canonical(told | {"kind": "copy"}))

    assert "pictures" in differences(await against(clips / "hevc.mp4"))


async def test_sound_that_was_moved_against_the_pictures_is_found_out(
    clips: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / "late_sound.ts")

    found = await against(clips / "b_frames.ts")

    assert differences(found) == {"sync"}


async def test_media_that_is_none_of_ours_is_found_out(
    clips: Path, folder: Path, render: Callable[[Path], Awaitable[object]], against: Compare
) -> None:
    await render(clips / "uneven.mp4")
    shutil.copy(clips / "uneven.mp4", folder / "media.mp4")

    assert differences(await against(clips / "uneven.mp4")) == {"media.mp4"}
