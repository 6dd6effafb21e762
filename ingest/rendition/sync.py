"""Keeping sound and pictures as far apart as they are in the original.

Without an edit list, ffmpeg starts every track of a fragmented MP4 at zero: sound that began half
a second after the pictures would play half a second early.  So we move the later track's decode
times (``tfdt``, ISO/IEC 14496-12, 8.8.12) ourselves, before anything is hashed.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from evidence.errors import RenditionFailed
from ingest.rendition.boxes import Movie, Track, read_movie
from ingest.rendition.probe import Packets
from ingest.rendition.transcode import AAC_RATE, Plan

_AAC_FRAME = 1024
"""Samples an AAC encoder puts before the first one it was given."""
UNNOTICED = Fraction(45, 1000)
"""Seconds by which sound may stay late, so that the pictures of nearly every clip start at zero.
People notice from 125 ms on (ITU-R BT.1359-1)."""


def sound_offset(chosen: Plan, video: Packets, audio: Packets) -> Fraction | None:
    """Seconds from the first picture to the first audio packet a rendition by *chosen* carries.

    Negative if sound is first; None if the original gives no times to tell it by.
    """
    if chosen.video is None or chosen.audio is None:
        return None
    seen = min(video.pts, default=None) if chosen.copy_video else video.first_shown
    heard = min(audio.pts, default=None) if chosen.copy_audio else audio.first_shown
    if seen is None or heard is None:
        return None
    delay = Fraction(0) if chosen.copy_audio else Fraction(_AAC_FRAME, AAC_RATE)
    return heard * chosen.audio.tick - delay - seen * chosen.video.tick


def keep_distance(media: Path, offset: Fraction) -> None:
    """Move one track of *media* so that its sound begins *offset* seconds after its pictures."""
    with media.open("rb") as stream:
        movie = read_movie(stream)
    pictures, sound = movie.track(b"vide"), movie.track(b"soun")
    apart = distance(movie)
    if pictures is None or sound is None or apart is None:
        return
    late = offset - apart
    if late > 0:
        _move(media, movie, sound, late)
    elif -late > UNNOTICED:
        _move(media, movie, pictures, -late)


def distance(movie: Movie) -> Fraction | None:
    """Seconds from the first picture of *movie* to its first sound; None if it lacks either."""
    pictures, sound = movie.track(b"vide"), movie.track(b"soun")
    if pictures is None or sound is None:
        return None
    return _start(movie, sound) - _start(movie, pictures)


def _start(movie: Movie, track: Track) -> Fraction:
    first = min((sample.pts for sample in movie.samples(track)), default=0)
    return Fraction(first, track.timescale)


def _move(media: Path, movie: Movie, track: Track, seconds: Fraction) -> None:
    """Add *seconds* to every decode time of *track*, where it stands in the file."""
    ticks = round(seconds * track.timescale)
    with media.open("rb+") as stream:
        for fragment in movie.fragments:
            time = fragment.times.get(track.number)
            if time is None:
                continue
            moved = time.value + ticks
            if moved >> (8 * time.width):
                raise RenditionFailed(f"tick {moved} does not fit the fragment at {time.place}")
            stream.seek(time.place)
            stream.write(moved.to_bytes(time.width, "big"))
