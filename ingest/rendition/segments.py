"""``segments.json``: the segments of the media object, as its player fetches and verifies them."""

from __future__ import annotations

from pathlib import Path

from evidence.digest import Sha256
from evidence.segments import Segment, SegmentList
from ingest.rendition.boxes import Movie, Track
from ingest.rendition.playlist import Part


def hashed(name: str, media: Path, movie: Movie, parts: tuple[Part, ...]) -> SegmentList:
    """The digests of the init part and of each of *parts*, read from *media* as it is on disk."""
    ranges = [(0, movie.init_length), *((part.offset, part.length) for part in parts)]
    with media.open("rb") as stream:
        return SegmentList(
            media=name,
            segments=tuple(
                Segment(offset=offset, length=length, sha256=Sha256.of(stream.read(length)))
                for offset, length in ranges
            ),
        )


def manifest(found: SegmentList, track: Track, parts: tuple[Part, ...]) -> dict[str, object]:
    """``segments.json`` for what :func:`hashed` *found* in *parts*."""
    init, *rest = found.segments
    return {
        "init": init.document(),
        "media": found.media,
        "segments": [
            {**segment.document(), "duration": part.duration, "key": part.key, "start": part.start}
            for part, segment in zip(parts, rest, strict=True)
        ],
        "size": found.size,
        "timescale": track.timescale,
    }
