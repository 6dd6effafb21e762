"""The canary: proof, on the live store, that it keeps what it promises.

Stores have shipped versions that accepted a lock and deleted anyway, so at every start a small
object is locked for two minutes and everything evidence forbids is tried on it.  A store that lets
one of these acts pass is refused; nothing is believed from documentation.
"""

from __future__ import annotations

import email.utils
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from evidence.clock import Clock
from evidence.digest import Sha256
from evidence.errors import LockMissing, VaultUnfit, VaultUnreachable
from evidence.vault import Bucket, Lock, LockedError, LockMode, SignedRequest, StoredVersion
from evidence.vault.holder import Answer, send
from evidence.vault.s3 import S3Vault
from evidence.vault.s3_refusals import Attempt

CANARIES = ".canary/"
"""Key prefix, among originals, of what the probe leaves behind; it is no evidence."""

_LOCK = timedelta(seconds=120)
_SHORTER = timedelta(seconds=60)
_SKEW = 60.0
_TROUBLE, _TOO_MANY = 500, 429
_VALID = 60
_BYTES = b"evidock canary: nobody may delete this before its time"
_OTHER_BYTES = _BYTES[::-1]


Tried = TypeVar("Tried", Answer, Attempt)


class Check(StrEnum):
    """What a store must show before it may hold evidence."""

    CLOCK_AGREES = "clock-agrees"
    """Its clock and ours differ by less than a minute, or locks would end at the wrong time."""
    WRONG_DIGEST_REFUSED = "wrong-digest-refused"
    """Bytes that do not have the announced SHA-256 are not stored."""
    LOCK_AND_DIGEST_KEPT = "lock-and-digest-kept"
    """Lock and SHA-256 read back by version id are those that were sent."""
    ENCRYPTED = "encrypted"
    """Where the store is to encrypt: its answers to a signed PUT, and to who asks, tell that."""
    CREATE_ONLY_KEPT = "create-only-kept"
    """A second create-only write of a key is refused."""
    ANONYMOUS_READ_REFUSED = "anonymous-read-refused"
    """Nobody reads without a credential."""
    LEGAL_HOLD_KEPT = "legal-hold-kept"
    """A legal hold that was put on reads back by version id, and so does its lifting."""
    DELETE_REFUSED = "delete-refused"
    """A locked version cannot be deleted, with or without the bypass header."""
    SHORTEN_REFUSED = "shorten-refused"
    """A COMPLIANCE lock cannot be shortened."""
    DOWNGRADE_REFUSED = "downgrade-refused"
    """A COMPLIANCE lock cannot be turned into one that may be bypassed."""
    VERSIONING_STAYS_ON = "versioning-stays-on"
    """Versioning cannot be suspended."""
    STILL_INTACT = "still-intact"
    """After all of this the version is there, byte for byte, under its lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """A passed probe.  A failed one raises VaultUnfit instead."""

    proven: tuple[Check, ...]
    tried_as_root: bool
    """Whether the forbidden acts were also tried with the store's most powerful identity."""
    skew_seconds: float
    """The store's clock minus ours, to the second."""
    canary: StoredVersion


def prove(archive: S3Vault, root: S3Vault | None, clock: Clock) -> ProbeReport:
    """Try on the store all that evidence forbids, as the *archive* and, where given, as *root*.

    Leaves one locked object behind, which a later probe removes once its lock has ended.  Takes
    under 3 s.  Raises VaultUnfit naming the failed check, VaultUnreachable if there is no answer.
    """
    probe = _Probe(archive, clock)
    skew = probe.clock_agrees()
    probe.wrong_digest_refused()
    canary = probe.lock_and_digest_kept()
    probe.create_only_kept()
    probe.anonymous_read_refused()
    probe.legal_hold_kept(canary)
    for identity in (archive, root):
        if identity is not None:
            probe.forbidden_acts_refused(identity, canary)
    probe.still_intact(canary)
    _remove_expired(archive, clock.now())
    return ProbeReport(
        proven=tuple(Check), tried_as_root=root is not None, skew_seconds=skew, canary=canary
    )


