"""Comparing a rendition with its original, for somebody who made neither.

Nothing the maker said is believed: all digests are computed anew, from the original through ffmpeg
and from the rendition by our own parser, and the files that describe the media are made again.
What was encoded anew cannot be equal: it is named, and no more is claimed for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import msgspec

from evidence.clip import ClipClass
from evidence.digest import Sha256
from evidence.errors import RenditionFailed
from ingest.classify import Kind
from ingest.rendition import transcode
from ingest.rendition.ffmpeg import Source
from ingest.rendition.media import MEDIA, Media, read_back
from ingest.rendition.picture import pts_digest, relative_microseconds
from ingest.rendition.probe import NO_PACKETS, AudioStream, Packets, VideoStream, packets, probe
from ingest.rendition.proof import (
    CodedDigests,
    check_times,
    copy_digests,
    original_digests,
    tolerance,
)
from ingest.rendition.rendition import RenditionKind
from ingest.rendition.still import PICTURE
from ingest.rendition.sync import UNNOTICED, distance, sound_offset
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import Plan, plan

PICTURES, TIMES, SOUND, SYNC, INDEX = "pictures", "times", "sound", "sync", "index"
"""What is compared: coded pictures with their parameter sets, when each is shown, coded sound, how
far sound and pictures are apart, and the files that describe the media."""
_NOTHING = "none"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What ``rendition.json`` says that is compared."""

    kind: str
    digests: dict[str, str | None] = {}
    notes: list[str] = []

    @classmethod
    def parse(cls, data: bytes) -> Told | None:
        """What *data* says; None if it is no such file."""
        try:
            return msgspec.json.decode(data, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def discloses(self, word: str) -> bool:
        """Whether a note of this *word* says how the rendition is not the original."""
        return any(note.startswith(f"{word}:") for note in self.notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Something that ought to be equal, and is not: digests, numbers or codes."""

    what: str
    original: str
    rendition: str


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What was found."""

    same: list[str] = field(default_factory=list)
    """Proven equal."""
    anew: list[str] = field(default_factory=list)
    """Encoded anew, so that there is nothing to prove."""
    differs: list[Difference] = field(default_factory=list)
    digests: dict[str, Sha256] = field(default_factory=dict)
    """Of the original, computed now."""
    frames: int | None = None
    """Coded pictures of the original."""

    def equal(self, what: str, original: object, rendition: object) -> None:
        """Note whether the two are equal."""
        if original == rendition:
            self.same.append(what)
        else:
            self.differ(what, original, rendition)

    def proven(self, what: str, original: object | None, rendition: object | None) -> None:
        """The same of digests: where one could not be computed, nothing is proven equal."""
        if original is None or rendition is None:
            self.differ(what, original, rendition)
        else:
            self.equal(what, original, rendition)

    def differ(self, what: str, original: object, rendition: object) -> None:
        """Note that the two differ."""
        self.differs.append(Difference(what=what, original=str(original), rendition=str(rendition)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An original and its rendition, both on our disk."""

    original: Path
    kind: Kind
    """What the original is by its own bytes."""
    rendition: Path
    """The folder of the rendition's files."""
    told: Told


async def compare(pair: Pair, scratch: Path, tools: Tools) -> Comparison:
    """What *pair* has in common.  *scratch* is a folder for the tools.

    RenditionFailed if the original cannot be read to the end.
    """
    found = Comparison()
    if pair.kind.demuxer is None:
        found.differ("kind", _NOTHING, pair.told.kind)
        return found
    if RenditionKind.IMAGE in {pair.told.kind, _still(pair.kind)}:
        _image(pair, found)
        return found
    try:
        media = await asyncio.to_thread(read_back, pair.rendition / MEDIA)
    except RenditionFailed as error:
        found.equal(MEDIA, "a fragmented MP4 of ours", str(error))
        return found
    both = _Both(
        source=Source(path=pair.original, demuxer=pair.kind.demuxer),
        media=media,
        told=pair.told,
        scratch=scratch,
        tools=tools,
    )
    await _compare(both, found)
    await asyncio.to_thread(_index, pair.rendition, media, found)
    return found


def _still(kind: Kind) -> RenditionKind | None:
    return RenditionKind.IMAGE if kind.clip_class is ClipClass.IMAGE else None


def _image(pair: Pair, found: Comparison) -> None:
    """A still picture stands for a still original, and for nothing that moves or sounds."""
    if _still(pair.kind) != pair.told.kind:
        found.differ("kind", pair.kind.clip_class.value, pair.told.kind)
    held = [name for name in (PICTURE, MEDIA) if (pair.rendition / name).exists()]
    if held != [PICTURE]:
        found.differ(PICTURES, PICTURE, ", ".join(held) or _NOTHING)
    found.anew.append(PICTURES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Both:
    """An original and a rendition that moves or sounds, opened."""

    source: Source
    media: Media
    told: Told
    scratch: Path
    tools: Tools

    async def packets(self, stream: VideoStream | AudioStream | None) -> Packets:
        if stream is None:
            return NO_PACKETS
        return await packets(self.tools, self.source, stream.index, self.scratch)


async def _compare(both: _Both, found: Comparison) -> None:
    probed = await probe(both.tools, both.source, both.scratch)
    able = plan(probed)
    _kind(both.told, able, found)
    chosen = replace(able, copy_video=able.copy_video and both.told.kind == RenditionKind.COPY)
    original = await _original(both, chosen, float(probed.seconds or 0))
    copy = await asyncio.to_thread(copy_digests, both.media.path, both.media.movie)
    video, audio = await both.packets(chosen.video), await both.packets(chosen.audio)
    _pictures(both, chosen, original, copy, found)
    if chosen.video is not None:
        found.frames = video.count
        _times(both, chosen.video, chosen, video, found)
    _sound(both, chosen, original, copy, found)
    _sync(both, sound_offset(chosen, video, audio), found)


def _kind(told: Told, able: Plan, found: Comparison) -> None:
    """A rendition is of the kind our recipe makes of such an original.

    What could be copied may have been encoded anew: a bad sector asks for that.
    """
    if able.video is None:
        kinds = [RenditionKind.AUDIO]
    else:
        kinds = [RenditionKind.COPY] * able.copy_video + [RenditionKind.TRANSCODED]
    if told.kind not in kinds:
        found.differ("kind", " or ".join(kinds), told.kind)


async def _original(both: _Both, chosen: Plan, seconds: float) -> CodedDigests:
    """The original's digests; without pictures where its units cannot be told apart."""
    limits = transcode.limits(chosen, both.source.path.stat().st_size, seconds)
    try:
        return await original_digests(both.tools, both.source, chosen, both.scratch, limits)
    except RenditionFailed:
        if chosen.copy_video or chosen.video is None:
            raise
    sound = replace(chosen, video=None)
    return await original_digests(both.tools, both.source, sound, both.scratch, limits)


def _pictures(
    both: _Both, chosen: Plan, original: CodedDigests, copy: CodedDigests, found: Comparison
) -> None:
    if original.picture is not None:
        found.digests |= {
            "picture": original.picture.picture,
            "parameters": original.picture.parameters,
        }
        _as_told(both.told, "picture", original.picture.picture, found)
        _as_told(both.told, "parameters", original.picture.parameters, found)
    shown = both.media.movie.track(b"vide") is not None
    if shown != (chosen.video is not None):
        found.equal(PICTURES, chosen.video is not None, shown)
    elif both.told.kind == RenditionKind.COPY:
        found.proven(PICTURES, original.picture, copy.picture)
    elif shown:
        found.anew.append(PICTURES)


def _times(
    both: _Both, video: VideoStream, chosen: Plan, original: Packets, found: Comparison
) -> None:
    """A copy shows every coded picture at its own time; an encoder shows those it could decode."""
    times = relative_microseconds(original.pts, video.tick)
    if original.pts:
        found.digests["times"] = pts_digest(times)
        _as_told(both.told, "pts", found.digests["times"], found, "times")
    media = both.media
    shown = relative_microseconds(media.table.pts, Fraction(1, media.track.timescale))
    off = check_times(times, shown, tolerance(video.tick, media.track))
    if len(times) == len(shown) and not off:
        found.same.append(TIMES)
    elif not chosen.copy_video or original.untimed or both.told.discloses("times"):
        found.anew.append(TIMES)
    else:
        found.equal(TIMES, pts_digest(times), pts_digest(shown))
    if chosen.copy_video:
        found.equal("frames", original.count, len(shown))


def _sound(
    both: _Both, chosen: Plan, original: CodedDigests, copy: CodedDigests, found: Comparison
) -> None:
    heard = both.media.movie.track(b"soun") is not None
    if heard != (chosen.audio is not None):
        found.equal(SOUND, chosen.audio is not None, heard)
    elif chosen.copy_audio:
        if original.audio is not None:
            found.digests["sound"] = original.audio
        found.proven(SOUND, original.audio, copy.audio)
    elif heard:
        found.anew.append(SOUND)


def _sync(both: _Both, wanted: Fraction | None, found: Comparison) -> None:
    made = distance(both.media.movie)
    if wanted is None or made is None:
        return
    if abs(made - wanted) <= UNNOTICED + Fraction(1, both.media.track.timescale):
        found.same.append(SYNC)
    else:
        found.equal(SYNC, _milliseconds(wanted), _milliseconds(made))


def _milliseconds(seconds: Fraction) -> str:
    return f"{round(seconds * 1000)} ms"


def _as_told(
    told: Told, name: str, computed: Sha256, found: Comparison, shown: str | None = None
) -> None:
    """A digest of the original that the maker told must be the one computed now."""
    said = told.digests.get(name)
    if said is not None and said != computed.hex:
        found.equal(f"{shown or name}_told", computed.hex, said)


def _index(folder: Path, media: Media, found: Comparison) -> None:
    made_again: Mapping[str, bytes] = media.descriptions()
    other = [
        name
        for name, data in made_again.items()
        if not (folder / name).is_file() or (folder / name).read_bytes() != data
    ]
    for name in other:
        wanted = Sha256.of(made_again[name])
        there = (folder / name).is_file()
        found.equal(name, wanted, Sha256.of_file(folder / name) if there else _NOTHING)
    if not other:
        found.same.append(INDEX)
