"""How a rendition is encoded: copied where a browser can play the original, else made anew.

One rule: H.264 pictures that a browser shows are never encoded again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from evidence.clip import ClipClass
from ingest.rendition.ffmpeg import Output, Source
from ingest.rendition.probe import AudioStream, Probe, VideoStream
from ingest.rendition.run import Limits

_FRAGMENTS = "+cmaf+delay_moov+default_base_moof+negative_cts_offsets+skip_trailer"
"""``delay_moov``, not ``empty_moov``: of AAC from a transport stream the header is known only after
the first packet, and browsers refuse a track that says no audio object type.  Newer ffmpeg then
adds an edit list, which would move every time in the frame table: hence ``use_editlist 0``."""
_LONGEST_FRAGMENT = "30000000"
"""Microseconds; ffmpeg holds a fragment in memory, and some cameras write no second key frame."""
AAC_RATE = 48_000
"""Samples a second of sound encoded anew: at 8 kHz an encoder's delay alone would be 128 ms."""
_AUDIO_FRAGMENT = "4000000"
_PLAYABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_ADTS_DEMUXERS = frozenset({"mpegts", "aac", "mpeg"})
_VIEW = (
    "scale='min(3840,iw)':'min(2160,ih)':force_original_aspect_ratio=decrease"
    ":force_divisible_by=2:out_range=tv,format=yuv420p"
)
_MEBIBYTE = 1 << 20
_LONGEST_CLAIM = 24 * 3600
"""Seconds of footage that are believed when limits are set: a length is a hostile file's claim."""
_THINNEST_PICTURES, _THINNEST_SOUND = 4000, 600
"""Bytes a second that any camera writes at least (32 kbit/s; AMR at 4.75 kbit/s): a small file that
claims to be long lies."""
_PICTURES_DONE, _SOUND_DONE = 64 * 1024, 6000
"""Bytes of an original that are done with in a second at least, all steps together: eight times
slower than thin HEVC pictures and five times slower than AMR sound took on two cores."""
_BEFORE = 300
"""Seconds that any file is given."""
_SOUND_BYTES = 20_000
"""A second of sound at the 128 kbit/s it is encoded with, and its index."""
_SLOWEST_SOUND = 10
"""Sound ran at 43 times real time on a busy station; slower than this it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which streams go into a rendition, and which of them unchanged."""

    video: VideoStream | None
    audio: AudioStream | None
    copy_video: bool
    copy_audio: bool

    @property
    def streams(self) -> tuple[int, ...]:
        """Stream numbers of the original, video first."""
        return tuple(s.index for s in (self.video, self.audio) if s is not None)


def plan(probed: Probe) -> Plan:
    """What to do with an original of which *probed* is known."""
    video, audio = probed.video, probed.audio
    return Plan(
        video=video,
        audio=audio,
        copy_video=video is not None
        and video.codec == "h264"
        and video.pixel_format in _PLAYABLE_PIXELS,
        copy_audio=audio is not None and audio.codec == "aac",
    )


LIKELY = Plan(
    video=VideoStream(
        index=0,
        codec="h264",
        width=1280,
        height=720,
        pixel_format="yuv420p",
        tick=Fraction(1, 90_000),
    ),
    audio=AudioStream(index=1, codec="aac", tick=Fraction(1, AAC_RATE)),
    copy_video=True,
    copy_audio=True,
)
"""What most cameras' recordings ask for.  Which streams are copied matters, not their size."""


def output(target: str, chosen: Plan, source: Source) -> Output:
    """The fragmented MP4 *target* by *chosen*; ``notes/player.md`` 2.3 is the recipe."""
    options: dict[str, str | None] = {
        "map_metadata": "-1",
        "map_chapters": "-1",
        "fflags": "+bitexact",
        "use_editlist": "0",
    }
    if chosen.video is None:
        options |= {"movflags": _FRAGMENTS, "frag_duration": _AUDIO_FRAGMENT}
    else:
        options |= {
            "movflags": f"{_FRAGMENTS}+frag_keyframe",
            "frag_duration": _LONGEST_FRAGMENT,
            **(COPIED if chosen.copy_video else _H264),
        }
    if chosen.copy_audio:
        options |= copied_audio(source)
    elif chosen.audio is not None:
        options |= {"c:a": "aac", "b:a": "128k", "ac": "2", "ar": str(AAC_RATE)}
    return Output(target=target, muxer="mp4", streams=chosen.streams, options=options)


COPIED: Mapping[str, str | None] = {"c:v": "copy", "copyinkf": None}
"""All pictures, also those before the first key frame: loop recording starts anywhere."""
_H264: Mapping[str, str | None] = {
    "c:v": "libx264",
    "preset": "veryfast",
    "crf": "23",
    "vf": _VIEW,
    "force_key_frames": "expr:gte(t,n_forced*2)",
    # Every decoded picture once, at its own time: no picture invented, none dropped.
    "fps_mode": "passthrough",
    "enc_time_base": "1:90000",
    "video_track_timescale": "90000",
}


def copied_audio(source: Source) -> Mapping[str, str | None]:
    """Options that take AAC over unchanged; its ADTS headers, if any, become the MP4's one."""
    unwrap = {"bsf:a": "aac_adtstoasc"} if source.demuxer in _ADTS_DEMUXERS else {}
    return {"c:a": "copy", **unwrap}


def limits(chosen: Plan, size: int, seconds: float) -> Limits:
    """What encoding by *chosen* may cost for an original of *size* bytes and claimed *seconds*.

    Copying runs at hundreds of MB/s and never grows a file much; encoding ran at 4 times real time
    on two cores, and is given 20 times longer than the footage on a busy station.
    """
    thinnest = _THINNEST_PICTURES if chosen.video is not None else _THINNEST_SOUND
    believed = int(min(seconds, _LONGEST_CLAIM, size / thinnest))
    patience = 120 + size // (4 * _MEBIBYTE)
    if chosen.audio is not None and not chosen.copy_audio:
        patience += believed // _SLOWEST_SOUND
    if chosen.copy_video or chosen.video is None:
        sound = believed * _SOUND_BYTES if chosen.audio is not None else 0
        return Limits(seconds=patience, written=size * 2 + 64 * _MEBIBYTE + sound)
    return Limits(
        seconds=patience + 20 * believed,
        written=size * 4 + 256 * _MEBIBYTE + believed * _MEBIBYTE,
    )


def seconds_in_all(size: int, clip_class: ClipClass) -> int:
    """The longest that an original of *size* bytes may keep a lane busy, all steps together."""
    return _BEFORE + size // (_SOUND_DONE if clip_class is ClipClass.AUDIO else _PICTURES_DONE)
