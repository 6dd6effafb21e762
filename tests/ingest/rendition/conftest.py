"""Tiny clips, made once per test run by whatever ffmpeg works here."""

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.classify import HEAD, Kind, classify
from ingest.rendition.compare import Pair, compare
from ingest.rendition.comparison import Comparison, Told
from ingest.rendition.make import make
from ingest.rendition.tools import Tools

Compare = Callable[[Path], Comparison]
Render = Callable[[Path], None]

_SIGHT = "-f lavfi -i testsrc2=s=320x180:r=30:d=2"
_SOUND = "-f lavfi -i sine=440:d=2"
_H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 30"
_RECIPES = {
    "plain.mp4": f"{_SIGHT} {_SOUND} {_H264} -c:a aac -metadata creation_time=2024-05-01T10:00:00Z",
    "b_frames.mp4": f"{_SIGHT} {_SOUND} {_H264} -bf 2 -c:a aac",
    "b_frames.ts": "-i b_frames.mp4 -c copy",
    "b_frames.mkv": "-i b_frames.mp4 -c copy",
    "fast_start.mp4": "-i b_frames.mp4 -c copy -movflags +faststart",
    "fragmented.mp4": "-i b_frames.mp4 -c copy -movflags +frag_keyframe+empty_moov",
    "pcm.mov": "-i b_frames.mp4 -c:v copy -c:a pcm_s16le",
    "edited.mp4": "-ss 1.5 -i b_frames.mp4 -c copy",
    "late_sound.ts": "-i b_frames.mp4 -itsoffset 0.5 -i b_frames.mp4 -map 0:v -map 1:a -c copy",
    "late_pictures.mp4": "-itsoffset 0.5 -i b_frames.mp4 -i b_frames.mp4 -map 0:v -map 1:a -c copy",
    "hevc.mp4": f"{_SIGHT} {_SOUND} -c:v libx265 -preset ultrafast -x265-params log-level=none "
    "-tag:v hvc1 -c:a aac",
    "motion_jpeg.avi": f"{_SIGHT} {_SOUND} -c:v mjpeg -q:v 6 -c:a pcm_s16le",
    "uneven.mp4": f"{_SIGHT} {_H264} -vf select='not(eq(mod(n,7),3))' -fps_mode vfr",
    "long.mp4": f"-f lavfi -i testsrc2=s=160x90:r=10:d=11 {_H264} -g 20",
    "voice.wav": "-f lavfi -i sine=440:d=9 -ac 1 -ar 16000",
    "photo.jpg": "-f lavfi -i testsrc2=s=640x360 -frames:v 1 -update 1",
    "photo.png": "-i photo.jpg -update 1",
}


@pytest.fixture(scope="session")
def tools() -> Tools:
    return Tools.find()


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> Path:
    """A folder of clips that differ in one thing each."""
    folder = tmp_path_factory.mktemp("clips")
    make_clips(folder, tools)
    return folder


def make_clips(folder: Path, tools: Tools) -> None:
    """Make every clip of the recipes in *folder*."""
    folder.mkdir(exist_ok=True)
    for name, recipe in _RECIPES.items():
        made_by_ffmpeg(folder / name, recipe, tools)


def made_by_ffmpeg(path: Path, recipe: str, tools: Tools) -> Path:
    """The clip at *path*, made by *recipe* in its folder."""
    argv = [str(tools.ffmpeg), "-nostdin", "-v", "error", *recipe.split(), path.name]
    subprocess.run(argv, cwd=path.parent, check=True, timeout=60)
    return path


@pytest.fixture
def cut(clips: Path, tmp_path: Path) -> Callable[[str, float], Path]:
    """A clip without its end: ``cut(name, part)`` keeps that part of its bytes."""

    def made(name: str, part: float) -> Path:
        data = (clips / name).read_bytes()
        path = tmp_path / f"cut-{name}"
        path.write_bytes(data[: int(len(data) * part)])
        return path

    return made


@pytest.fixture
def damaged(clips: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A clip with a bad sector in its middle."""

    def made(name: str) -> Path:
        path = Path(shutil.copy(clips / name, tmp_path / f"damaged-{name}"))
        noise = hashlib.sha256(name.encode()).digest() * 256
        with path.open("r+b") as stream:
            stream.seek(path.stat().st_size // 2)
            stream.write(noise)
        return path

    return made


def kind_of(path: Path) -> Kind:
    return classify(path.read_bytes()[:HEAD], path.name.encode(), path.stat().st_size)


@pytest.fixture
def kind() -> Callable[[Path], Kind]:
    return kind_of


@pytest.fixture(scope="session")
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


def differences(found: Comparison) -> set[str]:
    """What was found to differ."""
    return {each.what for each in found.differs}
