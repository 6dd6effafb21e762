"""The renewer: every version that a rule, case or hold needs stays locked (``DESIGN.md`` 4).

One walk, several times a day:

1. each clip whose lease ends soon though it is needed gets the next one: its original, by the
   version on record, and its manifest; both locks are read back;
2. what was locked passes the durability barrier;
3. entries and rows say so, in one transaction;
4. the records that the log stands on (full tiles, censuses, what opens exports, time stamps, and
   documents and dossiers that are on record) are renewed for ever;
5. one entry says how all leases stand.  Where it is missing, the renewer is dead: witnesses see it.

Every step is safe to repeat, and a lock never becomes shorter.  A lease that lapsed deletes nothing
and is renewed like any other.  While the clock cannot be right nothing is locked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive import originals
from archive.catalogue import fixities, leases, rounds
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.filed import on_record
from archive.catalogue.leases import Lease, Walk
from archive.catalogue.moves import Which
from archive.fixity import Component, Step
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock, stamp
from evidence.errors import EvidenceError, LockMissing, TemporaryError
from evidence.retention import FOR_EVER, is_due, next_lease
from evidence.vault import Bucket, Lock, LockMode, StoredVersion, Vault

EVERY = timedelta(hours=6)
"""Between two walks."""
LATE_AFTER = timedelta(hours=26)
"""After so long without a walk somebody has to look."""
AT_ONCE = 100
"""Clips that are locked before entries say so."""
LOOK_AGAIN = 60.0

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Renewer:
    """Keeps the locks of one *agency*'s versions ahead of their need, by leases of *length*."""

    catalogue: Catalogue
    vault: Vault
    clock: Clock
    watch: ClockWatch
    agency: str
    length: timedelta
    work: Supervised = field(init=False)
    _failed: dict[str, str] = field(default_factory=dict)
    """Clip -> why its lease could not be renewed at the last walk."""
    _records: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    """Key and version of a record -> when its lock ends; None: it has none."""
    _began: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.work = Supervised("leases", self._step, self.clock)
        self._began = self.clock.now()

    async def problems(self) -> list[str]:
        """What could not be renewed at the last walk, and whether a walk is overdue."""
        found = [f"lease of clip {clip}: {why}" for clip, why in sorted(self._failed.items())]
        last = await self.catalogue.run(leases.last_walk) or self._began
        if self.clock.now() - last > LATE_AFTER:
            found.append(f"leases: the last walk was at {stamp(last)}; nothing is renewed since")
        return found

    async def walk_now(self) -> Walk:
        """Renew every lease that is due.  ClockWrong or VaultUnreachable if nothing can be done."""
        self.watch.must_be_right(await self.catalogue.run(fixities.last_archived))
        now = self.clock.now()
        failed: dict[str, str] = {}
        renewed, last = 0, None
        while part := await self.catalogue.run(leases.due, now, last, AT_ONCE):
            done, wrong = await asyncio.to_thread(self._lock_all, part, now)
            await self.catalogue.run(leases.renewed, done)
            for clip in wrong:
                told = Which.FIRST, clip, int(Step.ORIGINALS), Component.LOCK.value
                await self.catalogue.run(rounds.failed, *told)
            failed |= wrong
            renewed, last = renewed + len(done), part[-1]
        self._failed = failed
        records = await self._renew_records(now)
        walk = Walk(renewed=renewed, failed=len(failed), records=records)
        await self.catalogue.run(leases.walked, walk)
        return walk

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        last = await self.catalogue.run(leases.last_walk)
        if last is None or not timedelta(0) <= self.clock.now() - last < EVERY:
            await self.walk_now()

    def _lock_all(
        self, part: Sequence[Lease], now: datetime
    ) -> tuple[list[tuple[Lease, Lock]], dict[str, str]]:
        """Those that are locked for longer now, durably; and by clip what is wrong with the others.

        A store that does not answer at all ends the walk: the next one begins here again.
        """
        done: list[tuple[Lease, Lock]] = []
        wrong: dict[str, str] = {}
        for lease in part:
            try:
                done.append((lease, self._lock(lease, now)))
            except TemporaryError:
                raise
            except EvidenceError as error:
                _log.critical("the lease of clip %s was not renewed: %s", lease.clip, error)
                wrong[lease.clip] = str(error)
        self.vault.barrier()
        return done, wrong

    def _lock(self, lease: Lease, now: datetime) -> Lock:
        """Original and manifest locked for the next lease; the original's lock as read back.

        LockMissing if they are not, or if the original was locked for less than is on record: then
        it is locked all the same.
        """
        until = next_lease(lease.lock_until, lease.needed_until, now, self.length)
        wanted = Lock(mode=LockMode.COMPLIANCE, until=until)
        original = self.vault.find(Bucket.ORIGINALS, lease.key, lease.version_id)
        if original is None:
            raise LockMissing(f"its original {lease.key} version {lease.version_id} is not there")
        manifest = originals.find_manifest(self.vault, self.agency, lease.clip, lease.manifest)
        if manifest is None:
            raise LockMissing("its manifest is not there, or not the one on record")
        held = self._locked(original, wanted)
        self._locked(manifest, wanted)
        on_record = Lock(mode=LockMode.COMPLIANCE, until=lease.lock_until)
        if on_record.until > now and not (original.lock and original.lock.covers(on_record)):
            raise LockMissing(
                f"its original showed the lock {original.lock}, not {on_record} as on record; it is"
                f" locked until {stamp(held.until)} now"
            )
        return held

    async def _renew_records(self, now: datetime) -> int:
        """Renew the leases of records that belong to no clip; how many it were.

        A document, or a version of a dossier, that was stored and is on no record was refused, or
        its act was cut off: nothing needs its lock.
        """
        due = await asyncio.to_thread(self._due_records, now)
        filed = {v.key: originals.filed_digest(self.agency, v.key) for v in due}
        named = {digest for digest in filed.values() if digest is not None}
        known = {None, *await self.catalogue.run(on_record, named)}
        wanted = [version for version in due if filed[version.key] in known]
        return await asyncio.to_thread(self._lock_records, wanted, now)

    def _due_records(self, now: datetime) -> list[StoredVersion]:
        """Those whose lease ends soon.

        What has no lock (checkpoints, partial tiles, openings) was meant to have none; whether
        something lost its lock is for fsck to say, which knows what each must have.
        """
        clips, due = f"{self.agency}/manifests/", list[StoredVersion]()
        seen: dict[tuple[str, str], datetime | None] = {}
        for version in self.vault.versions(Bucket.RECORDS):
            if version.key.startswith(clips):
                continue
            place = version.key, version.version_id
            until = self._records[place] if place in self._records else self._until(version)
            if until is not None and is_due(until, FOR_EVER, now):
                due.append(version)
            seen[place] = until
        self._records = seen
        return due

    def _lock_records(self, due: Sequence[StoredVersion], now: datetime) -> int:
        for version in due:
            place = version.key, version.version_id
            until = self._records[place] or now
            lease = next_lease(until, FOR_EVER, now, self.length)
            wanted = Lock(mode=LockMode.COMPLIANCE, until=lease)
            self._records[place] = self._locked(version, wanted).until
        self.vault.barrier()
        return len(due)

    def _locked(self, version: StoredVersion, wanted: Lock) -> Lock:
        """The lock of *version* as read back, once it covers *wanted*."""
        if version.lock is not None and version.lock.covers(wanted):
            return version.lock
        return originals.lock_longer(self.vault, version, wanted).lock or wanted

    def _until(self, version: StoredVersion) -> datetime | None:
        found = self.vault.find(version.bucket, version.key, version.version_id)
        return None if found is None or found.lock is None else found.lock.until
