import hashlib
import io
import json
import struct
import subprocess
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.errors import RenditionFailed
from ingest.classify import Kind
from ingest.rendition.boxes import Movie, Track, read_movie
from ingest.rendition.ffmpeg import Source
from ingest.rendition.frames import end_of, frame_table
from ingest.rendition.make import make
from ingest.rendition.playlist import Part, playlist, segments
from ingest.rendition.probe import packets
from ingest.rendition.tools import Tools

_SHOWN_ONCE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="session")
def renditions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("renditions")


@pytest.fixture
async def folder(
    request: pytest.FixtureRequest,
    renditions: Path,
    clips: Path,
    tools: Tools,
    kind: Callable[[Path], Kind],
) -> Path:
    """The rendition of the clip the test is parametrized with, made once."""
    name: str = request.param
    into = renditions / name
    if not (into / "rendition.json").exists():
        await make(clips / name, into, kind(clips / name), tools=tools)
    return into


def _movie(folder: Path) -> tuple[Movie, Track]:
    with (folder / "media.mp4").open("rb") as stream:
        movie = read_movie(stream)
    return movie, movie.track(b"vide") or movie.tracks[0]


@pytest.mark.parametrize("folder", ["b_frames.mp4", "hevc.mp4", "uneven.mp4"], indirect=True)
async def test_the_frame_table_holds_the_times_the_prober_sees(
    folder: Path, tools: Tools, tmp_path: Path
) -> None:
    source = Source(path=folder / "media.mp4", demuxer="mov")
    seen = sorted((await packets(tools, source, 0, tmp_path)).pts)

    movie, track = _movie(folder)
    table = frame_table(movie, track)

    # ffmpeg moves all times of a track with B-frames by one constant; browsers do not.
    assert [value - seen[0] for value in seen] == [value - table.pts[0] for value in table.pts]
    assert table.pts[0] == 0


@pytest.mark.parametrize("folder", ["uneven.mp4"], indirect=True)
def test_the_written_frame_table_unfolds_to_every_time(folder: Path) -> None:
    movie, track = _movie(folder)
    table = frame_table(movie, track)

    written = json.loads((folder / "frames.json").read_bytes())

    times = [written["first"]]
    for step, repeats in written["steps"]:
        times += [times[-1] + step * n for n in range(1, repeats + 1)]
    assert tuple(times) == table.pts
    assert written["count"] == len(times)
    assert written["end"] > times[-1]


@pytest.mark.parametrize("folder", ["long.mp4", "b_frames.ts", "voice.wav"], indirect=True)
def test_the_segments_cover_every_byte_and_each_digest_holds(folder: Path) -> None:
    media = (folder / "media.mp4").read_bytes()

    manifest = json.loads((folder / "segments.json").read_bytes())

    leaves = [manifest["init"], *manifest["segments"]]
    ranges = [(leaf["offset"], leaf["offset"] + leaf["length"]) for leaf in leaves]
    assert [ranges[0][0], ranges[-1][1]] == [0, len(media)]
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    for leaf, (start, end) in zip(leaves, ranges, strict=True):
        assert hashlib.sha256(media[start:end]).hexdigest() == leaf["sha256"]


@pytest.mark.parametrize("folder", ["long.mp4"], indirect=True)
def test_the_playlist_names_the_manifests_ranges(folder: Path) -> None:
    lines = (folder / "index.m3u8").read_text().splitlines()
    manifest = json.loads((folder / "segments.json").read_bytes())

    assert lines[:2] == ["#EXTM3U", "#EXT-X-VERSION:7"]
    assert lines[-1] == "#EXT-X-ENDLIST"
    assert f'#EXT-X-MAP:URI="media.mp4",BYTERANGE="{manifest["init"]["length"]}@0"' in lines
    assert [line for line in lines if line.startswith("#EXT-X-BYTERANGE")] == [
        f"#EXT-X-BYTERANGE:{part['length']}@{part['offset']}" for part in manifest["segments"]
    ]
    assert [line for line in lines if line.startswith("#EXTINF")] == [
        "#EXTINF:4.000000,",
        "#EXTINF:4.000000,",
        "#EXTINF:3.000000,",
    ]


@pytest.mark.parametrize("folder", ["long.mp4"], indirect=True)
def test_every_segment_begins_with_a_key_frame_and_they_share_out_all_time(folder: Path) -> None:
    movie, track = _movie(folder)

    parts: tuple[Part, ...] = segments(movie, track)

    assert all(part.key for part in parts)
    assert sum(part.duration for part in parts) == end_of(movie.samples(track))
    assert "#EXT-X-INDEPENDENT-SEGMENTS" in playlist(movie, track, parts, "media.mp4")


@pytest.mark.parametrize("folder", ["b_frames.ts", "voice.wav"], indirect=True)
def test_a_rendition_decodes_from_end_to_end(folder: Path, tools: Tools) -> None:
    argv = [str(tools.ffmpeg), "-nostdin", "-v", "error", "-xerror", "-i", "media.mp4"]

    done = subprocess.run(
        [*argv, "-f", "null", "-"], cwd=folder, capture_output=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, b"")


@_SHOWN_ONCE
@pytest.mark.parametrize("folder", ["b_frames.ts"], indirect=True)
@given(changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=6))
def test_changed_bytes_give_a_movie_or_our_own_refusal(
    folder: Path, changes: list[tuple[int, int]]
) -> None:
    data = bytearray((folder / "media.mp4").read_bytes())
    for place, value in changes:
        data[place] = value

    try:
        movie = read_movie(io.BytesIO(data))
    except RenditionFailed:
        return

    assert movie.init_length + sum(part.length for part in movie.fragments) == len(data)


@_SHOWN_ONCE
@pytest.mark.parametrize("folder", ["b_frames.ts"], indirect=True)
@given(length=st.integers(0, 4000))
def test_cut_bytes_give_our_own_refusal(folder: Path, length: int) -> None:
    data = (folder / "media.mp4").read_bytes()[:length]

    with pytest.raises(RenditionFailed):
        read_movie(io.BytesIO(data))


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _forged(folder: Path, fragment: bytes, times: int) -> io.BytesIO:
    data = (folder / "media.mp4").read_bytes()
    with (folder / "media.mp4").open("rb") as stream:
        init = data[: read_movie(stream).init_length]
    return io.BytesIO(init + fragment * times)


_FIRST = _box(b"mfhd", struct.pack(">II", 0, 1))
_A_MILLION_OF_NOTHING = _box(
    b"moof",
    _FIRST,
    _box(
        b"traf",
        _box(b"tfhd", struct.pack(">6I", 0x2003A, 1, 1, 0, 0, 0x2000000)),
        _box(b"tfdt", struct.pack(">II", 0, 0)),
        _box(b"trun", struct.pack(">III", 1, 1 << 20, 0)),
    ),
) + _box(b"mdat")


@pytest.mark.parametrize("folder", ["b_frames.ts"], indirect=True)
@pytest.mark.parametrize(
    ("fragment", "times", "reason"),
    [
        (_A_MILLION_OF_NOTHING, 100, "more samples than its bytes"),
        (_box(b"moof"), 2000, "in its moof"),
        (_box(b"moof", _FIRST, _box(b"traf", _box(b"free") * 5000)), 1, "too many others"),
    ],
)
def test_a_file_describes_no_more_than_its_bytes_could_hold(
    folder: Path, fragment: bytes, times: int, reason: str
) -> None:
    forged = _forged(folder, fragment, times)
    tracemalloc.start()
    try:
        with pytest.raises(RenditionFailed, match=reason):
            read_movie(forged)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
