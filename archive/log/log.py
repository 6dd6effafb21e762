"""The one writer of the agency's log.

Growth happens in one order: bundles, tiles, read all of them back, sign, publish.  The checkpoint
comes last and everything before it is write-once, so a crash at any point leaves the old log; the
caller offers the entries from :attr:`Log.size` on again and gets the very tree it would have had.
Offering *other* entries then is refused by the store, and nothing was signed for either.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from archive.log.store import TileStore
from evidence.errors import LogBroken
from evidence.merkle import CompactRange, inclusion_proof, leaf_hash
from evidence.note import (
    Checkpoint,
    Signer,
    VerifierKey,
    open_checkpoint,
    sign_checkpoint,
    signed_by,
)
from evidence.receipt import Receipt, verify_receipt
from evidence.tiles import (
    CHECKPOINT,
    MAX_ENTRY,
    WIDTH,
    WITNESSED,
    TileTree,
    check_growth,
    grow,
    growth,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The log at one size; readers take it whole, so growth never shows them half a log."""

    note: bytes
    checkpoint: Checkpoint
    range: CompactRange
    tree: TileTree
    stored: bytes | None
    """What lies in the store as its checkpoint: *note*, or nothing where the log is a new one."""


class Log:
    """An append-only log in a :class:`TileStore`.  All methods block; any thread may call them."""

    def __init__(self, store: TileStore, signers: Sequence[Signer], head: _Head) -> None:
        self._store = store
        self._signers = signers
        self._head = head
        self._unsure: _Head | None = None
        """A head whose publication failed: its checkpoint may lie there, and not durably."""
        self._growing = threading.Lock()

    @property
    def key(self) -> VerifierKey:
        """What whoever checks the log pins."""
        return self._signers[0].key

    @property
    def keys(self) -> Sequence[VerifierKey]:
        """Those that sign now: the one before signs on beside its successor for a time."""
        return [signer.key for signer in self._signers]

    @classmethod
    def open(cls, store: TileStore, signer: Signer, *before: Signer) -> Log:
        """The log that *signer* signs, its origin being the signer's name; an empty one if new.

        Signers of *before* it sign as well.  Nothing is written: whether the head may be signed
        (:meth:`sign_head`) others have to be asked first.  LogBroken unless the checkpoint is
        signed by one of these very keys and the tiles give its root.
        """
        signers = (signer, *before)
        keys = [each.key for each in signers]
        stored = store.read(CHECKPOINT)
        note = stored if stored is not None else _first_checkpoint(store, signers)
        try:
            checkpoint = open_checkpoint(note, keys)
            size, root = checkpoint.size, checkpoint.root
            check_growth(max(size - 1, 0), size, root, store.read)
        except LogBroken as error:
            raise LogBroken(f"the log in {store.folder} cannot be continued: {error}") from error
        return cls(store, signers, _head(store, note, checkpoint, stored))

    @property
    def size(self) -> int:
        """The number of entries under the published checkpoint."""
        return self._head.checkpoint.size

    def checkpoint(self) -> bytes:
        """The published checkpoint, a signed note; of a new log the one that would be."""
        return self._head.note

    @property
    def is_signed(self) -> bool:
        """Whether the head lies there under the signatures of all present keys."""
        head = self._head
        if head.stored is None:
            return False
        return len(signed_by(head.stored, self.keys)) == len(self._signers)

    def sign_head(self) -> None:
        """Publish the head under the signatures of all present keys, if it is not so already."""
        with self._growing:
            self._published_meanwhile()
            if not self.is_signed:
                self._head = self._publish(self._head, self._head.checkpoint, None)

    def integrate(self, entries: Sequence[bytes]) -> Checkpoint:
        """Append *entries* in order and publish the checkpoint over them.

        Once this returns they are durable and provable.  ValueError if one is too long: nothing was
        written.  After any other error offer the entries from :attr:`size` on again.
        """
        for entry in entries:
            if len(entry) > MAX_ENTRY:
                raise ValueError(f"an entry of {len(entry)} bytes exceeds the log's {MAX_ENTRY}")
        with self._growing:
            more = entries[self._published_meanwhile() :]
            if more:
                self._head = self._grow(self._head, more)
            return self._head.checkpoint

    def adopt(self, note: bytes, entries: Sequence[bytes]) -> Checkpoint:
        """Append *entries* and publish *note*, which this log's key signed over them before.

        So a log that was put back to an old state catches up without a new signature.  LogBroken
        unless the entries lead from here to that very root.
        """
        with self._growing:
            self._published_meanwhile()
            self._head = self._grow(self._head, entries, note)
            return self._head.checkpoint

    def entry(self, index: int) -> bytes:
        """Entry *index* (from 0); IndexError if the published log does not reach it."""
        return self._entry(self._head, index)

    def receipt(self, index: int, under: bytes | None = None) -> bytes:
        """The tlog-proof of entry *index* under the published checkpoint, or *under* an older one.

        It was verified like a stranger's before it is handed out.  IndexError as in :meth:`entry`;
        LogBroken if that checkpoint is none of this log, or does not cover the entry.
        """
        head = self._head
        entry = self._entry(head, index)
        note, tree = (head.note, head.tree) if under is None else (under, self._tree(under, index))
        path = inclusion_proof(tree, index, tree.size)
        text = Receipt(index=index, path=path, note=note).text
        verify_receipt(text, entry, self.keys)
        return text

    def read(self, path: str) -> bytes | None:
        """The log's file at *path* (``checkpoint``, ``tile/…``) for serving; None if none."""
        return self._store.read(path)

    def publish_witnessed(self, note: bytes) -> None:
        """Put *note*, a checkpoint of this log with cosignatures, beside the published one."""
        if note != self._store.read(WITNESSED):
            self._store.publish_witnessed(note)

    def _tree(self, note: bytes, index: int) -> TileTree:
        """The log as it was under *note*, which covers entry *index*."""
        size = open_checkpoint(note, self.keys).size
        if size <= index:
            raise LogBroken(f"a checkpoint of {size} entries does not cover entry {index}")
        return TileTree(size, self._store.read)

    def _entry(self, head: _Head, index: int) -> bytes:
        if not 0 <= index < head.checkpoint.size:
            raise IndexError(f"a log of {head.checkpoint.size} entries has no entry {index}")
        return head.tree.entries(index // WIDTH)[index % WIDTH]

    def _grow(self, head: _Head, entries: Sequence[bytes], note: bytes | None = None) -> _Head:
        """The head after *entries* were written, read back, signed for and published.

        With *note* they were signed for before.
        """
        old = head.checkpoint.size
        range_ = head.range.extended(map(leaf_hash, entries))
        for tile, data in grow(old, entries, self._store.read):
            self._store.write(tile, data)
        check_growth(old, range_.size, range_.root, self._store.read)
        for tile in growth(old, range_.size):
            if tile.is_full:
                self._store.drop_partials(tile)
        checkpoint = Checkpoint(origin=head.checkpoint.origin, size=range_.size, root=range_.root)
        return self._publish(head, checkpoint, note)

    def _published_meanwhile(self) -> int:
        """See a publication through that failed after its checkpoint had its name.

        The number of entries that came under the published checkpoint by it.
        """
        before, unsure = self._head.checkpoint.size, self._unsure
        if unsure is not None and self._store.read(CHECKPOINT) == unsure.note:
            self._store.publish(unsure.note)
            self._head = unsure
        self._unsure = None
        return self._head.checkpoint.size - before

    def _publish(self, old: _Head, checkpoint: Checkpoint, note: bytes | None) -> _Head:
        """Put *checkpoint* in the place of *old*, and of nothing else."""
        if self._store.read(CHECKPOINT) != old.stored:
            raise LogBroken(
                f"the checkpoint in {self._store.folder} is not the one we published last",
                advice="Find out which other process writes this log; nothing was signed.",
            )
        if note is None:
            note = sign_checkpoint(checkpoint, *self._signers)
        elif open_checkpoint(note, self.keys) != checkpoint:
            raise LogBroken(
                f"the entries lead to another root than the {checkpoint.size} that were signed for"
            )
        self._unsure = _head(self._store, note, checkpoint, note)
        self._store.publish(note)
        head, self._unsure = self._unsure, None
        return head


def _head(store: TileStore, note: bytes, checkpoint: Checkpoint, stored: bytes | None) -> _Head:
    tree = TileTree(checkpoint.size, store.read)
    range_ = CompactRange.read(tree, checkpoint.size)
    return _Head(note=note, checkpoint=checkpoint, range=range_, tree=tree, stored=stored)


def _first_checkpoint(store: TileStore, signers: Sequence[Signer]) -> bytes:
    """The note of the empty log, unless the checkpoint of a log is merely missing."""
    if store.has_tiles:
        raise LogBroken(
            f"{store.folder} holds tiles but no checkpoint: starting anew would fork the log",
            advice="Restore the newest checkpoint from the vault's records or a witness.",
        )
    empty = CompactRange()
    checkpoint = Checkpoint(origin=signers[0].key.name, size=empty.size, root=empty.root)
    return sign_checkpoint(checkpoint, *signers)
