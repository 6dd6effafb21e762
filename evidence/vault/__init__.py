"""The vault: where originals and records are kept write-once.

One contract, :class:`Vault`, and one conformance suite (``tests/conformance/vault.py``) that every
implementation must pass: ``s3`` (any S3 with Object Lock) and ``memory`` (for tests and dry runs).

Everything is addressed by version: a key may gain newer versions or delete markers in S3 whatever
the lock says, so only (bucket, key, version id) names the bytes that were stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from evidence.digest import Sha256

#: The largest object S3 takes in a single PUT (5 GiB); above it the upload goes in parts.
SINGLE_PUT_MAX = 5 * 1024**3
#: The largest object that is kept: what S3 promised to take in parts for most of its life (5 TiB).
OBJECT_MAX = 5 * 1024**4


class Bucket(StrEnum):
    """The three stores of one agency; a vault maps each to a bucket name of its own."""

    ORIGINALS = "originals"
    """What cameras recorded, locked."""
    RECORDS = "records"
    """Full log tiles and bundles, manifests: locked; checkpoints and partial tiles: unlocked."""
    DERIVED = "derived"
    """Renditions and pictures: never locked, rebuilt or removed with their original."""


class LockMode(StrEnum):
    """S3 Object Lock modes."""

    COMPLIANCE = "COMPLIANCE"
    """Nobody, not even the store's root identity, may delete, overwrite or shorten."""
    GOVERNANCE = "GOVERNANCE"
    """Holders of a bypass permission may; never used for evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A retention that holds one version until a moment (UTC, whole seconds)."""

    mode: LockMode
    until: datetime

    def whole(self) -> Lock:
        """This lock in UTC, its end moved up to the next whole second: all that S3 can keep."""
        until = self.until.astimezone(UTC)
        if until.microsecond:
            until = until.replace(microsecond=0) + timedelta(seconds=1)
        return Lock(mode=self.mode, until=until)

    def covers(self, wanted: Lock) -> bool:
        """Whether this lock holds a version at least as firmly and as long as *wanted*."""
        firm = self.mode is LockMode.COMPLIANCE or wanted.mode is LockMode.GOVERNANCE
        return firm and self.until >= wanted.whole().until


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """What the store says it holds under one version id."""

    bucket: Bucket
    key: str
    version_id: str
    size: int
    sha256: Sha256 | None
    """The store's own full-object checksum, if it keeps one (None after a multipart upload)."""
    lock: Lock | None
    legal_hold: bool = False
    """Whether it cannot be destroyed until that is lifted, whatever its lock says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """One HTTP request the holder may make without any credential, exactly as written here."""

    method: str
    url: str
    headers: Mapping[str, str]
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReceipt:
    """What the store answered to one part of a multipart upload (numbers start at 1)."""

    number: int
    etag: str
    sha256: Sha256


class AlreadyStored(Exception):
    """The key holds an object already, so a create-only write was not made (S3: 412)."""


class LockedError(Exception):
    """The store refused to delete or weaken a locked version (S3: 403 AccessDenied)."""


class Vault(Protocol):
    """The verbs the product needs of an object store.

    All are blocking (call them from a worker thread) and safe to repeat.  Unless said otherwise
    they raise VaultUnreachable when the store does not answer or answers with a server error.
    """

    def bucket_name(self, bucket: Bucket) -> str:
        """What the store itself calls *bucket*: how an outsider finds it there."""
        ...

    def put(
        self,
        bucket: Bucket,
        key: str,
        data: bytes,
        *,
        lock: Lock | None = None,
        create_only: bool = False,
        content_type: str = "application/octet-stream",
    ) -> StoredVersion:
        """Store *data* as a new version; with *create_only* AlreadyStored where one exists."""
        ...

    def find(self, bucket: Bucket, key: str, version_id: str | None = None) -> StoredVersion | None:
        """The version (the latest without *version_id*), its lock read back; None if absent."""
        ...

    def versions(self, bucket: Bucket, prefix: str = "") -> Iterator[StoredVersion]:
        """Every version under *prefix*, without checksum, lock and hold: :meth:`find` has them."""
        ...

    def read(self, bucket: Bucket, key: str, version_id: str) -> Iterator[bytes]:
        """The bytes of one version in blocks.  Raises DigestMismatch if they end short."""
        ...

    def sign_put(
        self,
        bucket: Bucket,
        key: str,
        *,
        size: int,
        sha256: Sha256,
        lock: Lock | None,
        create_only: bool,
        content_type: str,
        seconds: int,
    ) -> SignedRequest:
        """A PUT that stores exactly *size* bytes with digest *sha256* under *lock*, or nothing."""
        ...

    def sign_get(self, bucket: Bucket, key: str, version_id: str, *, seconds: int) -> SignedRequest:
        """A GET of one version; the holder may add a ``Range`` header."""
        ...

    def start_parts(self, bucket: Bucket, key: str, *, lock: Lock | None) -> str:
        """Begin a multipart upload; its id."""
        ...

    def sign_part(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        *,
        number: int,
        size: int,
        sha256: Sha256,
        seconds: int,
    ) -> SignedRequest:
        """A PUT for part *number* (from 1) that binds length and digest of the part."""
        ...

    def finish_parts(
        self,
        bucket: Bucket,
        key: str,
        upload_id: str,
        parts: Sequence[PartReceipt],
        *,
        lock: Lock | None,
    ) -> StoredVersion:
        """Join the parts into one version and see that *lock* holds it, set again where dropped.

        Raises LockMissing if the store does not keep it, DigestMismatch if a part is another.
        """
        ...

    def abandon_parts(self, bucket: Bucket, key: str, upload_id: str) -> None:
        """Give up an upload that is not finished, and its parts; one that is gone is no error."""
        ...

    def extend_lock(self, bucket: Bucket, key: str, version_id: str, lock: Lock) -> None:
        """Move the lock further into the future; LockedError if that would shorten or weaken it."""
        ...

    def set_legal_hold(self, bucket: Bucket, key: str, version_id: str, *, on: bool) -> None:
        """Put a legal hold on one version, or lift it; :meth:`find` tells whether there is one.

        It has no date and stands beside the lock.  LockMissing if the version is not there, or the
        store refuses.
        """
        ...

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        """Destroy one version that no lock and no legal hold keeps; LockedError if one does."""
        ...

    def barrier(self) -> str:
        """Return only when everything acknowledged so far survives a power cut.

        The answer names the durability class: ``syncfs`` (we synced the store's disk ourselves),
        ``declared`` (the operator states that this store is durable when it answers) or ``memory``.
        """
        ...
