"""Originals in the vault: read back, seen to be locked, and described beside them.

Nothing here believes what a store or a station says about bytes: they are read and hashed.  All
functions block on the store; call them from a worker thread.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from evidence.digest import Sha256
from evidence.digests import Digests, Hashing, Sm3, maker_for
from evidence.errors import DigestMismatch, LockMissing
from evidence.manifest import Manifest
from evidence.vault import AlreadyStored, Bucket, Lock, LockedError, StoredVersion, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """What an object must be, to the bit."""

    sha256: Sha256
    size: int
    sm3: Sm3 | None = None
    """Where somebody told one."""

    @classmethod
    def of(cls, digests: Digests, size: int) -> Bytes:
        """*size* bytes with these *digests*."""
        return cls(sha256=digests.sha256, size=size, sm3=digests.sm3)

    @property
    def digests(self) -> Digests:
        return Digests(sha256=self.sha256, sm3=self.sm3)


def original_key(agency: str, sha256: Sha256) -> str:
    """Where an original lies in ``originals``: named by what it is, so it exists only once."""
    return f"{agency}/{sha256.hex}"


def export_record_key(agency: str, sha256: str) -> str:
    """Where what opens an ``export`` entry lies in ``records``."""
    return f"{agency}/exports/{sha256}.json"


def document_key(agency: str, sha256: str) -> str:
    """Where a document of a case lies in ``records``: named by what it is."""
    return f"{agency}/documents/{sha256}"


def dossier_key(agency: str, sha256: str) -> str:
    """Where the index of a version of a dossier lies in ``records``."""
    return f"{agency}/dossiers/{sha256}.json"


def filed_in(agency: str) -> tuple[str, str]:
    """Under which names documents and versions of dossiers lie in ``records``."""
    return document_key(agency, ""), dossier_key(agency, "").removesuffix(".json")


def filed_digest(agency: str, key: str) -> str | None:
    """The SHA-256 in the *key* of a document or a version of a dossier; None for other records."""
    for folder in filed_in(agency):
        if key.startswith(folder):
            return key.removeprefix(folder).removesuffix(".json")
    return None


def pack_key(agency: str, sha256: str) -> str:
    """Where the file of a law pack or rule set lies in ``records``."""
    return f"{agency}/law/{sha256}.toml"


def find_good(
    vault: Vault, key: str, known: str | None, bad: Collection[str]
) -> StoredVersion | None:
    """The version *known* at *key*; without it the newest that is not among the *bad*.

    A key may show nothing though a version lies there: a delete marker hides it, or a power cut
    came between the store's writing of the version and of its name.
    """
    newest = vault.find(Bucket.ORIGINALS, key, known)
    if newest is not None and newest.version_id not in bad:
        return newest
    for version in vault.versions(Bucket.ORIGINALS, key):
        if version.key == key and version.version_id not in bad:
            found = vault.find(Bucket.ORIGINALS, key, version.version_id)
            if found is not None:
                return found
    return None


def see_locked(vault: Vault, version: StoredVersion, lock: Lock) -> StoredVersion:
    """*version* as it is once *lock* is covered, moving its lock further if it ends too early.

    LockMissing if it has no COMPLIANCE lock, or does not show the longer one.
    """
    if version.lock is not None and version.lock.covers(lock):
        return version
    if version.lock is None or version.lock.mode is not lock.mode:
        raise LockMissing(f"{_where(version)} shows the lock {version.lock}, not {lock}")
    return lock_longer(vault, version, lock)


def lock_longer(vault: Vault, version: StoredVersion, lock: Lock) -> StoredVersion:
    """*version* as it is once it was given *lock*; LockMissing if it does not show it."""
    try:
        vault.extend_lock(version.bucket, version.key, version.version_id, lock)
    except LockedError as error:
        raise LockMissing(f"{_where(version)} cannot be locked until {lock.until}") from error
    longer = vault.find(version.bucket, version.key, version.version_id)
    if longer is None or longer.lock is None or not longer.lock.covers(lock):
        raise LockMissing(f"{_where(version)} does not show the lock {lock} it was given")
    return longer


def set_legal_hold(vault: Vault, version: StoredVersion, *, on: bool) -> None:
    """See that *version* carries a legal hold, or none; LockMissing if that is not shown then."""
    place = version.bucket, version.key, version.version_id
    if version.legal_hold is not on:
        vault.set_legal_hold(*place, on=on)
        found = vault.find(*place)
        if found is None or found.legal_hold is not on:
            shows = "none" if on else "one all the same"
            raise LockMissing(f"{_where(version)} shows {shows} after a legal hold was set {on=}")


def see_same(vault: Vault, version: StoredVersion, wanted: Bytes) -> None:
    """Read *version* back whole; DigestMismatch unless it is the *wanted* bytes."""
    found = see_bytes(vault, version, wanted)
    if found != wanted.digests:
        raise DigestMismatch(
            f"{_where(version)} reads back with digest {found} where {wanted.digests} is on record:"
            " SHA-256 agrees, and SM3 does not"
        )


def see_bytes(vault: Vault, version: StoredVersion, wanted: Bytes) -> Digests:
    """Read *version* back whole; its digests, of the kinds that *wanted* has.

    DigestMismatch unless size and SHA-256 are as wanted; what the others say is for the caller.
    """
    state = Hashing(maker_for(wanted.digests))
    for block in vault.read(version.bucket, version.key, version.version_id):
        state.update(block)
    if (state.sha256, state.size) != (wanted.sha256, wanted.size):
        raise DigestMismatch(
            f"{_where(version)} reads back as {state.size} bytes {state.sha256}"
            f" where {wanted.size} bytes {wanted.sha256} were sent"
        )
    return state.digests


def keep_manifest(vault: Vault, agency: str, manifest: Manifest, lock: Lock) -> Sha256:
    """Store the clip's *manifest*; its digest.  As :func:`keep_record`."""
    return keep_record(vault, manifest.key(agency), manifest.to_bytes(), lock)


def find_manifest(vault: Vault, agency: str, clip: str, sha256: Sha256) -> StoredVersion | None:
    """The version of the manifest of *clip* that has the digest *sha256*; None if none has.

    What lies over it in the same place changes nothing.
    """
    key = Manifest.key_of(agency, clip)
    for version in vault.versions(Bucket.RECORDS, key):
        if version.key == key:
            with suppress(DigestMismatch):  # it ends short: another may be right
                blocks = vault.read(version.bucket, version.key, version.version_id)
                if Sha256.of_blocks(blocks) == sha256:
                    return vault.find(version.bucket, version.key, version.version_id)
    return None


def keep_record(
    vault: Vault, key: str, data: bytes, lock: Lock, content_type: str = "application/json"
) -> Sha256:
    """Store *data* at *key* of the records under *lock*, see it there; its digest.

    Safe to repeat with the same data; DigestMismatch if others lie in their place.
    """
    try:
        version = vault.put(
            Bucket.RECORDS,
            key,
            data,
            lock=lock,
            create_only=True,
            content_type=content_type,
        )
    except AlreadyStored:
        found = vault.find(Bucket.RECORDS, key)
        if found is None:
            raise DigestMismatch(f"records/{key} exists and cannot be found") from None
        version = found
    digest = Sha256.of(data)
    see_same(vault, see_locked(vault, version, lock), Bytes(sha256=digest, size=len(data)))
    return digest


def _where(version: StoredVersion) -> str:
    return f"{version.bucket.value}/{version.key} version {version.version_id}"
