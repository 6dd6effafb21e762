"""Receipts of many entries under one checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from archive.log.log import Log
from evidence.custody import Entry
from evidence.errors import LogBroken
from evidence.merkle import inclusion_proof
from evidence.note import open_checkpoint
from evidence.receipt import Receipt, verify_receipt
from evidence.tiles import WIDTH, Tile, TileTree, check_growth, growth

_BUNDLES = 32


class Proofs:
    """The log as it is under one checkpoint, however it grows meanwhile.

    Without *note* under the log's newest; a cosigned one proves more.

    All of it blocks.  LogBroken if the log is not what its checkpoint says.
    """

    def __init__(self, log: Log, note: bytes | None = None) -> None:
        self.note = note if note is not None else log.checkpoint()
        self.checkpoint = open_checkpoint(self.note, [log.key])
        self._keys = [log.key]
        self._tree = TileTree(self.checkpoint.size, log.read)
        self._read = log.read
        self._bundle = lru_cache(_BUNDLES)(self._tree.entries)

    def must_cover(self, index: int) -> None:
        """LogBroken if entry *index* is not under the checkpoint."""
        if self.checkpoint.size <= index:
            raise LogBroken(f"the checkpoint does not cover entry {index} yet")

    def entry(self, index: int) -> bytes:
        """The bytes of an entry, unproven."""
        self.must_cover(index)
        return self._bundle(index // WIDTH)[index % WIDTH]

    def fields(self, index: int) -> Mapping[str, object]:
        """The fields of an entry."""
        return Entry(self.entry(index)).fields

    def receipt(self, index: int) -> bytes:
        """Its tlog-proof, verified like a stranger's."""
        raw = self.entry(index)
        path = inclusion_proof(self._tree, index, self.checkpoint.size)
        text = Receipt(index=index, path=path, note=self.note).text
        verify_receipt(text, raw, self._keys)
        return text

    def tiles(self) -> Iterator[tuple[Tile, bytes]]:
        """Every file of the whole log, once all of them were found true."""
        check_growth(0, self.checkpoint.size, self.checkpoint.root, self._read)
        for tile in growth(0, self.checkpoint.size):
            yield tile, self._tree.file(tile)
