"""Small footage of each kind a camera may hold, made by ffmpeg; no two pictures are alike."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_PICTURES = "-f lavfi -i testsrc2=size=320x240:rate=30:duration=5"
_SOUND = "-f lavfi -i sine=frequency=440:duration=5"
_H264 = "-c:v libx264 -preset ultrafast -g 30 -bf 2 -pix_fmt yuv420p -c:a aac"
_RECIPES: Mapping[str, str] = {
    "h264.mp4": f"{_PICTURES} {_SOUND} {_H264}",
    "h264.ts": f"{_PICTURES} {_SOUND} {_H264} -f mpegts"
    " -bsf:v h264_metadata=sei_user_data=005bc93f2d715e95ada4796f90877a6f+x",
    "hevc.mp4": f"{_PICTURES} {_SOUND} -c:v libx265 -preset ultrafast -x265-params log-level=error"
    " -tag:v hvc1 -pix_fmt yuv420p -c:a aac",
    "mjpeg.avi": f"{_PICTURES} {_SOUND} -c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le",
    "long_sound.mp4": "-f lavfi -i testsrc2=size=320x240:rate=30:duration=1.5"
    f" -f lavfi -i sine=frequency=330:duration=4 {_H264}",
    "sound.wav": f"{_SOUND}",
    "no_pictures.wav": "-f lavfi -i sine=frequency=220:duration=3",
    "still.jpg": f"{_PICTURES} -frames:v 1",
}
_NUMBERED = "-c:v libx264 -preset veryfast -crf 20 -g 30 -sc_threshold 0 -pix_fmt yuv420p"
_UNEVEN = (
    "-vf settb=1/90000,setpts=(N+0.4*sin(1.3*N)+15*floor(N/50))*3000"
    " -fps_mode passthrough -enc_time_base 1:90000 -video_track_timescale 90000"
)
NUMBERED: Mapping[str, str] = {
    "cfr.mp4": f"{_NUMBERED} -bf 0",
    "b_frames.mp4": f"{_NUMBERED} -bf 3 -b_strategy 0",
    "vfr.mp4": f"{_UNEVEN} {_NUMBERED} -bf 0",
    "vfr_b_frames.mp4": f"{_UNEVEN} {_NUMBERED} -bf 3 -b_strategy 0",
}
"""Recordings whose every picture carries its number; made of :func:`numbered_frames`."""
FRAMES = 300
_CELL = (40, 20)
"""Height and width of one bit; eight bits a row, two rows, the highest first."""
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


_RAW = "-f rawvideo -pix_fmt gray -s 160x120 -r 30 -i pipe:0"


def numbered_frames() -> bytes:
    """Grey pictures of 160 x 120, each with its number as white and black cells."""
    bits = (np.arange(FRAMES)[:, None] >> np.arange(15, -1, -1)) & 1
    cells = np.kron(bits.reshape(FRAMES, 2, 8) * 219 + 16, np.ones((1, *_CELL)))
    foot = np.full((FRAMES, 40, 160), 128)
    return np.concatenate([cells, foot], axis=1).astype(np.uint8).tobytes()


def make_samples(folder: Path) -> dict[str, Sample]:
    """All samples in *folder*, by the name used here."""
    for name, recipe in _RECIPES.items():
        argv = ["ffmpeg", "-nostdin", "-v", "error", *recipe.split(), str(folder / name)]
        subprocess.run(argv, check=True)
    (folder / NOTHING).write_bytes(bytes(100_000))
    raw = numbered_frames()
    for name, recipe in NUMBERED.items():
        argv = ["ffmpeg", "-nostdin", "-v", "error", *_RAW.split(), *recipe.split()]
        subprocess.run([*argv, str(folder / name)], check=True, input=raw)
    names = {"h264.mp4": b"<img src=x onerror=alert(1)>\xff\n.mp4"}
    officers = {"sound.wav": "0815"}
    return {
        name: Sample(
            path=folder / name,
            name=names.get(name, name.encode()),
            officer=officers.get(name, "4711"),
        )
        for name in (*_RECIPES, *NUMBERED, NOTHING)
    }
