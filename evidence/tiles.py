"""The log as static files: tiles of hashes and bundles of entries (C2SP tlog-tiles).

A tile holds up to 256 neighbouring hashes of one level, a bundle up to 256 neighbouring entries.
Full ones never change again; those at the right edge are *partial* and carry their width in their
name, so that a name always means the same bytes.  Nothing here reads or writes: whoever has the
files passes a ``Read``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from evidence.errors import LogBroken
from evidence.merkle import HASH_SIZE, CompactRange, Hash, leaf_hash, root_of

Read = Callable[[str], bytes | None]
"""Gives the file at a path of the log, such as ``tile/0/000.p/5``, or None if there is none."""

HEIGHT: Final = 8
"""Levels of the tree that one level of tiles spans."""
WIDTH: Final = 1 << HEIGHT
"""Hashes in a full tile, entries in a full bundle."""
ENTRIES: Final = -1
"""The tile level of entry bundles (as the reference implementation counts)."""
MAX_ENTRY: Final = 0xFFFF
"""The longest entry in bytes: bundles write its length as uint16."""

CHECKPOINT: Final = "checkpoint"
"""The path of the log's signed head."""
WITNESSED: Final = "witnessed"
"""The path of the newest head that witnesses cosigned; ours, C2SP has no such file."""

