import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.clip import ClipClass
from evidence.errors import RenditionFailed
from ingest.classify import Kind
from ingest.rendition.make import make
from ingest.rendition.rendition import Rendition, RenditionKind
from ingest.rendition.tools import Route, Tools

Maker = Callable[[Path], Awaitable[Rendition]]


@pytest.fixture
def render(tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]) -> Maker:
    async def made(original: Path) -> Rendition:
        return await make(original, tmp_path / "into", kind(original), tools=tools)

    return made


async def test_h264_is_copied_and_says_what_it_found(clips: Path, render: Maker) -> None:
    made = await render(clips / "plain.mp4")

    assert made.kind is RenditionKind.COPY
    assert (made.width, made.height, made.frames, made.duration_ms) == (320, 180, 60, 2000)
    assert made.claimed_start == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert made.picture_digest is not None
    assert made.audio_digest is not None


async def test_every_named_file_is_there_with_its_size_and_digest(
    clips: Path, render: Maker, tmp_path: Path
) -> None:
    made = await render(clips / "plain.mp4")

    on_disk = {path.name: path.read_bytes() for path in (tmp_path / "into").iterdir()}
    assert {f.name: (f.size, f.sha256.hex) for f in made.files} == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in on_disk.items()
    }
    assert sorted(on_disk) == [
        "frames.json",
        "index.m3u8",
        "media.mp4",
        "rendition.json",
        "segments.json",
        "thumbnail.jpg",
        "tiles.jpg",
        "tiles.json",
    ]


async def test_the_same_pictures_have_one_digest_in_every_container(
    clips: Path, render: Maker
) -> None:
    names = ("b_frames.mp4", "b_frames.ts", "b_frames.mkv", "fragmented.mp4", "pcm.mov")

    made = [await render(clips / name) for name in names]

    assert {rendition.kind for rendition in made} == {RenditionKind.COPY}
    assert len({rendition.picture_digest for rendition in made}) == 1
    assert len({rendition.parameter_digest for rendition in made}) == 1
    assert made[0].pts_digest == made[1].pts_digest
    assert made[0].audio_digest == made[1].audio_digest == made[2].audio_digest


@pytest.mark.parametrize("name", ["hevc.mp4", "motion_jpeg.avi"])
async def test_what_a_browser_cannot_show_is_encoded_anew_picture_by_picture(
    name: str, clips: Path, render: Maker
) -> None:
    made = await render(clips / name)

    assert made.kind is RenditionKind.TRANSCODED
    assert made.frames == 60
    assert any(note.startswith("pictures: encoded anew") for note in made.notes)


async def test_sound_a_browser_cannot_play_does_not_cost_the_pictures(
    clips: Path, render: Maker
) -> None:
    made = await render(clips / "pcm.mov")

    assert made.kind is RenditionKind.COPY
    assert made.audio_digest is None
    assert "audio: encoded anew as AAC, from pcm_s16le" in made.notes


async def test_pictures_hidden_by_an_edit_list_are_shown_and_counted(
    clips: Path, render: Maker
) -> None:
    made = await render(clips / "edited.mp4")

    assert made.frames == 30
    assert any(note.startswith("hidden: an edit list hides 15 ") for note in made.notes)


async def test_sound_alone_gets_a_playlist(clips: Path, render: Maker) -> None:
    made = await render(clips / "voice.wav")

    assert made.kind is RenditionKind.AUDIO
    assert made.segments == 3
    assert (made.frames, made.picture_digest) == (0, None)


async def test_a_photo_becomes_a_viewable_picture(clips: Path, render: Maker) -> None:
    made = await render(clips / "photo.jpg")

    assert made.kind is RenditionKind.IMAGE
    assert (made.width, made.height) == (640, 360)
    assert [f.name for f in made.files] == ["picture.jpg", "thumbnail.jpg", "rendition.json"]


@pytest.mark.parametrize(
    "name", ["fast_start.mp4", "fragmented.mp4", "b_frames.ts", "b_frames.mkv"]
)
async def test_what_is_left_of_a_truncated_clip_plays_and_says_so(
    name: str, cut: Callable[[str, float], Path], render: Maker
) -> None:
    made = await render(cut(name, 0.7))

    assert made.kind is RenditionKind.COPY
    assert 20 < made.frames < 60
    assert any(note.startswith("truncated:") for note in made.notes)