class _Probe:
    """One canary and the attempts on it."""

    def __init__(self, archive: S3Vault, clock: Clock) -> None:
        self._archive = archive
        self._clock = clock
        until = clock.now() + _LOCK
        self._lock = Lock(mode=LockMode.COMPLIANCE, until=until).whole()
        self._key = f"{CANARIES}{int(until.timestamp())}-{secrets.token_hex(8)}"
        self._write = self._sign(self._key)

    def clock_agrees(self) -> float:
        answer = self._send(_without_credential(self._write, "GET"))
        said = answer.headers.get("date")
        try:
            theirs = email.utils.parsedate_to_datetime(said or "").astimezone(UTC)
        except (ValueError, OverflowError):
            saw = f"the store's answers carry no Date (RFC 9110), but {said!r}"
            raise self._unfit(Check.CLOCK_AGREES, saw) from None
        skew = round((theirs - self._clock.now()).total_seconds())
        self._demand(
            Check.CLOCK_AGREES, abs(skew) < _SKEW, f"the store's clock is {skew} s from ours"
        )
        return float(skew)

    def wrong_digest_refused(self) -> None:
        key = f"{self._key}-wrong"
        answer = self._send(self._sign(key), _OTHER_BYTES)
        stored = self._archive.find(Bucket.ORIGINALS, key)
        self._demand(
            Check.WRONG_DIGEST_REFUSED,
            stored is None and 400 <= answer.status < 500,  # noqa: PLR2004  RFC 9110: refused
            f"bytes with another SHA-256 were answered with {answer.status}",
        )

    def lock_and_digest_kept(self) -> StoredVersion:
        answer = self._send(self._write, _BYTES)
        stored = self._encrypted(answer)
        if stored is None or not self._kept(stored):
            saw = f"a signed PUT was answered with {answer.status} and reads back as {stored}"
            raise self._unfit(Check.LOCK_AND_DIGEST_KEPT, saw)
        return stored

    def _encrypted(self, answer: Answer) -> StoredVersion | None:
        """The canary as it was stored by a request that was answered so."""
        asked = self._archive.settings.encryption
        told = answer.headers.get("x-amz-server-side-encryption")
        if asked is not None and answer.status == 200:  # noqa: PLR2004  else another check fails
            saw = f"a signed PUT that asks for {asked.algorithm} was answered with {told}"
            self._demand(Check.ENCRYPTED, told == asked.algorithm, saw)
        try:
            return self._archive.find(Bucket.ORIGINALS, self._key)
        except VaultUnfit as error:
            raise self._unfit(Check.ENCRYPTED, str(error)) from error

    def create_only_kept(self) -> None:
        status = self._send(self._write, _BYTES).status
        saw = f"a second create-only PUT of a key was answered with {status}, not 412"
        self._demand(Check.CREATE_ONLY_KEPT, status == 412, saw)  # noqa: PLR2004  RFC 9110

    def anonymous_read_refused(self) -> None:
        status = self._send(_without_credential(self._write, "GET")).status
        saw = f"a GET without credential was answered with {status}"
        self._demand(Check.ANONYMOUS_READ_REFUSED, status in {401, 403}, saw)

    def legal_hold_kept(self, canary: StoredVersion) -> None:
        place = canary.bucket, canary.key, canary.version_id
        for on in (True, False):
            try:
                self._archive.set_legal_hold(*place, on=on)
            except LockMissing as error:
                raise self._unfit(Check.LEGAL_HOLD_KEPT, str(error)) from error
            found = self._archive.find(*place)
            saw = f"after a legal hold was set {on=} it shows {found}"
            holds = found is not None and found.legal_hold is on
            self._demand(Check.LEGAL_HOLD_KEPT, holds, saw)

    def forbidden_acts_refused(self, identity: S3Vault, canary: StoredVersion) -> None:
        named = {"Key": canary.key, "VersionId": canary.version_id}
        bypass = {**named, "BypassGovernanceRetention": True}
        shorter = _retention(LockMode.COMPLIANCE, self._lock.until - _SHORTER)
        weaker = _retention(LockMode.GOVERNANCE, self._lock.until)
        acts: tuple[tuple[Check, str, Mapping[str, object]], ...] = (
            (Check.DELETE_REFUSED, "delete_object", named),
            (Check.DELETE_REFUSED, "delete_object", bypass),
            (Check.SHORTEN_REFUSED, "put_object_retention", {**bypass, "Retention": shorter}),
            (Check.DOWNGRADE_REFUSED, "put_object_retention", {**bypass, "Retention": weaker}),
        )
        for check, operation, parameters in acts:
            answer = _answered(identity.attempt(operation, Bucket.ORIGINALS, **parameters))
            saw = f"{operation} as {_who(identity)} was answered with {answer.status} {answer.code}"
            self._demand(check, answer.refused, saw)
        self._versioning_stays_on(identity)

    def still_intact(self, canary: StoredVersion) -> None:
        found = self._archive.find(canary.bucket, canary.key, canary.version_id)
        self._demand(Check.STILL_INTACT, found == canary, f"{canary} became {found}")
        read = b"".join(self._archive.read(canary.bucket, canary.key, canary.version_id))
        self._demand(Check.STILL_INTACT, read == _BYTES, "the canary's bytes are others now")

    def _versioning_stays_on(self, identity: S3Vault) -> None:
        state = {"VersioningConfiguration": {"Status": "Suspended"}}
        answer = _answered(identity.attempt("put_bucket_versioning", Bucket.ORIGINALS, **state))
        if not answer.refused:  # leave the store no worse than we found it
            state = {"VersioningConfiguration": {"Status": "Enabled"}}
            identity.attempt("put_bucket_versioning", Bucket.ORIGINALS, **state)
        saw = f"versioning could be suspended as {_who(identity)}: {answer.status}"
        self._demand(Check.VERSIONING_STAYS_ON, answer.refused, saw)

    def _sign(self, key: str) -> SignedRequest:
        return self._archive.sign_put(
            Bucket.ORIGINALS,
            key,
            size=len(_BYTES),
            sha256=Sha256.of(_BYTES),
            lock=self._lock,
            create_only=True,
            content_type="text/plain",
            seconds=_VALID,
        )

    def _send(self, request: SignedRequest, body: bytes = b"") -> Answer:
        return _answered(send(request, body, ca_file=self._archive.settings.ca_file))

    def _kept(self, stored: StoredVersion) -> bool:
        locked = stored.lock is not None and stored.lock.covers(self._lock)
        return locked and stored.sha256 == Sha256.of(_BYTES)

    def _demand(self, check: Check, holds: bool, saw: str) -> None:  # noqa: FBT001  a verdict
        if not holds:
            raise self._unfit(check, saw)

    def _unfit(self, check: Check, saw: str) -> VaultUnfit:
        endpoint = self._archive.settings.endpoint
        return VaultUnfit(f"the store at {endpoint} failed the check {check.value}: {saw}")


