"""One object carried from a vault into the other, and read back there.

One rule: nothing is stored under a lock before its bytes were seen to be what the log says, and
nothing counts as stored before it was read back, locked, by its version.  All of it blocks.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from archive.copies import Side
from archive.originals import Bytes, see_locked, see_same
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, EvidenceError, LockMissing, VaultUnreachable
from evidence.vault import Bucket, Lock, PartReceipt, StoredVersion, Vault

PART = 64 << 20
"""Bytes that are held in memory, and sent, at a time."""
_SECONDS = 3600


class Stopped(Exception):
    """Whoever wanted it has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """What is carried."""

    bucket: Bucket
    key: str
    sha256: Sha256
    """By the log."""
    size: int | None = None
    """By the log, if that says so."""
    known: str | None = None
    """The version that it is to be in the vault it is carried from, if that is on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """Carries objects; Stopped soon after *stop* is set."""

    part: int = PART
    stop: threading.Event = field(default_factory=threading.Event)

    def carried(self, source: Side, target: Side, what: Object, lock: Lock) -> StoredVersion | None:
        """*what* as *target* holds it under *lock* now; None if *source* has none that is right.

        DigestMismatch or LockMissing if the target does not keep what it acknowledges;
        VaultUnreachable if one of them answers nothing.
        """
        tried, known = set[str](), self.known(source.vault, what)
        if known is not None:
            stored = self._carry(source.vault, target, known, what, lock)
            if stored is not None:
                return stored
            tried.add(known.version_id)
        right = self.right(source.vault, what, tried)
        return None if right is None else self._carry(source.vault, target, right, what, lock)

    def held(self, vault: Vault, what: Object, lock: Lock) -> StoredVersion | None:
        """A version of *what* in *vault* that is right, and locked as *lock* asks; None if none is.

        A lock that ends too early is made longer.
        """
        tried = set[str]()
        while (found := self.right(vault, what, tried)) is not None:
            with suppress(LockMissing):
                return see_locked(vault, found, lock)
            tried.add(found.version_id)
        return None

    def right(self, vault: Vault, what: Object, tried: set[str]) -> StoredVersion | None:
        """The newest version of *what* that reads back as the log says, but those *tried*."""
        for each in list(vault.versions(what.bucket, what.key)):
            if each.key != what.key or each.version_id in tried:
                continue
            if self._is_right(vault, each, what):
                return self.known(vault, replace(what, known=each.version_id))
        return None

    def known(self, vault: Vault, what: Object) -> StoredVersion | None:
        """The version on record as *vault* shows it, whatever its bytes; None if it does not."""
        if what.known is None:
            return None
        try:
            return vault.find(what.bucket, what.key, what.known)
        except VaultUnreachable:
            see_answers(vault)
            return None

    def _is_right(self, vault: Vault, version: StoredVersion, what: Object) -> bool:
        state, size = hashlib.sha256(), 0
        try:
            for block in self._blocks(vault, version):
                state.update(block)
                size += len(block)
        except _UnreadError:
            return False
        return state.digest() == what.sha256.raw and what.size in (None, size)

    def _carry(
        self, source: Vault, target: Side, version: StoredVersion, what: Object, lock: Lock
    ) -> StoredVersion | None:
        """*version*, if its bytes are those of *what*, stored in *target* and read back."""
        try:
            if version.size <= self.part:
                data = self._whole(source, version, what)
                stored = target.vault.put(what.bucket, what.key, data, lock=lock)
            else:
                stored = self._in_parts(source, target, version, what, lock)
        except _UnreadError:
            return None
        size = version.size if what.size is None else what.size
        return _seen(target.vault, stored, Bytes(sha256=what.sha256, size=size), lock)

    def _whole(self, source: Vault, version: StoredVersion, what: Object) -> bytes:
        parts, size = list[bytes](), 0
        for block in self._blocks(source, version):
            parts.append(block)
            size += len(block)
            if size > self.part:
                raise _UnreadError
        data = b"".join(parts)
        if Sha256.of(data) != what.sha256 or what.size not in (None, size):
            raise _UnreadError
        return data

    def _in_parts(
        self, source: Vault, target: Side, version: StoredVersion, what: Object, lock: Lock
    ) -> StoredVersion:
        vault = target.vault
        upload = vault.start_parts(what.bucket, what.key, lock=lock)
        try:
            parts = self._sent(source, target, version, what, upload)
        except BaseException:
            with suppress(EvidenceError):  # what went wrong first is what is told
                vault.abandon_parts(what.bucket, what.key, upload)
            raise
        return vault.finish_parts(what.bucket, what.key, upload, parts, lock=lock)

    def _sent(
        self, source: Vault, target: Side, version: StoredVersion, what: Object, upload: str
    ) -> list[PartReceipt]:
        """Every part sent; as :meth:`_blocks`, also if together they are not *what*."""
        state, parts, size = hashlib.sha256(), list[PartReceipt](), 0
        for data in _cut(self._blocks(source, version), self.part):
            state.update(data)
            size += len(data)
            parts.append(_send_part(target, what, upload, len(parts) + 1, data))
        if state.digest() != what.sha256.raw or what.size not in (None, size):
            raise _UnreadError
        return parts

    def _blocks(self, vault: Vault, version: StoredVersion) -> Iterator[bytes]:
        """The bytes of *version*; _UnreadError if its store answers and cannot give them."""
        try:
            for block in vault.read(version.bucket, version.key, version.version_id):
                if self.stop.is_set():
                    raise Stopped
                yield block
        except (DigestMismatch, VaultUnreachable) as error:
            see_answers(vault)
            raise _UnreadError from error


class _UnreadError(Exception):
    """These bytes are not to be had, or are not what the log says."""


def see_answers(vault: Vault) -> None:
    """Return if *vault* answers at all; VaultUnreachable if not."""
    next(vault.versions(Bucket.RECORDS), None)


def _cut(blocks: Iterator[bytes], part: int) -> Iterator[bytes]:
    """*blocks* in pieces of *part* bytes, the last one shorter."""
    held = bytearray()
    for block in blocks:
        held += block
        while len(held) >= part:
            yield bytes(held[:part])
            del held[:part]
    if held:
        yield bytes(held)


def _send_part(target: Side, what: Object, upload: str, number: int, data: bytes) -> PartReceipt:
    sha256 = Sha256.of(data)
    request = target.vault.sign_part(
        what.bucket,
        what.key,
        upload,
        number=number,
        size=len(data),
        sha256=sha256,
        seconds=_SECONDS,
    )
    answer = target.send(request, data)
    if answer.status != HTTPStatus.OK:
        where = f"part {number} of {what.bucket.value}/{what.key}"
        raise VaultUnreachable(f"{where} was answered with {answer.status}")
    return PartReceipt(number=number, etag=answer.headers["etag"], sha256=sha256)


def _seen(vault: Vault, stored: StoredVersion, what: Bytes, lock: Lock) -> StoredVersion:
    """*stored* as the store shows it: locked first, since what is locked cannot go while read."""
    found = vault.find(stored.bucket, stored.key, stored.version_id)
    if found is None:
        where = f"{stored.bucket.value}/{stored.key} version {stored.version_id}"
        raise DigestMismatch(f"{where} was acknowledged and is not there")
    found = see_locked(vault, found, lock)
    see_same(vault, found, what)
    return found
