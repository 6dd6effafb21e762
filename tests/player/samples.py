"""Small footage of each kind a camera may hold, made by ffmpeg; no two pictures are alike."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_PICTURES = "-f lavfi -i testsrc2=size=320x240:rate=30:duration=5"
_SOUND = "-f lavfi -i sine=frequency=440:duration=5"
_H264 = "-c:v libx264 -preset ultrafast -g 30 -bf 2 -pix_fmt yuv420p -c:a aac"
_RECIPES: Mapping[str, str] = {
    "h264.mp4": f"{_PICTURES} {_SOUND} {_H264}",
    "h264.ts": f"{_PICTURES} {_SOUND} {_H264} -f mpegts",
    "hevc.mp4": f"{_PICTURES} {_SOUND} -c:v libx265 -preset ultrafast -x265-params log-level=error"
    " -tag:v hvc1 -pix_fmt yuv420p -c:a aac",
    "mjpeg.avi": f"{_PICTURES} {_SOUND} -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
    "sound.wav": f"{_SOUND}",
    "no_pictures.wav": "-f lavfi -i sine=frequency=220:duration=3",
    "still.jpg": f"{_PICTURES} -frames:v 1",
}
NOTHING = "zeros.mp4"
NO_PICTURES = "no_pictures.wav"
"""Its rendition claims to be pictures and holds sound only, as a browser sees coding it lacks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One file, the name its camera gives it, and what is told of it."""

    path: Path
    name: bytes
    officer: str = "4711"
    started: str = "2026-11-22T21:20:00.000Z"


def make_samples(folder: Path) -> dict[str, Sample]:
    """All samples in *folder*, by the name used here."""
    for name, recipe in _RECIPES.items():
        argv = ["ffmpeg", "-nostdin", "-v", "error", *recipe.split(), str(folder / name)]
        subprocess.run(argv, check=True)
    (folder / NOTHING).write_bytes(bytes(100_000))
    names = {"h264.mp4": b"<img src=x onerror=alert(1)>\xff\n.mp4"}
    officers = {"sound.wav": "0815"}
    return {
        name: Sample(
            path=folder / name,
            name=names.get(name, name.encode()),
            officer=officers.get(name, "4711"),
        )
        for name in (*_RECIPES, NOTHING)
    }
