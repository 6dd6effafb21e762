"""What an MP4 says of its tracks: how pictures are turned, their shape and colours, sound's rate.

A decoder is told this beside the coded data, so no digest of those covers it, and every container
says it in another way.  So the init part is made once more from the original, by our own recipe
stopped after the first picture and the first sound, and compared with the rendition's box by box.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ingest.rendition import transcode
from ingest.rendition.boxes import read_movie
from ingest.rendition.ffmpeg import Output, Source, command
from ingest.rendition.layout import CONTAINERS, children
from ingest.rendition.octets import Octets
from ingest.rendition.run import Limits, run
from ingest.rendition.sample_entry import HEADERS
from ingest.rendition.tools import Tools
from ingest.rendition.transcode import Plan

_PICTURES, _SOUND = "pictures.mp4", "sound.mp4"
_OF_TRACKS = ("/moov/trak", "/moov/mvex/trex")
_HEADS = {**HEADERS, b"stsd": 8}
_HOLD_BOXES = CONTAINERS | {b"stsd"}
_BIT_RATES = b"btrt"
_FREE: Mapping[bytes, tuple[slice, ...]] = {
    b"mvhd": (slice(12, 16), slice(96, 100)),
    b"tkhd": (slice(12, 16),),
    b"trex": (slice(4, 8),),
    b"mp4a": (slice(16, 18),),
    b"esds": (slice(9, 11), slice(19, 30)),
}
"""Bytes that say nothing a player shows, and that one ffmpeg writes otherwise than another: the
movie's time scale (tracks have their own), the numbers of tracks (``boxes.py`` looks at them), the
channels of a sample entry (AAC has its own), buffer size and bit rates (ISO/IEC 14496-1, 7.2.6.6).
"""


class Said(NamedTuple):
    """What one box says."""

    path: str
    data: bytes

    def __str__(self) -> str:
        return f"{self.path} {self.data[:100].hex()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """An original of which a header is to be made, and what that takes."""

    source: Source
    chosen: Plan
    tools: Tools
    folder: Path
    """The tools'."""
    limits: Limits

    async def header(self) -> list[Said]:
        """What our recipe lets an MP4 say of it; RenditionFailed if none can be made.

        Each track is made alone: ffmpeg ends a file with the first track that has its one frame.
        """
        outputs = []
        if self.chosen.video is not None:
            outputs.append(self._first(_PICTURES, "frames:v", replace(self.chosen, audio=None)))
        if self.chosen.audio is not None:
            outputs.append(self._first(_SOUND, "frames:a", replace(self.chosen, video=None)))
        argv = command(self.tools, self.source, *outputs)
        await run(self.tools.job(argv, self.folder, self.limits, (self.source.path,)), _ignore)
        made = [self.folder / output.target for output in outputs]
        headers = [header(each, self.chosen) for each in made]
        for each in made:
            each.unlink()
        return _together(headers)

    def _first(self, name: str, frames: str, alone: Plan) -> Output:
        whole = transcode.output(name, alone, self.source)
        return replace(whole, options={**whole.options, frames: "1"})


def header(media: Path, chosen: Plan) -> list[Said]:
    """What *media*, made by *chosen*, says; RenditionFailed if it is none of ours.

    Of pictures encoded anew the decoder's configuration is the encoder's, and left out.
    """
    with media.open("rb") as stream:
        length = read_movie(stream).init_length
        stream.seek(0)
        init = Octets(stream.read(length))
    return [
        Said(path, b"" if path.endswith("/avcC") and not chosen.copy_video else data)
        for path, data in _boxes(init, "")
    ]


def _together(headers: list[list[Said]]) -> list[Said]:
    """One header of all the tracks of several: theirs stand one after another in each place."""
    first = headers[0]
    together = []
    for path, tracks in groupby(first, key=_place):
        if path in _OF_TRACKS:
            together += [said for each in headers for said in each if _place(said) == path]
        else:
            together += tracks
    return together


def _place(said: Said) -> str:
    return next((path for path in _OF_TRACKS if said.path.startswith(path)), said.path)


def _boxes(body: Octets, above: str) -> Iterator[Said]:
    for kind, content in children(body):
        path = f"{above}/{kind.decode('latin-1')}"
        if kind == _BIT_RATES:
            continue
        data = bytearray(content.take(_HEADS.get(kind, 0) if kind in _HOLD_BOXES else content.left))
        for free in _FREE.get(kind, ()):
            data[free] = bytes(len(data[free]))
        yield Said(path, bytes(data))
        yield from _boxes(content, path)


async def _ignore(piece: bytes) -> None:
    del piece
