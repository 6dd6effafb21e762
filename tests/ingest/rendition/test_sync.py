from collections.abc import Callable
from pathlib import Path

import pytest

from evidence.errors import SetupError
from ingest.classify import Kind
from ingest.rendition.boxes import read_movie
from ingest.rendition.make import make
from ingest.rendition.tools import Route, Tools


def _start(media: Path, handler: bytes) -> float:
    """Seconds at which the first sample of the track with *handler* is due."""
    with media.open("rb") as stream:
        movie = read_movie(stream)
    track = movie.track(handler)
    assert track is not None
    return min(sample.pts for sample in movie.samples(track)) / track.timescale


def _tools(route: Route) -> Tools:
    try:
        return Tools.find(prefer=route)
    except SetupError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("route", list(Route))
async def test_sound_that_began_late_stays_late_and_its_header_names_it(
    route: Route, clips: Path, tmp_path: Path, kind: Callable[[Path], Kind]
) -> None:
    original = clips / "late_sound.ts"

    await make(original, tmp_path / "into", kind(original), tools=_tools(route))

    media = tmp_path / "into" / "media.mp4"
    assert _start(media, b"vide") == 0
    assert _start(media, b"soun") == pytest.approx(0.5, abs=0.03)
    # ISO/IEC 14496-1, 7.2.6.7: without a DecoderSpecificInfo no browser plays the track.
    header = media.read_bytes()[:4096]
    assert b"\x05\x80\x80\x80\x02\x12\x08" in header[header.index(b"esds") :]


async def test_pictures_that_began_late_stay_late(
    clips: Path, tmp_path: Path, kind: Callable[[Path], Kind], tools: Tools
) -> None:
    original = clips / "late_pictures.mp4"

    await make(original, tmp_path / "into", kind(original), tools=tools)

    media = tmp_path / "into" / "media.mp4"
    assert _start(media, b"vide") == pytest.approx(0.5, abs=0.03)
    assert _start(media, b"soun") == 0


async def test_the_encoders_own_delay_does_not_push_the_first_picture_from_zero(
    clips: Path, tmp_path: Path, kind: Callable[[Path], Kind], tools: Tools
) -> None:
    original = clips / "pcm.mov"

    await make(original, tmp_path / "into", kind(original), tools=tools)

    media = tmp_path / "into" / "media.mp4"
    assert (_start(media, b"vide"), _start(media, b"soun")) == (0, 0)
