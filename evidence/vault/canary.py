"""The daily canary: what a store promised yesterday, does it still keep today?

The probe at the start (:mod:`evidence.vault.probe`) speaks S3 and tries what an attacker would; the
canary asks the vault's own verbs, which every clip goes through.  Each day a small object is locked
and looked at, all that a lock forbids is tried on it, and yesterday's must still be there.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, LockMissing, VaultUnfit
from evidence.vault import AlreadyStored, Bucket, Lock, LockedError, LockMode, Vault
from evidence.vault.probe import CANARIES, Check

_HALF_AN_HOUR = timedelta(minutes=30)


def _nothing_more() -> None:
    """The canary is all there is to prove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A canary that the vault promised to keep."""

    key: str
    version_id: str
    sha256: Sha256
    lock: Lock


class Canary:
    """Proves *vault* again and again; all of it blocks.

    *probe* is what else to prove from the second time on: who opened the vault has just done it.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        every: timedelta,
        probe: Callable[[], object] = _nothing_more,
    ) -> None:
        self.every = every
        self._vault = vault
        self._clock = clock
        self._probe = probe
        self._proven = False
        self.kept: Kept | None = None
        """The canary of the cycle before; whoever starts anew says which it was."""

    def prove(self) -> Kept:
        """Today's canary, once everything held; it stays locked over the next two cycles.

        VaultUnfit names what does not hold and where; VaultUnreachable if nothing answers.
        """
        if self._proven:
            self._probe()
        if self.kept is not None and self.kept.lock.until > self._clock.now():
            self._see_intact(self.kept, Check.STILL_INTACT, "the canary of the cycle before")
        data = secrets.token_bytes(64)
        until = self._clock.now() + 2 * self.every + _HALF_AN_HOUR
        lock = Lock(mode=LockMode.COMPLIANCE, until=until).whole()
        key = f"{CANARIES}{int(lock.until.timestamp())}-{secrets.token_hex(8)}"
        kept = self._stored(key, data, lock)
        self._see_intact(kept, Check.LOCK_AND_DIGEST_KEPT, "what was just acknowledged")
        self._see_refused(kept, data)
        self._see_holds(kept)
        self._see_intact(kept, Check.STILL_INTACT, "after all that is forbidden was tried")
        self._vault.barrier()  # a canary that a power cut takes would tell of a store that lies
        self.kept, self._proven = kept, True
        return kept

    def _stored(self, key: str, data: bytes, lock: Lock) -> Kept:
        try:
            stored = self._vault.put(Bucket.ORIGINALS, key, data, lock=lock, create_only=True)
        except AlreadyStored:
            saw = f"{_at(key)} was never written, and is said to be stored already"
            raise VaultUnfit(_failed(Check.CREATE_ONLY_KEPT, saw)) from None
        except VaultUnfit as error:
            raise VaultUnfit(_failed(Check.ENCRYPTED, str(error))) from error
        except (LockMissing, DigestMismatch) as error:
            raise VaultUnfit(_failed(Check.LOCK_AND_DIGEST_KEPT, str(error))) from error
        if stored.lock is None or not stored.lock.covers(lock):
            saw = f"{_at(key)} was stored under {lock}, and shows {stored.lock}"
            raise VaultUnfit(_failed(Check.LOCK_AND_DIGEST_KEPT, saw))
        version = stored.version_id
        return Kept(key=key, version_id=version, sha256=Sha256.of(data), lock=lock)

    def _see_refused(self, kept: Kept, data: bytes) -> None:
        """All that a lock forbids is refused."""
        bucket, key, version, lock = Bucket.ORIGINALS, kept.key, kept.version_id, kept.lock
        shorter = Lock(mode=lock.mode, until=lock.until - timedelta(minutes=1))
        weaker = Lock(mode=LockMode.GOVERNANCE, until=lock.until + timedelta(minutes=1))
        vault, locked = self._vault, (LockedError, LockMissing)
        attempts: tuple[tuple[Check, type[Exception] | tuple[type[Exception], ...], Act], ...] = (
            (
                Check.CREATE_ONLY_KEPT,
                AlreadyStored,
                lambda: vault.put(bucket, key, data, lock=lock, create_only=True),
            ),
            (
                Check.SHORTEN_REFUSED,
                locked,
                lambda: vault.extend_lock(bucket, key, version, shorter),
            ),
            (
                Check.DOWNGRADE_REFUSED,
                locked,
                lambda: vault.extend_lock(bucket, key, version, weaker),
            ),
            (Check.DELETE_REFUSED, locked, lambda: vault.delete_version(bucket, key, version)),
        )
        for check, refusal, act in attempts:
            try:
                act()
            except refusal:
                continue
            raise VaultUnfit(_failed(check, f"{_at(key)} version {version}: it was not refused"))

    def _see_holds(self, kept: Kept) -> None:
        """A legal hold is kept, and so is its lifting; the probe lifts one that is left behind."""
        place, check = (Bucket.ORIGINALS, kept.key, kept.version_id), Check.LEGAL_HOLD_KEPT
        for on in (True, False):
            try:
                self._vault.set_legal_hold(*place, on=on)
            except LockMissing as error:
                raise VaultUnfit(_failed(check, str(error))) from error
            found = self._vault.find(*place)
            if found is None or found.legal_hold is not on:
                saw = f"{_at(kept.key)} shows {found} after a legal hold was set {on=}"
                raise VaultUnfit(_failed(check, saw))

    def _see_intact(self, kept: Kept, check: Check, what: str) -> None:
        bucket, key, version = Bucket.ORIGINALS, kept.key, kept.version_id
        where = f"{what}, {_at(key)} version {version},"
        found = self._vault.find(bucket, key, version)
        if found is None:
            raise VaultUnfit(_failed(check, f"{where} is not there"))
        if found.lock is None or not found.lock.covers(kept.lock):
            saw = f"{where} shows the lock {found.lock}, not {kept.lock}"
            raise VaultUnfit(_failed(check, saw))
        try:
            held = Sha256.of_blocks(self._vault.read(bucket, key, version))
        except DigestMismatch as error:
            raise VaultUnfit(_failed(check, f"{where} cannot be read: {error}")) from error
        if (held, found.version_id) != (kept.sha256, version):
            raise VaultUnfit(_failed(check, f"{where} reads back as other bytes"))


Act = Callable[[], object]
"""Something a good store refuses."""


def _at(key: str) -> str:
    return f"{Bucket.ORIGINALS.value}/{key}"


def _failed(check: Check, saw: str) -> str:
    return f"the vault failed the check {check.value} of its canary: {saw}"
