"""Files and machines that mean a rendition no good: each ends in a plain error, soon."""

import asyncio
import struct
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from evidence.clip import ClipClass
from evidence.errors import RenditionFailed
from ingest.classify import Kind
from ingest.rendition import run as run_module
from ingest.rendition.ffmpeg import Source
from ingest.rendition.make import make
from ingest.rendition.probe import AudioStream, VideoStream, probe
from ingest.rendition.tools import Route, Tools
from ingest.rendition.transcode import Plan, limits, seconds_in_all

_SOUND = AudioStream(index=0, codec="amr_nb", tick=Fraction(1, 8000))
_FILL = """
import asyncio, sys
from pathlib import Path
from ingest.classify import HEAD, classify
from ingest.rendition.make import make
from ingest.rendition.tools import Tools
original, into = map(Path, sys.argv[1:])
kind = classify(original.read_bytes()[:HEAD], b"a.mp4", original.stat().st_size)
try:
    asyncio.run(make(original, into, kind, tools=Tools.find()))
except Exception as error:
    print(type(error).__name__, list(into.iterdir()))
"""
Tagged = Callable[[str, bytes, bytes], Awaitable[Path]]


@pytest.fixture
def tagged(clips: Path, tmp_path: Path, tools: Tools) -> Tagged:
    """``tagged(tag, before, after)``: a clip with *tag*, its bytes changed in place."""

    async def made(tag: str, before: bytes, after: bytes) -> Path:
        path = tmp_path / "tagged.mp4"
        words = ["-movflags", "use_metadata_tags", "-metadata", tag]
        start = [str(tools.ffmpeg), "-v", "error", "-i", str(clips / "plain.mp4"), "-c", "copy"]
        await asyncio.to_thread(subprocess.run, [*start, *words, str(path)], check=True)
        path.write_bytes(path.read_bytes().replace(before, after))
        return path

    return made


async def test_a_claimed_start_beyond_the_calendar_is_no_claim(
    tagged: Tagged, tmp_path: Path, tools: Tools
) -> None:
    last_day = "9999-12-31T23:59:59-05:00"
    clip = await tagged(f"xreation_time={last_day}", b"xreation_time", b"creation_time")

    probed = await probe(tools, Source(path=clip, demuxer="mov"), tmp_path)

    assert last_day.encode() in clip.read_bytes()
    assert probed.claimed_start is None


async def test_a_title_that_is_not_utf8_costs_no_rendition_on_either_route(
    tagged: Tagged, tmp_path: Path
) -> None:
    clip = await tagged("title=QQQQ", b"QQQQ", b"\xe9\xe8\xff\xfe")

    probed = await probe(Tools.find(Route.PIP), Source(path=clip, demuxer="mov"), tmp_path)

    assert probed.video is not None


async def test_a_flood_of_boxes_is_refused_before_anything_reads_on(
    clips: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    flood = tmp_path / "flood.mp4"
    flood.write_bytes(struct.pack(">I4s", 8, b"free") * (1 << 20))
    with flood.open("ab") as stream:
        stream.write((clips / "plain.mp4").read_bytes())

    with pytest.raises(RenditionFailed, match="MP4 boxes at its top"):
        await make(flood, tmp_path / "into", kind(flood), tools=tools)


def test_hours_of_speech_are_given_the_time_and_room_to_be_encoded() -> None:
    day, shift = 24 * 3600, 8 * 3600
    chosen = Plan(video=None, audio=_SOUND, copy_video=False, copy_audio=False)

    given = limits(chosen, 1500 * shift, shift)

    assert given.seconds > shift / 20
    assert given.written > 16_000 * shift
    assert limits(chosen, 1, 7 * day) == limits(chosen, 1, day)


def test_a_claimed_week_does_not_hold_a_station_up_for_months() -> None:
    pictures = VideoStream(
        index=0, codec="hevc", width=16, height=16, pixel_format="yuv420p", tick=Fraction(1, 90)
    )
    sound = Plan(video=None, audio=_SOUND, copy_video=False, copy_audio=False)
    chosen = replace(sound, video=pictures, audio=None)

    assert limits(chosen, 1, 7 * 86_400) == limits(chosen, 1, 86_400)


def test_a_small_file_that_claims_a_day_is_given_minutes_and_little_room() -> None:
    pictures = VideoStream(
        index=0, codec="hevc", width=16, height=16, pixel_format="yuv420p", tick=Fraction(1, 90)
    )
    chosen = Plan(video=pictures, audio=None, copy_video=False, copy_audio=False)

    given = limits(chosen, 400_000, 86_400)

    assert given.seconds == 120 + 20 * 100
    assert given.written < 400 << 20
    assert seconds_in_all(400_000, ClipClass.VIDEO) == 306


async def test_however_slow_its_steps_are_an_original_has_its_time_in_all(
    clips: Path, tmp_path: Path, tools: Tools, kind: Callable[[Path], Kind]
) -> None:
    slow = replace(tools, prober=("/bin/sh", "-c", "exec sleep 60"))
    clip = clips / "plain.mp4"

    with pytest.raises(RenditionFailed, match="longer than 1 s in all"):
        await make(clip, tmp_path / "into", kind(clip), tools=slow, within=1)


@pytest.mark.parametrize("route", Route)
async def test_a_codec_that_no_camera_writes_is_not_opened(
    route: Route, tmp_path: Path, kind: Callable[[Path], Kind]
) -> None:
    tools = Tools.find(prefer=route)
    clip = tmp_path / "game.avi"
    drawn = f"{tools.ffmpeg} -v error -f lavfi -i testsrc2=s=64x64:d=1 -c:v asv1 {clip}"
    await asyncio.to_thread(subprocess.run, drawn.split(), check=True)

    with pytest.raises(RenditionFailed, match="codec asv1 is none that cameras write"):
        await make(clip, tmp_path / "into", kind(clip), tools=tools)


async def test_a_full_disk_is_not_held_against_the_original(clips: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    into, original = small / "into", clips / "plain.mp4"
    script = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"'
    inside = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, str(small)]
    program = [sys.executable, "-c", _FILL, str(original), str(into)]
    root = str(Path(run_module.__file__).parents[2])

    done = await asyncio.to_thread(
        subprocess.run, [*inside, *program], capture_output=True, text=True, cwd=root, check=False
    )

    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"no small disk can be made here: {done.stderr.strip()}")
    assert done.stdout == "DiskFull []\n", done.stderr