def _answered(answer: Tried) -> Tried:
    """*answer*, if it is a verdict: a store in trouble (5xx), or too busy (429), gives none."""
    if answer.status >= _TROUBLE or answer.status == _TOO_MANY:
        raise VaultUnreachable(f"the store answered the probe with {answer.status}")
    return answer


def _remove_expired(archive: S3Vault, now: datetime) -> None:
    """Remove what earlier probes left, as far as its lock has ended."""
    for old in archive.versions(Bucket.ORIGINALS, CANARIES):
        until = old.key.removeprefix(CANARIES).partition("-")[0]
        if until.isdecimal() and int(until) < now.timestamp() - _SKEW:
            place = old.bucket, old.key, old.version_id
            with suppress(LockedError, LockMissing):  # its clock is behind ours: the next probe's
                archive.set_legal_hold(*place, on=False)  # of a probe that was cut off
                archive.delete_version(*place)


def _without_credential(request: SignedRequest, method: str) -> SignedRequest:
    bare = urlunsplit(urlsplit(request.url)._replace(query=""))
    return replace(request, method=method, url=bare, headers={})


def _retention(mode: LockMode, until: datetime) -> dict[str, object]:
    return {"Mode": mode.value, "RetainUntilDate": until}


def _who(identity: S3Vault) -> str:
    return identity.settings.access_key
