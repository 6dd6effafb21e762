"""The rendition of a recording: one fragmented MP4 that plays, seeks and can be verified."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction

from evidence.errors import RenditionFailed
from ingest.rendition import stills, transcode
from ingest.rendition.boxes import Track
from ingest.rendition.durations import show_each_its_time
from ingest.rendition.ffmpeg import Source
from ingest.rendition.heard import check_heard
from ingest.rendition.media import MEDIA, Media, read_back
from ingest.rendition.picture import pts_digest, relative_microseconds
from ingest.rendition.probe import (
    NO_PACKETS,
    AudioStream,
    Packets,
    Probe,
    VideoStream,
    packets,
)
from ingest.rendition.proof import (
    CodedDigests,
    check_frames,
    check_same,
    check_times,
    copy_digests,
    original_digests,
)
from ingest.rendition.rendition import Rendition, RenditionKind
from ingest.rendition.run import Limits
from ingest.rendition.summary import Summary, finish
from ingest.rendition.sync import UNNOTICED, keep_distance, sound_offset
from ingest.rendition.transcode import Plan, plan
from ingest.rendition.whole import is_truncated
from ingest.rendition.workbench import Workbench

THUMBNAIL, TILES, TILE_LIST = "thumbnail.jpg", "tiles.jpg", "tiles.json"
_HASHED, _ENCODED = 0.1, 0.9
"""Parts of the whole work that are done after these steps."""
_STILLS = Limits(seconds=900, written=64 << 20)
_MILLISECONDS = 1000
_LATE_MS = int(UNNOTICED * _MILLISECONDS)


async def make_moving(bench: Workbench, probed: Probe) -> Rendition:
    """Make, prove and describe the rendition of the recording on *bench*."""
    chosen = plan(probed)
    if not chosen.streams:
        raise RenditionFailed("it holds neither pictures nor sound")
    chosen, digests, notes = await _hash_original(bench, probed, chosen)
    video = await _packets(bench, chosen.video)
    audio = await _packets(bench, chosen.audio)
    bench.tell(_HASHED)
    notes += await _encode(bench, probed, chosen, sound_offset(chosen, video, audio))
    made = await asyncio.to_thread(read_back, await bench.finish(MEDIA))
    sheet = None if chosen.video is None else _sheet(made, chosen.video)
    async with _beside(_draw(bench, made, sheet)):
        check_same(digests, await asyncio.to_thread(copy_digests, made.path, made.movie), chosen)
        notes += await asyncio.to_thread(_notes, bench, chosen)
        notes += await asyncio.to_thread(check_heard, audio, chosen, made.movie)
        summary = _seen(chosen, made=made, digests=digests, original=video, notes=notes)
        described = await asyncio.to_thread(made.descriptions)
    for name, data in described.items():
        bench.write(name, data)
    await _finish_stills(bench, sheet)
    return finish(bench, probed, summary)


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do *work* while the block runs, and see it ended afterwards, however the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _packets(bench: Workbench, stream: VideoStream | AudioStream | None) -> Packets:
    if stream is None:
        return NO_PACKETS
    return await packets(bench.tools, bench.source, stream.index, bench.tray)


async def _encode(
    bench: Workbench, probed: Probe, chosen: Plan, offset: Fraction | None
) -> tuple[str, ...]:
    """Leave the MP4 as ``media.mp4.part``, its sound *offset* seconds after its pictures; notes."""
    await bench.encode(
        bench.source,
        (transcode.output(f"{MEDIA}.part", chosen, bench.source),),
        _limits(bench, probed, chosen),
        seconds=probed.seconds,
        span=(_HASHED, _ENCODED),
    )
    if offset is not None:
        await asyncio.to_thread(keep_distance, bench.folder / f"{MEDIA}.part", offset)
    if await asyncio.to_thread(show_each_its_time, bench.folder / f"{MEDIA}.part"):
        return ()
    return ("durations: of uneven pictures a player may show a neighbour, and then names that one",)


async def _hash_original(
    bench: Workbench, probed: Probe, chosen: Plan
) -> tuple[Plan, CodedDigests, tuple[str, ...]]:
    """The original's digests, and what to do with it.

    Pictures whose coded units cannot be told apart (a bad sector of the card) are never copied: a
    browser stops at the first one for good, a decoder conceals it and goes on.
    """
    limits = _limits(bench, probed, chosen)

    async def digests(of: Plan) -> CodedDigests:
        return await original_digests(bench.tools, bench.source, of, bench.tray, limits)

    try:
        return chosen, await digests(chosen), ()
    except RenditionFailed:
        if chosen.video is None:
            raise
    note = "damaged: its coded pictures cannot all be told apart, so they have no digest"
    sound = await digests(replace(chosen, video=None))
    return replace(chosen, copy_video=False), sound, (note,)


def _limits(bench: Workbench, probed: Probe, chosen: Plan) -> Limits:
    size = bench.source.path.stat().st_size
    return transcode.limits(chosen, size, float(probed.seconds or 0))


def _notes(bench: Workbench, chosen: Plan) -> tuple[str, ...]:
    notes = []
    with bench.source.path.open("rb") as stream:
        if is_truncated(stream, bench.source.demuxer):
            notes.append("truncated: the original ends before its container says; the rest plays")
    if chosen.video is not None and not chosen.copy_video:
        notes.append(f"pictures: encoded anew as H.264 for viewing, from {chosen.video.codec}")
    if chosen.copy_video and bench.source.demuxer == "avi":
        notes.append("times: AVI carries no presentation times; they are derived from its order")
    if chosen.audio is not None and not chosen.copy_audio:
        notes.append(f"audio: encoded anew as AAC, from {chosen.audio.codec}")
    if chosen.video is not None and chosen.audio is not None:
        notes.append(f"priming: sound may be late by the encoder's delay, at most {_LATE_MS} ms")
    return tuple(notes)


def _sound(chosen: Plan, made: Media, digests: CodedDigests, notes: tuple[str, ...]) -> Summary:
    if not made.table.pts:
        raise RenditionFailed("not one second of its sound can be played")
    return Summary(
        kind=RenditionKind.AUDIO,
        codec=chosen.audio.codec if chosen.audio is not None else "none",
        width=0,
        height=0,
        frames=0,
        segments=len(made.parts),
        duration_ms=made.duration_ms,
        audio=digests.audio,
        notes=notes,
    )


def _pictures(
    chosen: Plan,
    *,
    video: VideoStream,
    made: Media,
    digests: CodedDigests,
    original: Packets,
    notes: tuple[str, ...],
) -> Summary:
    times = relative_microseconds(original.pts, video.tick)
    off = check_times(original, video, made.movie, made.track, copied=chosen.copy_video)
    width, height = _seen_size(made.track, video)
    coded = digests.picture
    return Summary(
        kind=RenditionKind.COPY if chosen.copy_video else RenditionKind.TRANSCODED,
        codec=video.codec,
        width=width,
        height=height,
        frames=len(made.table.pts),
        original_frames=original.count,
        segments=len(made.parts),
        duration_ms=made.duration_ms,
        picture=None if coded is None else coded.picture,
        parameters=None if coded is None else coded.parameters,
        pts=pts_digest(times) if original.pts else None,
        audio=digests.audio,
        notes=(*notes, *off),
    )


def _seen_size(track: Track, video: VideoStream) -> tuple[int, int]:
    """Width and height after the turn a player makes."""
    picture = track.picture
    width, height = (picture.width, picture.height) if picture else (video.width, video.height)
    return (height, width) if track.rotation in {90, 270} else (width, height)


def _seen(
    chosen: Plan, *, made: Media, digests: CodedDigests, original: Packets, notes: tuple[str, ...]
) -> Summary:
    """What was made, once all that must be there is there."""
    if chosen.video is None:
        return _sound(chosen, made, digests, notes)
    damaged = any(note.startswith(("damaged:", "truncated:")) for note in notes)
    notes += check_frames(original, made.table, chosen, known_damaged=damaged)
    return _pictures(
        chosen, video=chosen.video, made=made, digests=digests, original=original, notes=notes
    )


def _sheet(made: Media, video: VideoStream) -> stills.TileSheet:
    width, height = _seen_size(made.track, video)
    return stills.tile_sheet(made.table, width, height)


async def _draw(bench: Workbench, made: Media, sheet: stills.TileSheet | None) -> None:
    """Thumbnail and tile sheet, in one pass over the key frames; nothing of a mere sound."""
    if sheet is None:
        return
    media = stills.key_frames(Source(path=made.path, demuxer="mov"))
    thumbnail = stills.thumbnail_output(f"{THUMBNAIL}.part", stills.thumbnail_place(made.table))
    tiles = stills.tiles_output(f"{TILES}.part", sheet)
    await bench.encode(media, (thumbnail, tiles), _STILLS)


async def _finish_stills(bench: Workbench, sheet: stills.TileSheet | None) -> None:
    if sheet is None:
        return
    await bench.finish(THUMBNAIL)
    await bench.finish(TILES)
    bench.write_document(TILE_LIST, sheet.document())
