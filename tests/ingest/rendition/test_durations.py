from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from operator import attrgetter
from pathlib import Path

import pytest

from ingest.classify import Kind
from ingest.rendition.boxes import Sample, read_movie
from ingest.rendition.durations import show_each_its_time
from ingest.rendition.make import make
from ingest.rendition.tools import Tools
from tests.ingest.rendition.conftest import made_by_ffmpeg

UNEVEN = (
    "-f lavfi -i testsrc2=s=160x90:r=30:d=4"
    " -vf settb=1/90000,setpts=(N+0.4*sin(1.3*N)+15*floor(N/25))*3000"
    " -fps_mode passthrough -enc_time_base 1:90000 -video_track_timescale 90000"
    " -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30 -bf 3 -b_strategy 0"
)


@pytest.fixture(scope="session")
def uneven(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> Path:
    """Pictures at uneven times, decoded out of order."""
    return made_by_ffmpeg(tmp_path_factory.mktemp("uneven") / "uneven.mp4", UNEVEN, tools)


def samples(media: Path) -> list[Sample]:
    """The pictures as they are shown."""
    with media.open("rb") as stream:
        movie = read_movie(stream)
    track = movie.track(b"vide")
    assert track is not None
    return sorted(movie.samples(track), key=attrgetter("pts"))


async def test_each_picture_lasts_until_the_next_one_shown(
    uneven: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    made = await make(uneven, tmp_path / "into", kind(uneven), tools=tools)

    shown = samples(tmp_path / "into" / "media.mp4")
    assert [later.pts - each.pts for each, later in pairwise(shown)] == [
        each.duration for each in shown[:-1]
    ]
    assert not any(note.startswith(("times:", "durations:")) for note in made.notes)


async def test_what_is_right_is_left_as_it_is(
    clips: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    await make(clips / "b_frames.mp4", tmp_path / "into", kind(clips / "b_frames.mp4"), tools=tools)
    media = tmp_path / "into" / "media.mp4"
    before = media.read_bytes()

    assert show_each_its_time(media)
    assert media.read_bytes() == before


async def test_times_are_as_they_were_and_doing_it_twice_changes_nothing(
    uneven: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    await make(uneven, tmp_path / "into", kind(uneven), tools=tools)
    media = tmp_path / "into" / "media.mp4"
    again = Path(shutil.copy(media, tmp_path / "again.mp4"))

    assert show_each_its_time(again)

    assert again.read_bytes() == media.read_bytes()
