"""Still pictures for lists and scrubbing, taken from the rendition's key frames."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ingest.rendition.ffmpeg import Output, Source
from ingest.rendition.frames import FrameTable

_THUMBNAIL_WIDTH = 480
_LATEST_THUMBNAIL = 15
"""Key frames decoded at most to reach the thumbnail's."""
_TILE_WIDTH = 160
_MOST_TILES = 100
_COLUMNS = 10
_JPEG = "out_range=full,format=yuvj420p"


@dataclass(frozen=True, slots=True, kw_only=True)
class TileSheet:
    """Which pictures stand on ``tiles.jpg``, row by row."""

    width: int
    height: int
    """Of one tile, in pixels."""
    columns: int
    rows: int
    step: int
    """Every how many key frames a tile is taken."""
    pts: tuple[int, ...]
    timescale: int

    def document(self) -> dict[str, object]:
        """``tiles.json``."""
        return {
            "columns": self.columns,
            "height": self.height,
            "pts": list(self.pts),
            "rows": self.rows,
            "timescale": self.timescale,
            "width": self.width,
        }


def tile_sheet(table: FrameTable, width: int, height: int) -> TileSheet:
    """The sheet for pictures of *width* x *height*, at most 100 tiles spread evenly."""
    step = max(1, ceil(len(table.keys) / _MOST_TILES))
    pts = tuple(table.pts[place] for place in table.keys[::step])
    columns = max(1, min(_COLUMNS, len(pts)))
    return TileSheet(
        width=_TILE_WIDTH,
        height=max(2, round(Fraction(_TILE_WIDTH * height, max(width, 1)) / 2) * 2),
        columns=columns,
        rows=max(1, ceil(len(pts) / columns)),
        step=step,
        pts=pts,
        timescale=table.timescale,
    )


def tiles_output(target: str, sheet: TileSheet) -> Output:
    """The sheet as one JPEG; the source must give key frames only (:func:`key_frames`)."""
    picked = f"select='not(mod(n\\,{sheet.step}))'"
    size = f"scale={sheet.width}:{sheet.height}:{_JPEG}"
    return _one_jpeg(target, f"{picked},{size},tile={sheet.columns}x{sheet.rows}", quality=5)


def thumbnail_output(target: str, place: int = 0) -> Output:
    """The picture at *place* among those the source gives, at most 480 pixels wide."""
    size = f"scale='min({_THUMBNAIL_WIDTH},iw)':-2:{_JPEG}"
    return _one_jpeg(target, f"select='eq(n\\,{place})',{size}", quality=4)


def thumbnail_place(table: FrameTable) -> int:
    """Which key frame to show in lists: a little into the footage, as the first is often black."""
    return min(len(table.keys) // 10, _LATEST_THUMBNAIL)


def picture_output(target: str) -> Output:
    """A still original as a JPEG any browser shows, at most 4096 pixels a side."""
    fit = "scale='min(4096,iw)':'min(4096,ih)':force_original_aspect_ratio=decrease"
    return _one_jpeg(target, f"{fit}:{_JPEG}", quality=2)


def key_frames(source: Source) -> Source:
    """*source*, decoding its key frames only: tens of times faster than all of them."""
    return Source(path=source.path, demuxer=source.demuxer, options={"skip_frame": "nokey"})


def _one_jpeg(target: str, filters: str, *, quality: int) -> Output:
    options = {"frames:v": "1", "update": "1", "q:v": str(quality), "vf": filters}
    return Output(
        target=target,
        muxer="image2",
        streams=(0,),
        options={**options, "map_metadata": "-1", "fflags": "+bitexact"},
    )
