"""The rendition of a still picture: a JPEG any browser shows, and a thumbnail."""

from __future__ import annotations

import asyncio

from evidence.errors import RenditionFailed
from ingest.rendition.ffmpeg import Source
from ingest.rendition.probe import Probe
from ingest.rendition.rendition import Rendition, RenditionKind
from ingest.rendition.run import Limits
from ingest.rendition.stills import picture_output, thumbnail_output
from ingest.rendition.summary import Summary, finish
from ingest.rendition.whole import is_truncated
from ingest.rendition.workbench import Workbench

PICTURE, THUMBNAIL = "picture.jpg", "thumbnail.jpg"
_LIMITS = Limits(seconds=120, written=256 << 20)


async def make_still(bench: Workbench, probed: Probe) -> Rendition:
    """Decode the picture on *bench* once, into both sizes."""
    if probed.video is None:
        raise RenditionFailed("it holds no picture")
    outputs = (picture_output(f"{PICTURE}.part"), thumbnail_output(f"{THUMBNAIL}.part"))
    await bench.encode(bench.source, outputs, _LIMITS)
    await bench.finish(PICTURE)
    await bench.finish(THUMBNAIL)
    cut = await asyncio.to_thread(_is_cut, bench.source)
    return finish(
        bench,
        probed,
        Summary(
            kind=RenditionKind.IMAGE,
            codec=probed.video.codec,
            width=probed.video.width,
            height=probed.video.height,
            frames=1,
            notes=("truncated: the original ends before its picture does",) if cut else (),
        ),
    )


def _is_cut(source: Source) -> bool:
    with source.path.open("rb") as stream:
        return is_truncated(stream, source.demuxer)
