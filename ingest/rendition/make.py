"""Making a rendition: the one entry point, and the order of its steps.

1. probe what the original claims;  2. encode, copying wherever possible (begun beside 1, as most
can be copied), and hash the original meanwhile;  3. read back what was made and prove it against
the original;  4. write playlist, frame table, segment digests;  5. take still pictures;  6. say in
``rendition.json`` what was done.

The original is archived before and whatever happens here: every failure is RenditionFailed.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from evidence.clip import ClipClass
from evidence.errors import DiskFull, RenditionFailed
from ingest.classify import Kind
from ingest.rendition import tray
from ingest.rendition.encoding import Encoding
from ingest.rendition.ffmpeg import Source
from ingest.rendition.moving import make_moving
from ingest.rendition.probe import probe
from ingest.rendition.rendition import Rendition
from ingest.rendition.still import make_still
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import LIKELY, seconds_in_all
from ingest.rendition.whole import lacks_index
from ingest.rendition.workbench import Workbench

_ROOM = 16 << 20
"""Bytes free on the scratch disk below which a failure is put down to the disk."""


async def make(
    original: Path,
    into: Path,
    kind: Kind,
    *,
    tools: Tools,
    progress: Callable[[float], None] | None = None,
    within: int | None = None,
) -> Rendition:
    """Make the rendition of *original*, which is of *kind*, in the scratch folder *into*.

    *into* is emptied first, so a half-made rendition is simply made again; nothing is written
    elsewhere.  *progress* hears the part done, from 0 to 1.  Cancelling ends every child.
    *within* is the seconds it may take in all; by default the size decides (``transcode.py``).
    Raises RenditionFailed if *kind* has no demuxer, if it takes longer, or if what was made is not
    what it must be;
    DiskFull, which says nothing about the original, if there was no room to make it.
    """
    if kind.demuxer is None:
        raise RenditionFailed(f"there is nothing to play: {kind.reason}")
    await asyncio.to_thread(_empty, into, original)
    source = Source(path=original, demuxer=kind.demuxer)
    bench = Workbench(source=source, folder=into, tools=tools, progress=progress)
    try:
        most = within or seconds_in_all(original.stat().st_size, kind.clip_class)
        return await _in_time(bench, kind.clip_class, most)
    except RenditionFailed as error:
        # A tool may end well on a full disk, its output cut: only the disk itself tells.
        if shutil.disk_usage(into).free < _ROOM:
            await asyncio.to_thread(_empty, into, original)
            raise DiskFull(f"no room left to make a rendition in {into}") from error
        raise RenditionFailed(bench.impersonal(str(error)), advice=error.advice) from None
    finally:
        await asyncio.to_thread(tray.remove, bench.trays)


async def _in_time(bench: Workbench, clip_class: ClipClass, most: int) -> Rendition:
    """However many steps there are, and whatever each may take: no file keeps a lane for ever."""
    try:
        async with asyncio.timeout(most):
            return await _make(bench, clip_class)
    except TimeoutError:
        raise RenditionFailed(f"it took longer than {most} s in all") from None


async def _make(bench: Workbench, clip_class: ClipClass) -> Rendition:
    source = bench.source
    if source.demuxer == "mov" and await asyncio.to_thread(lacks_index, source.path):
        raise RenditionFailed("its index (moov) is missing: the camera stopped before writing it")
    async with Encoding(bench) as encoding:
        if clip_class is ClipClass.VIDEO and source.demuxer == "mov":
            await encoding.begin(LIKELY)
        probed = await probe(bench.tools, source, await bench.lay_tray())
        if clip_class is ClipClass.IMAGE:
            return await make_still(bench, probed)
        return await make_moving(bench, probed, encoding)


def _empty(into: Path, original: Path) -> None:
    """Make *into* an empty folder of its own."""
    if original.resolve().is_relative_to(into.resolve()):
        raise ValueError(f"{into} is to be emptied, but holds the original {original}")
    tray.clear(into)
