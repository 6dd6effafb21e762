"""Stores that lie, each in one way, from the moment it is told to; until then they are honest."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from evidence.clock import Clock
from evidence.digest import BLOCK, Sha256
from evidence.vault import AlreadyStored, Bucket, Lock, StoredVersion
from evidence.vault.memory import MemoryVault


class Lie(StrEnum):
    """What a store may do behind its promises."""

    DROPS = "acknowledges and drops"
    LOSES = "keeps for a while, then loses"
    OTHER_VERSION = "gives another version than was asked for"
    OLD_BYTES = "gives the bytes it gave before"
    IGNORES_LOCK = "shows the lock and lets everything pass"
    NO_LOCK = "stores without the lock"
    SHORTER_LOCK = "shows a shorter lock"
    ALREADY_THERE = "says 412 for what it does not have"


class Liar(MemoryVault):
    """Tells *lie*, about originals only; None: no lie yet."""

    def __init__(self, clock: Clock, lie: Lie | None = None) -> None:
        super().__init__(clock)
        self.lie = lie
        self._given = b""

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        found = super().find(bucket, key, version_id)
        if found is None or bucket is not Bucket.ORIGINALS:
            return found
        if self.lie is Lie.LOSES:
            return None
        if self.lie is Lie.OTHER_VERSION:
            return replace(found, version_id=secrets.token_hex(16))
        if self.lie is Lie.SHORTER_LOCK and found.lock is not None:
            return replace(found, lock=replace(found.lock, until=found.lock.until - _SHORTER))
        return found

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        data = self._given
        if not data or bucket is not Bucket.ORIGINALS or self.lie is not Lie.OLD_BYTES:
            data = b"".join(super().read(bucket, key, version_id))
        if bucket is Bucket.ORIGINALS:
            self._given = data
        yield from (data[at : at + BLOCK] for at in range(0, len(data), BLOCK))

    def extend_lock(self, bucket: Bucket, key: str, version_id: str, lock: Lock) -> None:
        if self.lie is not Lie.IGNORES_LOCK:
            super().extend_lock(bucket, key, version_id, lock)

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        if self.lie is Lie.IGNORES_LOCK and bucket is Bucket.ORIGINALS:
            self._held.get((bucket, key), {}).pop(version_id, None)
        else:
            super().delete_version(bucket, key, version_id)

    def _store(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        sha256: Sha256 | None,
        lock: Lock | None,
        *,
        create_only: bool = False,
    ) -> StoredVersion:
        lying = bucket is Bucket.ORIGINALS
        if lying and self.lie is Lie.ALREADY_THERE and create_only:
            raise AlreadyStored(f"{key} is stored already")
        if lying and self.lie is Lie.NO_LOCK:
            lock = None
        stored = super()._store(bucket, key, data, sha256, lock, create_only=create_only)
        if lying and self.lie is Lie.DROPS:
            del self._held[bucket, key][stored.version_id]
        return stored


_SHORTER = timedelta(hours=1)
