"""Comparing the coded data of a rendition with its original's: pictures, sound, and their times."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ingest.rendition.boxes import Track
from ingest.rendition.comparison import AS_THERE, PICTURES, SOUND, SYNC, TIMES, Comparison, Told
from ingest.rendition.durations import each_lasts_its_time, none_lasts_too_long
from ingest.rendition.heard import anew_off, copied_off, same_packets
from ingest.rendition.media import Media
from ingest.rendition.picture import PictureDigests, pts_digest, relative_microseconds
from ingest.rendition.probe import AudioStream, Packets, VideoStream
from ingest.rendition.proof import CodedDigests, check_times
from ingest.rendition.rendition import RenditionKind
from ingest.rendition.sync import UNNOTICED, distance, sound_offset
from ingest.rendition.transcode import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """All that was read of an original and of the rendition that moves or sounds."""

    told: Told
    chosen: Plan
    """What our recipe copies of such an original, and what it encodes anew."""
    original: CodedDigests
    video: Packets
    audio: Packets
    """Of the original."""
    media: Media
    copy: CodedDigests
    """Of the rendition's media."""

    def compared(self, found: Comparison) -> None:
        """Put into *found* what is equal, what was encoded anew and what differs."""
        _pictures(self, found)
        if self.chosen.video is not None:
            found.frames = self.video.count
            _times(self, self.chosen.video, found)
        _sound(self, found)
        _sync(self, found)


def _pictures(coded: Coded, found: Comparison) -> None:
    original = coded.original.picture
    if original is not None:
        found.digests |= {"picture": original.picture, "parameters": original.parameters}
        found.signatures = original.signatures
        found.as_told(coded.told, "picture", original.picture)
        found.as_told(coded.told, "parameters", original.parameters)
    found.signed_as("camera_signatures_told", coded.told.original.camera_signatures)
    shown = coded.media.movie.track(b"vide") is not None
    if shown != (coded.chosen.video is not None):
        found.differ(PICTURES, coded.chosen.video is not None, shown)
    elif coded.told.kind == RenditionKind.COPY:
        found.proven(PICTURES, original, coded.copy.picture)
        _messages(original, coded.copy.picture, found)
    elif shown:
        found.anew.append(PICTURES)


def _messages(
    original: PictureDigests | None, copy: PictureDigests | None, found: Comparison
) -> None:
    """What is coded beside the pictures: a player shows captions that stand there."""
    if original is not None and copy is not None and original.messages != copy.messages:
        found.differ("messages", original.messages, copy.messages)


def _times(coded: Coded, video: VideoStream, found: Comparison) -> None:
    """A copy shows every coded picture at its own time; an encoder shows those it could decode."""
    original, media, copied = coded.video, coded.media, coded.chosen.copy_video
    if original.pts:
        times = pts_digest(relative_microseconds(original.pts, video.tick))
        found.digests["times"] = times
        found.as_told(coded.told, "pts", times, "times")
    off = list(check_times(original, video, media.movie, media.track, copied=copied))
    if len(media.table.pts) != len(original.pts):
        off.append(f"{len(media.table.pts)} times instead of {len(original.pts)}")
    if not each_lasts_its_time(media.movie, media.track) and not coded.told.discloses("durations"):
        found.differ(TIMES, "each picture lasts until the next one shown", "it does not")
    elif not off and none_lasts_too_long(media.movie, media.track):
        found.same.append(TIMES)
    elif not off or not copied or original.untimed or coded.told.discloses("times"):
        found.anew.append(TIMES)
    else:
        found.differ(TIMES, AS_THERE, "; ".join(off))
    if copied:
        found.equal("frames", original.count, len(media.table.pts))
        _keys(media, original, found)


def _keys(media: Media, original: Packets, found: Comparison) -> None:
    """A player seeks to key frames: another mark, and it shows what a decoder makes of the rest."""
    samples = media.movie.samples(media.track)
    keys = [place for place, sample in enumerate(samples) if sample.key]
    if keys != list(original.keys):
        found.differ("keys", f"{len(original.keys)} key frames", f"{len(keys)}, or others")


def _sound(coded: Coded, found: Comparison) -> None:
    stream, track = coded.chosen.audio, coded.media.movie.track(b"soun")
    if stream is None or track is None:
        if (stream is None) != (track is None):
            found.differ(SOUND, stream is not None, track is not None)
    elif coded.chosen.copy_audio:
        _copied_sound(coded, stream, track, found)
    else:
        found.anew.append(SOUND)
        _heard(coded, anew_off(coded.audio, stream, coded.media.movie, track).moved, found)


def _copied_sound(coded: Coded, stream: AudioStream, track: Track, found: Comparison) -> None:
    """Sound is the same if its bytes are, cut into the same packets, each heard at its time."""
    original, movie = coded.audio, coded.media.movie
    if coded.original.audio is not None:
        found.digests["sound"] = coded.original.audio
    off = copied_off(original, stream, movie, track)
    if not same_packets(original, movie, track):
        found.differ(SOUND, AS_THERE, "cut into other packets")
    elif off or original.untimed:
        found.anew.append(SOUND)
    else:
        found.proven(SOUND, coded.original.audio, coded.copy.audio)
    _heard(coded, off, found)


def _heard(coded: Coded, off: int, found: Comparison) -> None:
    if off and not coded.audio.untimed and not coded.told.discloses("times"):
        found.differ("sound_times", AS_THERE, f"up to {off} microseconds off")


def _sync(coded: Coded, found: Comparison) -> None:
    wanted = sound_offset(coded.chosen, coded.video, coded.audio)
    made = distance(coded.media.movie)
    if wanted is None or made is None:
        return
    if abs(made - wanted) > UNNOTICED + Fraction(1, coded.media.track.timescale):
        found.differ(SYNC, _milliseconds(wanted), _milliseconds(made))
    else:
        (found.same if _throughout(coded) else found.anew).append(SYNC)


def _throughout(coded: Coded) -> bool:
    """Whether sound lies where the original's does to its end, not at its beginning only."""
    stream, track = coded.chosen.audio, coded.media.movie.track(b"soun")
    if stream is None or track is None:
        return False
    if coded.chosen.copy_audio:
        return not copied_off(coded.audio, stream, coded.media.movie, track)
    return not any(anew_off(coded.audio, stream, coded.media.movie, track))


def _milliseconds(seconds: Fraction) -> str:
    return f"{round(seconds * 1000)} ms"
