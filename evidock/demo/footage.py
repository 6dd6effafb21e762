"""Sample footage: moving pictures with a burnt-in clock and frame number, sound, and a place.

Nothing here pretends to be a camera's own file beyond name and container: it is what ffmpeg's
generators draw, encoded as each kind of camera would.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from evidence.clock import stamp
from evidock.demo import lettering

RunFfmpeg = Callable[[Sequence[str], Path], Awaitable[None]]
"""Runs ffmpeg with these arguments (without the program's own name), writing in this folder."""

RATE = 25
SIZE = (640, 360)


class Coding(Enum):
    """How a kind of camera encodes: its ffmpeg output options."""

    H264 = (
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "26",
        "-g",
        "50",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    )
    H265 = (
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-crf",
        "30",
        "-x265-params",
        "log-level=error",
        "-tag:v",
        "hvc1",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    )
    MJPEG = ("-c:v", "mjpeg", "-q:v", "6", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")


class Scene(Enum):
    """What is to be seen and heard: an ffmpeg picture source and a sound source."""

    STREET = ("testsrc2=s={size}:r={rate}", "sine=f=330:beep_factor=4")
    NIGHT = (
        "life=s=160x90:r={rate}:ratio=0.12:mold=10:life_color=0xd0e0ff:death_color=0x203050,scale={size}:flags=neighbor",
        "anoisesrc=a=0.05:c=brown",
    )
    LIGHTS = ("gradients=s={size}:r={rate}:speed=0.04:n=4:seed=7", "sine=f=220")
    DOORWAY = (
        "mandelbrot=s={size}:r={rate}:start_scale=0.9:end_scale=0.2:end_pts=400",
        "anoisesrc=a=0.03:c=pink",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One recording to make."""

    name: str
    coding: Coding
    scene: Scene
    started: datetime
    seconds: int
    place: tuple[float, float] | None = None
    """Latitude and longitude, written where the container has room for them."""


async def shoot(take: Take, folder: Path, run: RunFfmpeg) -> Path:
    """Make the footage of *take* in *folder*; its path.  Its times are set as a camera would."""
    made = folder / take.name
    overlay = folder / f".{take.name}.strip"
    frames = take.seconds * RATE
    overlay.write_bytes(lettering.strips(_overlay_text(take, number) for number in range(frames)))
    try:
        await run(_arguments(take, made, overlay), folder)
    finally:
        overlay.unlink()
    return made


def _overlay_text(take: Take, frame: int) -> str:
    moment = take.started + timedelta(seconds=frame / RATE)
    return f"{moment:%Y-%m-%d %H:%M:%S} #{frame:05d}"


def _arguments(take: Take, made: Path, overlay: Path) -> list[str]:
    size = f"{SIZE[0]}x{SIZE[1]}"
    picture, sound = (part.format(size=size, rate=RATE) for part in take.scene.value)
    letters = len(_overlay_text(take, 0))
    strip_size = f"{lettering.width(letters)}x{lettering.HEIGHT}"
    place = []
    if take.place:
        place = ["-metadata", f"location={take.place[0]:+08.4f}{take.place[1]:+09.4f}/"]
    return [
        "-y",
        *("-f", "lavfi", "-i", picture),
        *("-f", "lavfi", "-i", sound),
        *(
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-s",
            strip_size,
            "-r",
            str(RATE),
            "-i",
            str(overlay),
        ),
        *("-filter_complex", "[0:v][2:v]overlay=8:8:shortest=1[v]", "-map", "[v]", "-map", "1:a"),
        *("-t", str(take.seconds), "-r", str(RATE), *take.coding.value),
        *("-metadata", f"creation_time={stamp(take.started)}", *place),
        str(made),
    ]
