"""The rendition of a recording: one fragmented MP4 that plays, seeks and can be verified."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction

from evidence.durable import PART
from evidence.errors import RenditionFailed
from ingest.rendition import stills
from ingest.rendition.boxes import Track
from ingest.rendition.durations import show_each_its_time
from ingest.rendition.encoding import Encoding, limits_of
from ingest.rendition.ffmpeg import Source
from ingest.rendition.heard import check_heard
from ingest.rendition.media import MEDIA, Media, read_back
from ingest.rendition.picture import pts_digest, relative_microseconds
from ingest.rendition.probe import (
    NO_PACKETS,
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
from ingest.rendition.side_by_side import beside, both
from ingest.rendition.summary import Summary, finish
from ingest.rendition.sync import UNNOTICED, keep_distance, sound_offset
from ingest.rendition.transcode import Plan, plan
from ingest.rendition.whole import is_truncated
from ingest.rendition.workbench import Workbench

THUMBNAIL, TILES, TILE_LIST = "thumbnail.jpg", "tiles.jpg", "tiles.json"
_STILLS = Limits(seconds=900, written=64 << 20)
_MILLISECONDS = 1000
_LATE_MS = int(UNNOTICED * _MILLISECONDS)


async def make_moving(bench: Workbench, probed: Probe, encoding: Encoding) -> Rendition:
    """Make, prove and describe the rendition of the recording on *bench*."""
    bench.seconds = probed.seconds
    planned = plan(probed)
    if not planned.streams:
        raise RenditionFailed("it holds neither pictures nor sound")
    await encoding.begin(planned)
    (chosen, digests, notes), (video, audio) = await both(
        _hash_original(bench, planned), _packets(bench, planned)
    )
    await encoding.begin(chosen)
    await encoding.done()
    notes += await asyncio.to_thread(_mend_times, bench, sound_offset(chosen, video, audio))
    made = await asyncio.to_thread(read_back, await bench.land(MEDIA))
    sheet = None if chosen.video is None else _sheet(made, chosen.video)
    async with beside(_draw(bench, made, sheet)):
        await bench.enter(made.path)
        check_same(digests, await asyncio.to_thread(copy_digests, made.path, made.movie), chosen)
        notes += await asyncio.to_thread(_notes, bench, chosen)
        notes += await asyncio.to_thread(check_heard, audio, chosen, made.movie)
        summary = _seen(chosen, made=made, digests=digests, original=video, notes=notes)
        described = await asyncio.to_thread(made.descriptions)
    for name, data in described.items():
        bench.write(name, data)
    await _finish_stills(bench, sheet)
    return finish(bench, probed, summary)


async def _packets(bench: Workbench, chosen: Plan) -> tuple[Packets, Packets]:
    """Of pictures and of sound."""
    video, audio = [
        NO_PACKETS
        if stream is None
        else await packets(bench.tools, bench.source, stream.index, await bench.lay_tray())
        for stream in (chosen.video, chosen.audio)
    ]
    return video, audio


def _mend_times(bench: Workbench, offset: Fraction | None) -> tuple[str, ...]:
    """Let sound begin *offset* seconds after pictures, each of which gets its own time; notes."""
    made = bench.folder / f"{MEDIA}{PART}"
    if offset is not None:
        keep_distance(made, offset)
    if show_each_its_time(made):
        return ()
    return ("durations: of uneven pictures a player may show a neighbour, and then names that one",)


async def _hash_original(
    bench: Workbench, chosen: Plan
) -> tuple[Plan, CodedDigests, tuple[str, ...]]:
    """The original's digests, and what to do with it.

    Pictures whose coded units cannot be told apart (a bad sector of the card) are never copied: a
    browser stops at the first one for good, a decoder conceals it and goes on.
    """
    limits = limits_of(bench, chosen)

    async def digests(of: Plan) -> CodedDigests:
        return await original_digests(bench.tools, bench.source, of, await bench.lay_tray(), limits)

    try:
        return chosen, await digests(chosen), ()
    except RenditionFailed:
        if chosen.video is None:
            raise
    note = "damaged: its coded pictures cannot all be told apart, so they have no digest"
    sound = await digests(replace(chosen, video=None))
    return replace(chosen, copy_video=False), sound, (note,)


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
        signatures=None if coded is None else coded.signatures,
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