async def test_a_bad_sector_is_concealed_by_encoding_anew(
    damaged: Callable[[str], Path], render: Maker
) -> None:
    made = await render(damaged("b_frames.mp4"))

    assert made.kind is RenditionKind.TRANSCODED
    assert made.picture_digest is None
    assert any(note.startswith("damaged:") for note in made.notes)


async def test_a_clip_whose_index_was_never_written_has_no_rendition(
    cut: Callable[[str, float], Path], render: Maker
) -> None:
    with pytest.raises(RenditionFailed, match="moov"):
        await render(cut("b_frames.mp4", 0.5))


async def test_text_named_as_a_clip_is_refused_with_the_reason(
    tmp_path: Path, render: Maker
) -> None:
    poser = tmp_path / "poser.mp4"
    poser.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")

    with pytest.raises(RenditionFailed, match=r"a playlist named \.mp4"):
        await render(poser)


async def test_a_playlist_behind_a_wrong_label_is_never_followed(
    tmp_path: Path, tools: Tools
) -> None:
    poser = tmp_path / "poser.mp4"
    poser.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    label = Kind(clip_class=ClipClass.VIDEO, demuxer="mpegts", reason="a wrong label")

    with pytest.raises(RenditionFailed):
        await make(poser, tmp_path / "into", label, tools=tools)


async def test_a_picture_that_claims_an_impossible_size_is_refused(
    clips: Path, tmp_path: Path, render: Maker
) -> None:
    photo = bytearray((clips / "photo.png").read_bytes())
    photo[16:24] = (9_000).to_bytes(4, "big") * 2
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(photo)

    with pytest.raises(RenditionFailed, match="9000 x 9000"):
        await render(bomb)


async def test_a_half_made_folder_is_emptied_and_the_result_is_the_same(
    clips: Path, tmp_path: Path, render: Maker
) -> None:
    first = await render(clips / "photo.jpg")
    (tmp_path / "into" / "picture.jpg.part").write_bytes(b"half")
    (tmp_path / "into" / "scratch").mkdir()

    second = await render(clips / "photo.jpg")

    assert second == first


async def test_the_folder_that_holds_the_original_is_never_emptied(
    clips: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    original = clips / "plain.mp4"

    with pytest.raises(ValueError, match="holds the original"):
        await make(original, clips, kind(original), tools=tools)


async def test_no_path_of_the_station_is_kept(clips: Path, tmp_path: Path, render: Maker) -> None:
    await render(clips / "plain.mp4")

    summary = (tmp_path / "into" / "rendition.json").read_text()
    assert str(clips) not in summary
    assert str(tmp_path) not in summary
    assert "ORIGINAL" in json.loads(summary)["commands"][0]


async def test_progress_runs_from_a_little_to_all(
    clips: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    heard: list[float] = []
    original = clips / "hevc.mp4"

    await make(original, tmp_path / "into", kind(original), tools=tools, progress=heard.append)

    assert heard == sorted(heard)
    assert heard[0] < 0.5
    assert heard[-1] == 1.0


@pytest.mark.parametrize("name", ["b_frames.ts", "hevc.mp4", "photo.jpg"])
async def test_both_routes_of_tools_agree(
    name: str, clips: Path, tmp_path: Path, kind: Callable[[Path], Kind], tools: Tools
) -> None:
    if tools.route is Route.PIP:
        pytest.skip("ffmpeg and ffprobe are not installed here, only the pip route is")
    original = clips / name
    pip = Tools.find(prefer=Route.PIP)

    one = await make(original, tmp_path / "one", kind(original), tools=tools)
    other = await make(original, tmp_path / "other", kind(original), tools=pip)

    assert (one.kind, one.frames, one.original_codec) == (
        other.kind,
        other.frames,
        other.original_codec,
    )
    assert (one.picture_digest, one.parameter_digest, one.pts_digest, one.audio_digest) == (
        other.picture_digest,
        other.parameter_digest,
        other.pts_digest,
        other.audio_digest,
    )
