"""Sampling a rendition for the quality rules: small gray key frames, and the loudness of seconds.

The rendition's own media is read, whose digest is on record; its frame table says when each key
frame is shown.  ffmpeg decodes in its cage and hands out raw bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from archive.derive.quality import HEIGHT, WIDTH, Pictures, Sound
from evidence.errors import RenditionFailed
from ingest.rendition.ffmpeg import Output, Source, command
from ingest.rendition.probe import AudioStream, VideoStream
from ingest.rendition.run import Limits, collect, run
from ingest.rendition.tools import Tools

MOST_FRAMES = 1800
"""Key frames that are looked at; of more, every second, third and so on."""

RATE = 8000
"""Samples of sound a second: enough to tell silence."""

_LIMITS = Limits(seconds=1800, written=0)
_PICTURE = WIDTH * HEIGHT
_FULL = 32768.0
_BYTES = 2


async def pictures(
    tools: Tools, media: Source, video: VideoStream, table: Path, folder: Path
) -> Pictures:
    """Key frames of *media*, whose frame table lies in *table*.

    RenditionFailed if ffmpeg gives another number of them than the table has.
    """
    told = json.loads(table.read_bytes())
    every = max(1, -(-len(told["keys"]) // MOST_FRAMES))
    places = told["keys"][::every]
    chosen = f"select=not(mod(n\\,{every})),scale={WIDTH}:{HEIGHT}:flags=area,format=gray"
    shown = Output(
        target="pipe:1",
        muxer="rawvideo",
        streams=(video.index,),
        options={"vf": chosen, "fps_mode": "passthrough"},
    )
    keys = Source(path=media.path, demuxer=media.demuxer, options={"skip_frame": "nokey"})
    job = tools.job(command(tools, keys, shown), folder, _LIMITS, (media.path,))
    raw = await collect(job, _PICTURE * (len(places) + 1))
    if len(raw) != _PICTURE * len(places):
        raise RenditionFailed(
            f"{len(raw) // _PICTURE} key frames were decoded where the table has {len(places)}"
        )
    ticks, pts = told["timescale"], _times(told)
    return Pictures(
        at_ms=tuple(pts[place] * 1000 // ticks for place in places),
        frames=np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH),
        end_ms=told["end"] * 1000 // ticks,
    )


async def sound(
    tools: Tools, media: Source, audio: AudioStream, folder: Path, end_ms: int
) -> Sound:
    """How loud each second of *media* is; memory does not grow with its length."""
    heard = Output(
        target="pipe:1",
        muxer="s16le",
        streams=(audio.index,),
        options={"ac": "1", "ar": str(RATE)},
    )
    tally = _Peaks()
    job = tools.job(command(tools, media, heard), folder, _LIMITS, (media.path,))
    await run(job, tally.sink)
    seconds = -(-end_ms // 1000)  # an encoder pads the last second's end
    return Sound(peaks=tally.peaks()[:seconds], end_ms=end_ms)


class _Peaks:
    """The loudest sample of each second, of a stream of samples."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._found: list[float] = []

    async def sink(self, piece: bytes) -> None:
        self._pending += piece
        second = RATE * _BYTES
        while len(self._pending) >= second:
            self._found.append(_dbfs(bytes(self._pending[:second])))
            del self._pending[:second]

    def peaks(self) -> tuple[float, ...]:
        rest = bytes(self._pending[: len(self._pending) // _BYTES * _BYTES])
        return (*self._found, _dbfs(rest)) if rest else tuple(self._found)


def _dbfs(samples: bytes) -> float:
    loudest = int(np.max(np.abs(np.frombuffer(samples, "<i2").astype(np.int32))))
    return float(20 * np.log10(loudest / _FULL)) if loudest else -np.inf


def _times(told: Mapping[str, Any]) -> list[int]:
    """When each picture is shown (see ``FrameTable.document``)."""
    steps = (step for step, times in told["steps"] for _ in range(times))
    return list(accumulate(steps, initial=told["first"]))
