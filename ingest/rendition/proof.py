"""Proving that a rendition shows the pictures of its original, since exit codes prove nothing.

The original is read through ffmpeg, our copy by our own parser, so that one fault cannot hide
in both.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from evidence.digest import BLOCK, Sha256
from evidence.errors import RenditionFailed
from ingest.rendition.boxes import Movie, Track
from ingest.rendition.ffmpeg import Output, Source, command
from ingest.rendition.frames import FrameTable
from ingest.rendition.picture import (
    ByteStream,
    Coding,
    PictureDigests,
    PictureHash,
    hash_copy,
    microseconds,
)
from ingest.rendition.probe import Packets, VideoStream
from ingest.rendition.run import Limits, run
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import COPIED, Plan, copied_audio

_AUDIO_HASH = "audio.hash"
_STREAMHASH = re.compile(r"\d+,a,SHA256=([0-9a-f]{64})\n")
_MOST_HASH = 1024
"""Bytes of its one line."""
_TOLERATED_LOSS = Fraction(1, 10)
"""Part of the pictures that may be undecodable before an encoded rendition is refused."""
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedDigests:
    """Digests of coded data, before any decoder."""

    picture: PictureDigests | None
    """None for codings whose units we cannot tell apart."""
    audio: Sha256 | None
    """Over the bytes of all audio packets in order; None where audio is not copied."""


async def original_digests(
    tools: Tools, source: Source, chosen: Plan, folder: Path, limits: Limits
) -> CodedDigests:
    """The digests of *source*'s coded pictures, and of its audio if *chosen* copies that.

    One pass: pictures come through a pipe as an Annex B stream, the audio's hash through a file.
    """
    outputs: list[Output] = []
    hashing: _PictureSink | None = None
    if chosen.video is not None and chosen.video.codec in set(Coding):
        hashing = _PictureSink(Coding(chosen.video.codec))
        outputs.append(_pictures(chosen.video.index, chosen.video.codec))
    if chosen.audio is not None and chosen.copy_audio:
        copied = {**copied_audio(source), "hash": "sha256"}
        outputs.append(
            Output(
                target=_AUDIO_HASH,
                muxer="streamhash",
                streams=(chosen.audio.index,),
                options=copied,
            )
        )
    (folder / _AUDIO_HASH).unlink(missing_ok=True)  # what an earlier child left is no answer
    if outputs:
        argv = command(tools, source, *outputs)
        sink = hashing.sink if hashing is not None else _ignore
        await run(tools.job(argv, folder, limits, (source.path,)), sink)
    return CodedDigests(
        picture=None if hashing is None else hashing.digests(),
        audio=_read_audio_hash(folder / _AUDIO_HASH) if chosen.copy_audio else None,
    )


def copy_digests(media: Path, movie: Movie) -> CodedDigests:
    """The same digests of our own MP4, read by our own parser."""
    video, audio = movie.track(b"vide"), movie.track(b"soun")
    with media.open("rb") as stream:
        pictures = None
        if video is not None and video.picture is not None:
            pictures = hash_copy(stream, movie, movie.samples(video))
        if audio is None:
            return CodedDigests(picture=pictures, audio=None)
        state = hashlib.sha256()
        for sample in movie.samples(audio):
            stream.seek(sample.offset)
            state.update(stream.read(sample.size))
    return CodedDigests(picture=pictures, audio=Sha256(state.digest()))


def check_same(original: CodedDigests, copy: CodedDigests, chosen: Plan) -> None:
    """RenditionFailed unless what was to be copied was copied, bit for bit."""
    if chosen.copy_video and (original.picture is None or original.picture != copy.picture):
        raise RenditionFailed(
            f"the copy's coded pictures are not the original's: {copy.picture} "
            f"where the original has {original.picture}"
        )
    if chosen.copy_audio and original.audio != copy.audio:
        raise RenditionFailed(
            f"the copy's audio has SHA-256 {copy.audio}, the original's {original.audio}"
        )


def check_frames(
    original: Packets, table: FrameTable, chosen: Plan, *, known_damaged: bool
) -> tuple[str, ...]:
    """Notes on pictures that are not there; RenditionFailed where that is not to be excused.

    A copy holds every packet, also those an edit list hides.  An encoder sees only what a decoder
    could show it, and a little damage must not cost the rest; of an original *known_damaged*
    whatever can be shown is shown.
    """
    made = len(table.pts)
    if made == 0:
        raise RenditionFailed("not one picture of it can be shown")
    if chosen.copy_video:
        if made != original.count:
            raise RenditionFailed(f"the copy has {made} pictures, the original {original.count}")
        hidden = f"hidden: an edit list hides {original.hidden} pictures; they are shown here"
        headless = f"headless: the first {original.headless} pictures lack their key frame"
        return (
            *((hidden,) if original.hidden else ()),
            *((headless,) if original.headless else ()),
        )
    expected = original.count - original.hidden
    least = (expected - original.headless) * (1 - _TOLERATED_LOSS)
    if made > expected or (made < least and not known_damaged):
        raise RenditionFailed(f"{made} pictures were decoded where {expected} were coded")
    lost = f"lost: {expected - made} of {expected} pictures could not be decoded"
    hidden = f"hidden: an edit list hides {original.hidden} pictures; they are not shown here"
    return (*((lost,) if made < expected else ()), *((hidden,) if original.hidden else ()))


def check_times(
    original: Packets, stream: VideoStream, movie: Movie, track: Track, *, copied: bool
) -> tuple[str, ...]:
    """A note if a picture is shown off the original's time, by more than rounding explains.

    Both are counted from their first picture.  Of a copy each coded picture is held against
    itself; an encoder decodes them in another order, so the times alone are compared.  Nothing is
    said where they are not as many.
    """
    pts = [sample.pts for sample in movie.samples(track)]
    if len(pts) != len(original.pts):
        return ()
    theirs = microseconds(original.pts, stream.tick)
    ours = microseconds(pts, Fraction(1, track.timescale))
    if not copied:
        theirs, ours = sorted(theirs), sorted(ours)
    worst = max((abs(a - b) for a, b in zip(theirs, ours, strict=True)), default=0)
    if worst <= tolerance(stream.tick, track):
        return ()
    return (f"times: pictures are shown up to {worst} microseconds off the original's times",)


def tolerance(original_tick: Fraction, track: Track) -> int:
    """Microseconds by which converting times between the two time scales may round."""
    return int(max(original_tick, Fraction(1, track.timescale)) * _MICROSECONDS) + 1


class _PictureSink:
    """Takes an Annex B stream from a pipe and hashes it off the event loop.

    A pipe gives some 64 kB at a time, and going to a thread costs more than hashing those.
    """

    def __init__(self, coding: Coding) -> None:
        self._hash = PictureHash(coding)
        self._stream = ByteStream()
        self._waiting = bytearray()

    async def sink(self, piece: bytes) -> None:
        self._waiting += piece
        if len(self._waiting) >= BLOCK:
            full, self._waiting = self._waiting, bytearray()
            await asyncio.to_thread(self._feed, full)

    def _feed(self, pieces: bytearray) -> None:
        for unit in self._stream.feed(pieces):
            self._hash.add(unit)

    def digests(self) -> PictureDigests:
        self._feed(self._waiting)
        self._hash.add(self._stream.rest())
        return self._hash.digests()


def _pictures(index: int, codec: str) -> Output:
    return Output(target="pipe:1", muxer=codec, streams=(index,), options=COPIED)


async def _ignore(piece: bytes) -> None:
    del piece


def _read_audio_hash(path: Path) -> Sha256 | None:
    """What a child wrote there, which was looked at: a file, but of any length."""
    if not path.exists():
        return None
    with path.open("rb") as stream:
        said = _STREAMHASH.fullmatch(stream.read(_MOST_HASH).decode("ascii", "replace"))
    path.unlink()
    return None if said is None else Sha256.from_hex(said[1])
