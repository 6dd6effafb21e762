"""Comparing a rendition with its original, for somebody who made neither.

Nothing the maker said is believed: all digests are computed anew, from the original through ffmpeg
and from the rendition by our own parser, and the files that describe the media are made again.
What was encoded anew cannot be equal: it is named, and no more is claimed for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path

from evidence.clip import ClipClass
from evidence.digest import Sha256
from evidence.errors import RenditionFailed
from ingest.classify import Kind
from ingest.rendition import transcode
from ingest.rendition.coded import Coded
from ingest.rendition.comparison import INDEX, NOTHING, PICTURES, Comparison, Told
from ingest.rendition.ffmpeg import Source
from ingest.rendition.header import Original, header
from ingest.rendition.media import MEDIA, Media, read_back
from ingest.rendition.probe import NO_PACKETS, AudioStream, Packets, VideoStream, packets, probe
from ingest.rendition.proof import CodedDigests, copy_digests, original_digests
from ingest.rendition.rendition import RenditionKind
from ingest.rendition.run import Limits
from ingest.rendition.still import PICTURE
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import Plan, plan


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
        found.differ("kind", NOTHING, pair.told.kind)
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
        found.differ(PICTURES, PICTURE, ", ".join(held) or NOTHING)
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
    size, seconds = both.source.path.stat().st_size, float(probed.seconds or 0)
    limits = transcode.limits(chosen, size, seconds)
    original = await _original(both, chosen, limits)
    await _header(both, chosen, limits, found)
    coded = Coded(
        told=both.told,
        chosen=chosen,
        original=original,
        video=await both.packets(chosen.video),
        audio=await both.packets(chosen.audio),
        media=both.media,
        copy=await asyncio.to_thread(copy_digests, both.media.path, both.media.movie),
    )
    await asyncio.to_thread(coded.compared, found)


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


async def _header(both: _Both, chosen: Plan, limits: Limits, found: Comparison) -> None:
    """What a decoder and a screen are told beside the coded data."""
    original = Original(
        source=both.source, chosen=chosen, tools=both.tools, folder=both.scratch, limits=limits
    )
    wanted = await original.header()
    said = await asyncio.to_thread(header, both.media.path, chosen)
    other = next((pair for pair in zip_longest(wanted, said) if pair[0] != pair[1]), None)
    if other is not None:
        found.differ("header", *other)


async def _original(both: _Both, chosen: Plan, limits: Limits) -> CodedDigests:
    """The original's digests; without pictures where its units cannot be told apart."""
    try:
        return await original_digests(both.tools, both.source, chosen, both.scratch, limits)
    except RenditionFailed:
        if chosen.copy_video or chosen.video is None:
            raise
    sound = replace(chosen, video=None)
    return await original_digests(both.tools, both.source, sound, both.scratch, limits)


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
        found.equal(name, wanted, Sha256.of_file(folder / name) if there else NOTHING)
    if not other:
        found.same.append(INDEX)
