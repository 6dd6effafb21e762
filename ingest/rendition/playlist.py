"""Our own HLS playlist over one MP4: every segment is a byte range of it (RFC 8216).

ffmpeg's ``-f hls`` shifts the pictures' times by 21 to 66 ms, so no frame table made beside it
would be true; and one object instead of hundreds has one lock, one digest, one retention date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from ingest.rendition.boxes import Fragment, Movie, Sample, Track
from ingest.rendition.frames import end_of

_LONG_ENOUGH = 4
"""Seconds after which a segment ends before the next key frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A run of whole fragments that a player fetches, verifies and decodes as one."""

    offset: int
    length: int
    start: int
    """First time shown, in the track's time scale."""
    duration: int
    key: bool
    """Whether it begins with a key frame, and so decodes without what came before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A fragment as the reference track sees it."""

    fragment: Fragment
    samples: tuple[Sample, ...]

    @property
    def key(self) -> bool:
        return bool(self.samples) and self.samples[0].key


def segments(movie: Movie, track: Track) -> tuple[Part, ...]:
    """The segments of *movie*, cut where *track* has key frames; they cover all after the init."""
    groups = list(_groups(movie, track))
    starts = [min((s.pts for p in group for s in p.samples), default=0) for group in groups]
    ends = [*starts[1:], end_of(movie.samples(track))]
    return tuple(
        Part(
            offset=group[0].fragment.offset,
            length=sum(piece.fragment.length for piece in group),
            start=start,
            duration=max(end - start, 0),
            key=group[0].key,
        )
        for group, start, end in zip(groups, starts, ends, strict=True)
    )


def _groups(movie: Movie, track: Track) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    ticks = 0
    for fragment in movie.fragments:
        piece = _Piece(fragment=fragment, samples=fragment.samples.get(track.number, ()))
        if group and piece.key and ticks >= _LONG_ENOUGH * track.timescale:
            yield group
            group, ticks = [], 0
        group.append(piece)
        ticks += sum(sample.duration for sample in piece.samples)
    yield group


def playlist(movie: Movie, track: Track, parts: tuple[Part, ...], media: str) -> str:
    """``index.m3u8`` for the object called *media*, cut into *parts*."""
    seconds = [Fraction(part.duration, track.timescale) for part in parts]
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, ceil(max(seconds)))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        *(["#EXT-X-INDEPENDENT-SEGMENTS"] if all(part.key for part in parts) else []),
        f'#EXT-X-MAP:URI="{media}",BYTERANGE="{movie.init_length}@0"',
    ]
    for part, length in zip(parts, seconds, strict=True):
        lines += [f"#EXTINF:{float(length):.6f},", f"#EXT-X-BYTERANGE:{part.length}@{part.offset}"]
        lines.append(media)
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])
