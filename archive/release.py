"""Release: the archive vouches for its copy anew, so that a camera may forget.

The whole journey is in ``docs/release.md``; the archive's part of it:

1. The version that ``archive.verified`` named is found, its lock read back.
2. The whole of it is read back and hashed.
3. Everything passes the durability barrier.
4. The ``release.grant`` entry says so, for this one station and question.

What fails is on record as ``release.refuse``, and the station erases nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import datetime

from archive import originals
from archive.catalogue import releases
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.releases import Grant, Held
from archive.intake import Intake
from archive.originals import Bytes
from evidence.clock import Clock
from evidence.erase_proof import LEAST_LOCK
from evidence.errors import (
    DigestMismatch,
    EvidenceError,
    IntegrityError,
    LockMissing,
    NotKnown,
    VaultUnreachable,
)
from evidence.vault import Bucket, LockMode, StoredVersion, Vault
from evidence.wire import ReleaseGranted, ReleaseWanted

#: Read-backs at the same time: each keeps a core and a disk busy.
READ_BACKS = 1
MOST_TRIES = 3
"""Reads in a row that fail before a version counts as unreadable."""

_REASONS: dict[type[IntegrityError], str] = {
    NotKnown: "missing",
    LockMissing: "lock",
    DigestMismatch: "digest",
}
_log = logging.getLogger(__name__)


class Releases:
    """The archive's answer to stations that want to erase."""

    def __init__(self, catalogue: Catalogue, vault: Vault, clock: Clock, intake: Intake) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._clock = clock
        self._intake = intake
        self._unreadable: Counter[str] = Counter()
        self._reading = asyncio.Semaphore(READ_BACKS)

    async def grant(self, station: str, clip: str, wanted: ReleaseWanted) -> ReleaseGranted:
        """Vouch for the copy of *clip* as it is now; safe to repeat, each time on record.

        NotKnown, LockMissing or DigestMismatch, on record, if the copy is not what it must be;
        IntakeStopped or ClockWrong where nothing would be taken in either.
        """
        await self._intake.must_be_open()
        held = await self._catalogue.run(releases.held, station, clip)
        try:
            async with self._reading:
                version = await asyncio.to_thread(self._see, held)
                durability = await asyncio.to_thread(self._vault.barrier)
        except (NotKnown, LockMissing, DigestMismatch) as error:
            _log.error("no release of clip %s: %s", clip, error)
            await self._catalogue.run(releases.refuse, station, held, _REASONS[type(error)])
            raise
        await self._intake.must_be_open()  # reading back may have taken hours
        given = Grant(
            station=station,
            challenge=wanted.challenge,
            held=held,
            version=version,
            durability=durability,
        )
        entry, text = await self._catalogue.run(releases.grant, given)
        return ReleaseGranted(clip=clip, entry=entry, entry_text=text)

    def _see(self, held: Held) -> StoredVersion:
        """The lock first: bytes that were read while locked cannot be gone afterwards."""
        found = self._vault.find(Bucket.ORIGINALS, held.key, held.version_id)
        if found is None:
            raise NotKnown(
                f"originals/{held.key} has no version {held.version_id} any more",
                advice="Do not clear any camera; tell the evidence clerk at once.",
            )
        _see_lock(found, self._clock.now())
        try:
            originals.see_same(
                self._vault,
                found,
                Bytes.of(held.digests, held.size),
            )
        except VaultUnreachable as error:
            raise self._not_read(held, error) from error
        self._unreadable.pop(held.version_id, None)
        return found

    def _not_read(self, held: Held, error: VaultUnreachable) -> EvidenceError:
        """*error*, or after some tries what it means: the store shows the version and not a byte.

        Stores answer a rotten object with a server error, as they do when they are busy.
        """
        self._unreadable[held.version_id] += 1
        if self._unreadable[held.version_id] < MOST_TRIES:
            return error
        return DigestMismatch(
            f"originals/{held.key} version {held.version_id} is there and cannot be read: {error}"
        )


def _see_lock(found: StoredVersion, now: datetime) -> None:
    """LockMissing unless the lock outlasts what an erase proof asks for."""
    lock, where = found.lock, f"originals/{found.key} version {found.version_id}"
    if lock is None or lock.mode is not LockMode.COMPLIANCE:
        raise LockMissing(f"{where} shows the lock {lock}, where COMPLIANCE is wanted")
    if lock.until < now + LEAST_LOCK:
        raise LockMissing(f"{where} is locked until {lock.until} only, less than {LEAST_LOCK}")
