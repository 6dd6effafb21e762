"""A copy of the log in the vault's records, so that the log outlives this machine.

Full tiles and bundles are locked like originals; partial ones and the checkpoint are not, and
leave when something newer takes their place.  Nothing is locked for years before it was found true
under the checkpoint, and the checkpoint goes last, when all it covers is durable: so it also marks
how far the copy has come, and a run that was cut off is simply run again.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from archive.log.log import Log
from evidence.errors import LockMissing, LogBroken
from evidence.merkle import CompactRange
from evidence.note import Checkpoint, VerifierKey, open_checkpoint
from evidence.tiles import CHECKPOINT, WITNESSED, Tile, TileTree, check_growth, growth
from evidence.vault import AlreadyStored, Bucket, Lock, LockedError, LockMode, StoredVersion, Vault

PREFIX = "log/"
"""Before every path of the log in the records bucket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """What one run did."""

    size: int
    """Entries the vault's copy holds now."""
    stored: int
    """Tiles and bundles copied."""
    removed: int
    """Superseded versions of partial tiles and checkpoints removed."""


def copied_note(vault: Vault) -> bytes | None:
    """The checkpoint of the copy in *vault*, as it lies there; None if there is no copy.  Blocks.

    What the vault raises.
    """
    found = vault.find(Bucket.RECORDS, PREFIX + CHECKPOINT)
    if found is None:
        return None
    return b"".join(vault.read(found.bucket, found.key, found.version_id))


class Mirror:
    """Copies *log*, whose checkpoints *key* signs, into *vault*.  One at a time; blocks."""

    def __init__(
        self, log: Log, vault: Vault, key: VerifierKey, *, read_back: bool = False
    ) -> None:
        """With *read_back* what was stored is read from the vault and compared, each time."""
        self._read_back = read_back
        self._log = log
        self._vault = vault
        self._key = key

    def run(self, lock: Lock) -> Mirrored:
        """Copy what the log gained since the last run; *lock* is COMPLIANCE, for the full tiles.

        LogBroken if the vault's copy is not the beginning of this log, or a tile is not true;
        LockMissing if the vault does not lock; otherwise what the vault raises.
        """
        if lock.mode is not LockMode.COMPLIANCE:
            raise ValueError(f"the log is locked in COMPLIANCE mode, not {lock.mode}")
        note = self._log.checkpoint()
        checkpoint = open_checkpoint(note, [self._key])
        copied = self._copied(checkpoint)
        if copied == checkpoint:
            removed = 0 if copied_note(self._vault) == note else self._publish(CHECKPOINT, note)
            removed += self._copy_witnessed()
            return Mirrored(size=checkpoint.size, stored=0, removed=removed)
        old = copied.size if copied else 0
        check_growth(old, checkpoint.size, checkpoint.root, self._log.read)
        grown = list(growth(old, checkpoint.size))
        tree = TileTree(checkpoint.size, self._log.read)
        for tile in grown:
            self._copy(tile, tree.file(tile), lock)
        self._vault.barrier()
        # Before the checkpoint moves on, or a run cut off in between would leave them for good.
        removed = sum(self._clear_place(tile) for tile in grown if tile.is_full)
        removed += self._publish(CHECKPOINT, note)
        removed += sum(self._clear_place(tile) for tile in grown if not tile.is_full)
        removed += self._copy_witnessed()
        return Mirrored(size=checkpoint.size, stored=len(grown), removed=removed)

    def _copied(self, ours: Checkpoint) -> Checkpoint | None:
        """The checkpoint of the vault's copy, which must be of the beginning of our log."""
        note = copied_note(self._vault)
        if note is None:
            return None
        theirs = open_checkpoint(note, [self._key, *self._log.keys])
        if theirs.size > ours.size:
            raise LogBroken(
                f"the vault's copy of the log has {theirs.size} entries, the log only {ours.size}",
                advice="The log's folder is an old one: bring it up from the vault before use.",
            )
        tree = TileTree(ours.size, self._log.read)
        if CompactRange.read(tree, theirs.size).root != theirs.root:
            raise LogBroken(
                f"the vault's copy is of another log: its root at {theirs.size} differs"
            )
        return theirs

    def _copy(self, tile: Tile, data: bytes, lock: Lock) -> None:
        """Store *tile*, locked if it is full."""
        self.keep(tile.path, data, lock if tile.is_full else None)

    def keep(self, path: str, data: bytes, wanted: Lock | None) -> None:
        """Store *data*, which never changes, as *path* of the log, locked as *wanted*.

        Fine if the vault holds these very bytes; LogBroken if it holds others.
        """
        try:
            stored = self._vault.put(
                Bucket.RECORDS, PREFIX + path, data, lock=wanted, create_only=True
            )
        except AlreadyStored:
            stored = self._same(path, data)
            if wanted is not None:
                self._extend(stored, wanted)
        if wanted is not None:
            self._see_locked(stored, wanted)
        if self._read_back and self._bytes_of(stored) != data:
            raise LogBroken(f"the vault was sent {PREFIX}{path} and gives back other bytes")

    def _same(self, path: str, data: bytes) -> StoredVersion:
        """The stored version of *path*; LogBroken if it holds other bytes than *data*."""
        stored = self._vault.find(Bucket.RECORDS, PREFIX + path)
        if stored is None or self._bytes_of(stored) != data:
            raise LogBroken(f"the vault holds other bytes than ours as {PREFIX}{path}")
        return stored

    def _extend(self, stored: StoredVersion, lock: Lock) -> None:
        with suppress(LockedError):  # it is locked for longer already
            self._vault.extend_lock(stored.bucket, stored.key, stored.version_id, lock)

    def _see_locked(self, stored: StoredVersion, lock: Lock) -> None:
        """Read the lock back: engines are known to ignore the header."""
        held = self._vault.find(stored.bucket, stored.key, stored.version_id)
        if held is None or held.lock is None or not held.lock.covers(lock):
            found = held and held.lock
            raise LockMissing(
                f"{stored.key} was stored under {lock}; the store holds it by {found}"
            )

    def _copy_witnessed(self) -> int:
        """Copy the head that witnesses cosigned, if there is a new one; as :meth:`_publish`.

        It covers no more than the checkpoint that was copied before it.
        """
        note = self._log.read(WITNESSED)
        if note is None:
            return 0
        held = self._vault.find(Bucket.RECORDS, PREFIX + WITNESSED)
        if held is not None and self._bytes_of(held) == note:
            return 0
        return self._publish(WITNESSED, note)

    def _publish(self, name: str, note: bytes) -> int:
        """Store the head *name*; how many older ones were removed."""
        key = PREFIX + name
        new = self._vault.put(Bucket.RECORDS, key, note, content_type="text/plain; charset=utf-8")
        versions = list(self._vault.versions(Bucket.RECORDS, key))
        return sum(self._remove(old) for old in versions if old.version_id != new.version_id)

    def _clear_place(self, tile: Tile) -> int:
        """Remove the partial tiles whose place *tile* took; how many they were."""
        versions = list(self._vault.versions(Bucket.RECORDS, f"{PREFIX}{tile.partials}/"))
        return sum(self._remove(old) for old in versions if old.key != PREFIX + tile.path)

    def _remove(self, version: StoredVersion) -> bool:
        try:
            self._vault.delete_version(version.bucket, version.key, version.version_id)
        except LockedError:  # somebody locked it by hand: it stays, and does no harm
            return False
        return True

    def _bytes_of(self, version: StoredVersion) -> bytes:
        return b"".join(self._vault.read(version.bucket, version.key, version.version_id))
