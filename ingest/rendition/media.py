"""The media object of a rendition as we read it back, and the files that describe it.

The descriptions follow from the media alone, byte for byte: whoever has it can make them again and
compare, so a playlist or frame table that tells another story is found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence import segments as segment_list
from evidence.canonical import canonical
from evidence.errors import RenditionFailed
from ingest.rendition.boxes import Movie, Track, read_movie
from ingest.rendition.frames import FrameTable, frame_table
from ingest.rendition.playlist import Part, playlist, segments
from ingest.rendition.segments import hashed, manifest

MEDIA, PLAYLIST, FRAMES = "media.mp4", "index.m3u8", "frames.json"
_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The MP4 as we read it back."""

    path: Path
    movie: Movie
    track: Track
    """The one that times the rendition: pictures, or sound if there are none."""
    table: FrameTable
    """Of that track."""
    parts: tuple[Part, ...]

    @property
    def duration_ms(self) -> int:
        first = self.table.pts[0] if self.table.pts else 0
        return (self.table.end - first) * _MILLISECONDS // self.track.timescale

    def descriptions(self) -> dict[str, bytes]:
        """Name -> content of the playlist, the segment manifest and, for pictures, the frame table.

        Reads the whole media.
        """
        found = hashed(MEDIA, self.path, self.movie, self.parts)
        index = playlist(self.movie, self.track, self.parts, MEDIA)
        told = {
            PLAYLIST: index.encode("ascii"),
            segment_list.NAME: canonical(manifest(found, self.track, self.parts)),
        }
        if self.track.handler == b"vide":
            told[FRAMES] = canonical(self.table.document())
        return told


def read_back(path: Path) -> Media:
    """The media object at *path*; RenditionFailed if it is not one of ours."""
    with path.open("rb") as stream:
        movie = read_movie(stream)
    track = movie.track(b"vide") or movie.track(b"soun")
    if track is None:
        raise RenditionFailed("the fragmented MP4 has neither pictures nor sound")
    return Media(
        path=path,
        movie=movie,
        track=track,
        table=frame_table(movie, track),
        parts=segments(movie, track),
    )
