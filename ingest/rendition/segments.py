"""The segment manifest: byte range -> SHA-256, so that a player verifies before it decodes.

The ranges, init first, cover the whole object in order: together the leaves say all of its bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.digest import Sha256
from ingest.rendition.boxes import Movie, Track
from ingest.rendition.playlist import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A byte range of the media object and its digest."""

    offset: int
    length: int
    sha256: Sha256

    def document(self) -> dict[str, object]:
        """As it stands in the manifest."""
        return {"length": self.length, "offset": self.offset, "sha256": self.sha256.hex}


def leaves(media: Path, movie: Movie, parts: tuple[Segment, ...]) -> tuple[Leaf, ...]:
    """The digests of the init part and of each of *parts*, read from *media* as it is on disk."""
    ranges = [(0, movie.init_length), *((part.offset, part.length) for part in parts)]
    with media.open("rb") as stream:
        return tuple(
            Leaf(offset=offset, length=length, sha256=Sha256.of(stream.read(length)))
            for offset, length in ranges
        )


def manifest(
    name: str, track: Track, parts: tuple[Segment, ...], digests: tuple[Leaf, ...]
) -> dict[str, object]:
    """``segments.json`` of the object called *name*; *digests* as :func:`leaves` gave them."""
    init, *rest = digests
    return {
        "init": init.document(),
        "media": name,
        "segments": [
            {**leaf.document(), "duration": part.duration, "key": part.key, "start": part.start}
            for part, leaf in zip(parts, rest, strict=True)
        ],
        "size": sum(leaf.length for leaf in digests),
        "timescale": track.timescale,
    }
