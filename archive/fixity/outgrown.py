"""Step 2, of partial tiles that the log has outgrown: each is how the present one begins.

They stay until the full tile takes their place, since who holds an older checkpoint asks for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archive.fixity import Component, Finding, Step
from evidence.tiles import ENTRIES, WIDTH, Read, Tile, encode_bundle, split_bundle, split_hashes


def examine_outgrown(read: Read, size: int, found: Sequence[Finding]) -> Iterator[Finding]:
    """What differs among the files of a log of *size*; those *found* wrong are no measure.  Blocks.

    A file that has gone is none: the log may have grown meanwhile.
    """
    wrong = {finding.subject for finding in found}
    for tile in _edge(size):
        data = read(tile.path)
        if data is None or tile.path in wrong:
            continue
        parts = _parts(tile, data)
        for width in range(1, tile.width):
            older = Tile(level=tile.level, index=tile.index, width=width)
            held = read(older.path)
            if held is not None and held != b"".join(parts[:width]):
                yield Finding(
                    step=Step.LOG,
                    component=Component.BUNDLE if tile.level == ENTRIES else Component.TILE,
                    subject=older.path,
                    problem=f"is not how {tile.path} begins",
                )


def _edge(size: int) -> Iterator[Tile]:
    """The partial tiles of a log of *size*."""
    level, count = 0, size
    while count:
        index, width = divmod(count, WIDTH)
        if width:
            for each in (ENTRIES, 0) if level == 0 else (level,):
                yield Tile(level=each, index=index, width=width)
        level, count = level + 1, index


def _parts(tile: Tile, data: bytes) -> Sequence[bytes]:
    if tile.level == ENTRIES:
        return [encode_bundle([entry]) for entry in split_bundle(tile, data)]
    return split_hashes(tile, data)