_LENGTH_SIZE = 2
_CACHED_TILES = 64
_PATH = re.compile(
    r"tile/(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])"
    r"/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"  # 21 digits: more than the largest log has tiles
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tile:
    """The name of one tile, or with level :data:`ENTRIES` of one bundle."""

    level: int
    index: int
    """Its place among the tiles of its level."""
    width: int = WIDTH
    """Hashes or entries in it; below :data:`WIDTH` it is partial."""

    @property
    def is_full(self) -> bool:
        return self.width == WIDTH

    @property
    def full(self) -> Tile:
        """The full tile that takes the place of this one."""
        return Tile(level=self.level, index=self.index)

    @property
    def path(self) -> str:
        """Where the log keeps it, such as ``tile/0/x001/234.p/5``."""
        level = "entries" if self.level == ENTRIES else str(self.level)
        *thousands, last = _thousands(self.index)
        place = "/".join(["tile", level, *(f"x{digits}" for digits in thousands), last])
        return place if self.is_full else f"{place}.p/{self.width}"

    @property
    def partials(self) -> str:
        """The folder of all partial tiles in this place, such as ``tile/0/x001/234.p``."""
        return f"{self.full.path}.p"

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """The tile whose :attr:`path` is exactly *path*, or None if there is no such tile."""
        found = _PATH.fullmatch(path)
        if found is None or int(found["width"] or 0) >= WIDTH:
            return None
        level = ENTRIES if found["level"] == "entries" else int(found["level"])
        index = int(re.sub(r"[x/]", "", found["index"]))
        tile = cls(level=level, index=index, width=int(found["width"] or WIDTH))
        return tile if tile.path == path else None


def growth(old: int, new: int) -> Iterator[Tile]:
    """The bundles and tiles that a log of *old* entries writes to become one of *new*, in order.

    At each level: the tiles that become full, then the partial one at the edge, if it changed.
    """
    for level, count in _levels(new):
        yield from _growth_of_level(level, _count(level, old), count)


def grow(old: int, entries: Sequence[bytes], read: Read) -> Iterator[tuple[Tile, bytes]]:
    """The files of :func:`growth` that append *entries* to a log of *old* entries.

    ValueError for an entry that is too long, LogBroken if the edge of the log cannot be read.
    """
    yield from _grow_level(ENTRIES, old, entries, read)
    fresh: list[Hash] = [leaf_hash(entry) for entry in entries]
    level = 0
    while fresh:
        above: list[Hash] = []
        for tile, data in _grow_level(level, _count(level, old), fresh, read):
            yield tile, data
            if tile.is_full:
                above.append(root_of(split_hashes(tile, data)))
        fresh = above
        level += 1


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bundle of *entries*: each after its length as a big-endian uint16.

    ValueError if one is too long to be a log entry.
    """
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise ValueError(f"an entry of {len(entry)} bytes exceeds the log's {MAX_ENTRY}")
    return b"".join(len(entry).to_bytes(_LENGTH_SIZE, "big") + entry for entry in entries)


def split_bundle(tile: Tile, data: bytes) -> tuple[bytes, ...]:
    """The entries of the bundle *tile*, whose file holds *data*; LogBroken if it is malformed."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + _LENGTH_SIZE
        at = start + int.from_bytes(data[at:start], "big")
        entries.append(data[start:at])
    if at != len(data) or len(entries) != tile.width:
        raise LogBroken(f"{tile.path} is not a bundle of {tile.width} whole entries")
    return tuple(entries)


def split_hashes(tile: Tile, data: bytes) -> tuple[Hash, ...]:
    """The hashes of the hash *tile*, whose file holds *data*; LogBroken if it is malformed."""
    if len(data) != tile.width * HASH_SIZE:
        raise LogBroken(f"{tile.path} has {len(data)} bytes, not {tile.width} hashes")
    return tuple(Hash(data[at : at + HASH_SIZE]) for at in range(0, len(data), HASH_SIZE))


class TileTree:
    """A log of *size* entries as its files give it: hashes (a HashReader) and entries.

    A partial tile that is gone is read from the full one that took its place.  Every method raises
    LogBroken for a file that is missing or malformed; whether the files are *true* is for proofs
    and :func:`check_growth` to say.
    """

    def __init__(self, size: int, read: Read) -> None:
        self.size = size
        self._read = read
        self._hashes = lru_cache(_CACHED_TILES)(lambda tile: _read_hashes(tile, read))

    def tile(self, level: int, index: int) -> Tile:
        """The tile in this place, as wide as the size of the log makes it."""
        width = min(WIDTH, _count(level, self.size) - index * WIDTH)
        if index < 0 or width <= 0:
            raise LogBroken(f"a log of {self.size} entries has no tile {index} at level {level}")
        return Tile(level=level, index=index, width=width)

    def entries(self, index: int) -> tuple[bytes, ...]:
        """The entries of bundle *index*."""
        return _read_bundle(self.tile(ENTRIES, index), self._read)

    def hashes(self, level: int, index: int) -> tuple[Hash, ...]:
        """The hashes of one tile."""
        return self._hashes(self.tile(level, index))

    def file(self, tile: Tile) -> bytes:
        """The bytes of *tile*, also when the log has grown on and only the full one is left."""
        if tile.level == ENTRIES:
            return encode_bundle(_read_bundle(tile, self._read))
        return b"".join(_read_hashes(tile, self._read))

    def subtree(self, level: int, index: int) -> Hash:
        tile_level, height = divmod(level, HEIGHT)
        tile_index, place = divmod(index << height, WIDTH)
        hashes = self.hashes(tile_level, tile_index)[place : place + (1 << height)]
        if len(hashes) != 1 << height:
            raise LogBroken(f"a log of {self.size} entries has no subtree {index} at {level}")
        return root_of(hashes)


def check_growth(old: int, new: int, root: Hash, read: Read) -> None:
    """See that the files of ``growth(old, new)`` are true parts of the log (*new*, *root*).

    With *old* 0 that is every file.  LogBroken names the first that is not; when only the root
    differs, a file older than *old* is false.
    """
    tree = TileTree(new, read)
    reached = CompactRange.read(tree, new).root
    if reached != root:
        raise LogBroken(f"the tiles give root {reached.hex()} at {new} entries, not {root.hex()}")
    for tile in growth(old, new):
        if tile.level == ENTRIES:
            _check_bundle(tree, tile)
        elif tile.is_full:
            _check_full_tile(tree, tile)


def _check_bundle(tree: TileTree, bundle: Tile) -> None:
    """See that every entry of *bundle* hashes to its place in the tile beside it."""
    hashes = tree.hashes(0, bundle.index)
    for place, entry in enumerate(tree.entries(bundle.index)):
        if leaf_hash(entry) != hashes[place]:
            number = bundle.index * WIDTH + place
            raise LogBroken(
                f"{bundle.path}: entry {number} is not the one whose hash is in the log"
            )


def _check_full_tile(tree: TileTree, tile: Tile) -> None:
    """See that *tile* hashes to its place in the tile above it."""
    above, place = divmod(tile.index, WIDTH)
    if root_of(tree.hashes(tile.level, tile.index)) != tree.hashes(tile.level + 1, above)[place]:
        raise LogBroken(f"{tile.path} does not hash to its place in the level above")


def _levels(size: int) -> Iterator[tuple[int, int]]:
    """Each level of a log of *size* entries, and how many entries or hashes it holds."""
    level = ENTRIES
    while count := _count(level, size):
        yield level, count
        level += 1


def _count(level: int, size: int) -> int:
    """How many entries or hashes *level* holds in a log of *size* entries."""
    return size >> (HEIGHT * max(level, 0))


def _growth_of_level(level: int, old: int, new: int) -> Iterator[Tile]:
    """The tiles that one level writes to grow from *old* to *new* entries or hashes."""
    if old == new:
        return
    for index in range(old // WIDTH, new // WIDTH):
        yield Tile(level=level, index=index)
    if new % WIDTH:
        yield Tile(level=level, index=new // WIDTH, width=new % WIDTH)


def _grow_level(
    level: int, old: int, fresh: Sequence[bytes], read: Read
) -> Iterator[tuple[Tile, bytes]]:
    """The files that append *fresh* to the *old* entries or hashes of one level."""
    first, held = divmod(old, WIDTH)
    row = list(fresh)
    if held:
        at_edge = Tile(level=level, index=first, width=held)
        row[:0] = (_read_bundle if level == ENTRIES else _read_hashes)(at_edge, read)
    for tile in _growth_of_level(level, old, old + len(fresh)):
        start = (tile.index - first) * WIDTH
        items = row[start : start + tile.width]
        yield tile, encode_bundle(items) if level == ENTRIES else b"".join(items)


def _read_bundle(bundle: Tile, read: Read) -> tuple[bytes, ...]:
    stored, data = _fetch(bundle, read)
    return split_bundle(stored, data)[: bundle.width]


def _read_hashes(tile: Tile, read: Read) -> tuple[Hash, ...]:
    stored, data = _fetch(tile, read)
    return split_hashes(stored, data)[: tile.width]


def _fetch(tile: Tile, read: Read) -> tuple[Tile, bytes]:
    """The file of *tile*, or of the full tile that took its place."""
    for stored in dict.fromkeys((tile, tile.full)):
        data = read(stored.path)
        if data is not None:
            return stored, data
    raise LogBroken(f"{tile.path} is missing from the log")


def _thousands(number: int) -> list[str]:
    """The digits of *number* in groups of three, zero-padded."""
    higher, last = divmod(number, 1000)
    return [*(_thousands(higher) if higher else ()), f"{last:03d}"]
