"""The only module that knows ffmpeg-python, and it lets it compile argument lists, nothing more.

The library's own ``run`` deadlocks on unread pipes and has no timeout; ``run.py`` executes instead.
Every input is an absolute ``file:`` URL opened by one named demuxer through one protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import ffmpeg

from ingest.rendition.lines import Lines, integer
from ingest.rendition.run import Sink
from ingest.rendition.tools import Tools

_MOST_ALLOCATION = str(256 << 20)
"""Bytes ffmpeg may ask for at once: an 8K frame fits, a picture of 65535 x 65535 does not."""
_LONGEST = str(7 * 86_400)
"""Seconds of an input that are read: no camera records for a week on end, a lying file may."""
_MICROSECONDS = 1_000_000

DECODERS = ",".join(
    (
        *("h264", "hevc", "mjpeg", "mpeg4", "mpeg1video", "mpeg2video", "h261", "h263"),
        *("vp8", "libvpx", "vp9", "libvpx-vp9", "av1", "libdav1d", "libaom-av1", "theora"),
        *("flv", "vp6f", "msmpeg4", "msmpeg4v2", "wmv1", "wmv2", "wmv3", "vc1"),
        *("dvvideo", "rawvideo"),
        *("png", "gif", "bmp", "tiff", "webp"),
        *("aac", "aac_fixed", "aac_latm", "mp3", "mp3float", "mp2", "mp2float", "ac3", "eac3"),
        *("opus", "libopus", "vorbis", "libvorbis", "flac", "alac", "speex", "wmav1", "wmav2"),
        *("amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb", "gsm", "gsm_ms", "g722"),
        *("g723_1", "g729", "qcelp", "evrc", "nellymoser", "dvaudio", "g726", "g726le"),
        *("adpcm_ima_wav", "adpcm_ima_qt", "adpcm_ms", "adpcm_yamaha"),
        *("pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le"),
        *("pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be"),
        *("mov_text", "subrip", "srt", "text", "webvtt", "ass", "ssa", "cc_dec", "dvbsub"),
    )
)
"""What may be decoded: what cameras, phones and recorders write.  ffmpeg knows some 500 more, made
for games and old machines, in which errors are looked for less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to read, and the one demuxer that may read it."""

    path: Path
    demuxer: str
    options: Mapping[str, str | None] = field(default_factory=dict)
    """More ffmpeg input options, without their dash (None: it takes no value)."""

    @property
    def guards(self) -> dict[str, str]:
        """The options without which no file is ever opened."""
        # A MOV sample cut off by the end of the file is no picture; elsewhere "corrupt" is milder.
        flags = "+discardcorrupt" if self.demuxer == "mov" else "+genpts"
        return {
            "f": self.demuxer,
            "format_whitelist": self.demuxer,
            "protocol_whitelist": "file",
            "codec_whitelist": DECODERS,
            "max_alloc": _MOST_ALLOCATION,
            "fflags": flags,
        }

    @property
    def url(self) -> str:
        """The file as ffmpeg cannot misread it: no protocol, option or pattern in its name."""
        return f"file:{self.path.absolute()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output: which of the source's streams go where, and how."""

    target: str
    """A plain name in the job's folder, or ``pipe:1``."""
    muxer: str
    streams: tuple[int, ...]
    options: Mapping[str, str | None]


def command(tools: Tools, source: Source, *outputs: Output) -> tuple[str, ...]:
    """The argv that makes *outputs* from *source*; progress goes to stdout unless a pipe does."""
    read = ffmpeg.input(source.url, **source.guards, **source.options, t=_LONGEST)
    written = [
        ffmpeg.output(
            *(read[str(index)] for index in output.streams),
            output.target if output.target.startswith("pipe:") else f"file:{output.target}",
            **{"f": output.muxer, **output.options},
        )
        for output in outputs
    ]
    talk = [] if any(output.target == "pipe:1" for output in outputs) else ["-progress", "pipe:1"]
    start = [str(tools.ffmpeg), "-nostdin", "-hide_banner", "-v", "error", "-y", *talk]
    compiled = ffmpeg.compile(ffmpeg.merge_outputs(*written), cmd=start)
    return tuple(cast("list[str]", compiled))


def progress_sink(tell: Callable[[float], None]) -> Sink:
    """A sink for ``-progress pipe:1`` that calls *tell* with the seconds of footage done.

    The sink raises RenditionFailed for what ffmpeg never says: endless lines, times beyond 64 bits.
    """
    lines = Lines()

    async def sink(piece: bytes) -> None:
        for line in lines.feed(piece):
            name, _, value = line.partition(b"=")
            if name == b"out_time_us" and value.isdigit():
                tell(integer(value) / _MICROSECONDS)

    return sink
