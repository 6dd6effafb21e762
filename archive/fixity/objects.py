"""Steps 6 to 8: objects in the vault, held against the entries that name them.

The bytes decide, and our own SHA-256 of them: a store that answers with an error may hide damage
(the embedded one does so for a flipped bit), so an object that cannot be read while its store
answers is a finding, too.  All functions block on the store.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from archive.fixity import Component, Finding, Step
from archive.fixity.pace import Pace
from archive.originals import original_key
from evidence.clock import unstamp
from evidence.digest import Sha256
from evidence.digests import Digests, Hashing, Maker, digests_of, maker_for
from evidence.errors import DigestMismatch, InColdStorage, VaultUnreachable
from evidence.manifest import Manifest
from evidence.vault import Bucket, Lock, LockMode, StoredVersion, Vault

PAUSES = (0.5, 1.0)
"""Seconds before an object that could not be read is tried again."""
_NO_HOLD = "shows no legal hold, though it carries one by the record"
_A_HOLD = "shows a legal hold, and carries none by the record"
AnswerT = TypeVar("AnswerT")


class Stopped(Exception):
    """Whoever wanted to know has gone: the rest was not looked at."""


@dataclass(frozen=True, slots=True)
class Unread:
    """The store answers, and this it cannot give."""

    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """What shows a legal hold, of which the entries about its clip tell nothing."""

    clip: str
    version: str | None
    """Of the original; None: it is the manifest."""
    finding: Finding
    """What is to be told, unless another clip explains it."""


@dataclass(slots=True, kw_only=True)
class Objects:
    """Looks at the objects of clips; each is read once, however many clips share it.

    Everything raises Stopped soon after *stop* is set, VaultUnreachable if the store answers
    nothing at all, and SetupError if an entry has an SM3 and no library here can compare it.
    """

    vault: Vault
    agency: str
    pauses: Sequence[float] = PAUSES
    also: Maker | None = None
    """Takes SM3 of originals of which no entry tells one, too: :attr:`taken`."""
    stop: threading.Event = field(default_factory=threading.Event)
    pace: Pace | None = None
    read: int = 0
    """Bytes of those originals and derived objects that were read back to their end."""
    taken: dict[str, Digests] = field(default_factory=dict)
    """Clip -> what its original hashes to, where more was taken than entries tell."""
    carrying: list[Carrying] = field(default_factory=list)
    """For :mod:`archive.fixity.surplus`."""
    _seen: dict[tuple[str, str, bool], tuple[Digests, int] | Unread] = field(default_factory=dict)
    """Key and version of an original, with SM3 or not -> digests and size as read back."""

    def original(self, clip: str, archived: Mapping[str, object]) -> list[Finding]:
        """Step 7: the original that ``archive.verified`` names."""
        digests = Digests.from_wire(archived["digests"])
        wanted = _Wanted(
            key=original_key(self.agency, digests.sha256),
            version_id=str(archived["version"]),
            digests=digests,
            size=int(str(archived["size"])),
            lock=_lock(archived),
            of=clip,
        )
        found = self._find(Bucket.ORIGINALS, wanted.key, wanted.version_id)
        if isinstance(found, Unread):
            return [wanted.finding(Component.ORIGINAL, found.problem)]
        if found is None:
            return [wanted.finding(Component.ORIGINAL, "is missing")]
        is_held = archived.get("held_version") == wanted.version_id
        findings = wanted.unlocked(found, held=is_held)
        if found.legal_hold and not is_held:
            told = wanted.finding(Component.LEGAL_HOLD, _A_HOLD)
            self.carrying.append(Carrying(clip=clip, version=wanted.version_id, finding=told))
        # Clips may share an original; each has a lock of its own on record.
        maker = maker_for(digests) or self.also
        place = wanted.key, wanted.version_id, maker is not None
        if place not in self._seen:
            self._seen[place] = self._digests(found, maker)
        held = self._seen[place]
        if isinstance(held, Unread):
            return [*findings, wanted.finding(Component.ORIGINAL, held.problem)]
        read, size = held
        if size != wanted.size or not read.agree(digests):
            problem = f"reads back as {size} bytes {read}, not {wanted.size} {digests}"
            findings.append(wanted.finding(Component.ORIGINAL, problem))
        elif digests.sm3 is None and read.sm3 is not None:
            self.taken[clip] = read
        return findings

    def manifest(
        self, clip: str, archived: Mapping[str, object]
    ) -> tuple[Manifest | None, list[Finding]]:
        """Step 6: the sidecar as it opens the commitments, if it is the one on record.

        Its version is on no record, so any version with the digest will do: what lies over it in
        the same place changes nothing.
        """
        key, digests = Manifest.key_of(self.agency, clip), Digests.from_wire(archived["manifest"])
        subject, step = f"records/{key}", Step.MANIFESTS
        problem = "is missing"
        versions = self._patiently(lambda: list(self.vault.versions(Bucket.RECORDS, key)))
        if isinstance(versions, Unread):
            problem, versions = versions.problem, []
        for version in versions:
            if version.key != key:
                continue
            data = self._bytes(version)
            if isinstance(data, Unread):
                problem = data.problem
            elif digests_of(data, maker_for(digests)) != digests:
                problem = f"version {version.version_id} is not the {digests} on record"
            else:
                return Manifest.from_bytes(data), self._see_lock(version, clip, archived)
        finding = Finding(step=step, component=Component.MANIFEST, subject=subject, problem=problem)
        return None, [finding]

    def derived(self, row: Mapping[str, object], told: Mapping[str, object]) -> list[Finding]:
        """Step 8: one object of a rendition, and what only its *row* says of it.

        No entry names its size and version, so the object decides what they must be.
        """
        key, sha256 = str(told["key"]), str(told["sha256"])
        subject = f"derived/{key}"
        found = self._find(Bucket.DERIVED, key)
        if found is None or isinstance(found, Unread):
            problem = "is missing" if found is None else found.problem
            return [_derived(Component.DERIVED_OBJECT, subject, problem)]
        held = self._digests(found, None)
        if isinstance(held, Unread):
            return [_derived(Component.DERIVED_OBJECT, subject, held.problem)]
        read, size = held
        if read.sha256.hex != sha256:
            problem = f"reads back as {read}, not {sha256}"
            return [_derived(Component.DERIVED_OBJECT, subject, problem)]
        is_so = {"version_id": found.version_id, "size": size}
        if wrong := [name for name, value in is_so.items() if row[name] != value]:
            problem = f"{', '.join(wrong)}: not what the object is"
            return [_derived(Component.DERIVED_ROW, f"{row['clip']} {row['name']}", problem)]
        return []

    def newest(self, bucket: Bucket, key: str) -> bytes | Unread | None:
        """All of a small object, whatever it holds; None if there is none."""
        found = self._find(bucket, key)
        return self._bytes(found) if isinstance(found, StoredVersion) else found

    def record(self, key: str, sha256: str) -> tuple[StoredVersion, bytes] | Unread | None:
        """The version of a record with that digest, as the store shows it, and its bytes.

        What lies over it in the same place changes nothing; Unread if none has the digest.
        """
        versions = self._patiently(lambda: list(self.vault.versions(Bucket.RECORDS, key)))
        if isinstance(versions, Unread):
            return versions
        lost: Unread | None = None
        for version in versions:
            data = self._bytes(version) if version.key == key else Unread("is another")
            if not isinstance(data, Unread) and Sha256.of(data).hex == sha256:
                held = self._find(Bucket.RECORDS, key, version.version_id)
                return (held, data) if isinstance(held, StoredVersion) else held
            if version.key == key:
                lost = data if isinstance(data, Unread) else Unread("is not the one on record")
        return lost

    def version(self, bucket: Bucket, key: str, version_id: str) -> StoredVersion | Unread | None:
        """One version as the store shows it; None if it is not there."""
        return self._find(bucket, key, version_id)

    def names(self, bucket: Bucket, prefix: str) -> set[str] | Unread:
        """The keys under *prefix* that show something."""
        held = self._patiently(lambda: list(self.vault.versions(bucket, prefix)))
        if isinstance(held, Unread):
            return held
        return {each.key for each in held if self._find(bucket, each.key) is not None}

    def keys(self, bucket: Bucket, prefix: str) -> set[str] | Unread:
        """The keys under *prefix* that ever showed something."""
        held = self._patiently(lambda: {each.key for each in self.vault.versions(bucket, prefix)})
        return held if isinstance(held, Unread) else set(held)

    def _find(
        self, bucket: Bucket, key: str, version_id: str | None = None
    ) -> StoredVersion | Unread | None:
        return self._patiently(lambda: self.vault.find(bucket, key, version_id))

    def _digests(self, version: StoredVersion, sm3: Maker | None) -> tuple[Digests, int] | Unread:
        """Digests and size as read back."""

        def whole() -> tuple[Digests, int]:
            state = Hashing(sm3)
            for block in self._blocks(version):
                state.update(block)
            return state.digests, state.size

        read = self._patiently(whole)
        if not isinstance(read, Unread):
            self.read += read[1]
        return read

    def _bytes(self, version: StoredVersion) -> bytes | Unread:
        """All of a small object."""
        return self._patiently(lambda: b"".join(self._blocks(version)))

    def _blocks(self, version: StoredVersion) -> Iterator[bytes]:
        for block in self.vault.read(version.bucket, version.key, version.version_id):
            if self.stop.is_set():
                raise Stopped
            yield block
            if self.pace is not None:
                self.stop.wait(self.pace.after(len(block)))

    def _patiently(self, ask: Callable[[], AnswerT]) -> AnswerT | Unread:
        """What the store answers, if need be to the last try."""
        problem = ""
        for pause in (*self.pauses, None):
            if self.stop.is_set():
                raise Stopped
            try:
                return ask()
            except InColdStorage as error:
                return Unread(f"lies in cold storage: {error}")  # hours, and somebody must ask
            except (VaultUnreachable, DigestMismatch) as error:
                problem = f"cannot be read: {error}"
            if pause is not None:
                self.stop.wait(pause)
        next(self.vault.versions(Bucket.RECORDS), None)  # raises if the store answers nothing
        return Unread(problem)

    def _see_lock(
        self, version: StoredVersion, clip: str, archived: Mapping[str, object]
    ) -> list[Finding]:
        """What is wrong with lock and legal hold of the manifest of *clip*."""
        found, wanted = self._find(version.bucket, version.key, version.version_id), _lock(archived)
        if isinstance(found, Unread):
            return [_manifest(version.key, Component.MANIFEST, found.problem)]
        lock = None if found is None else found.lock
        if found is None or lock is None or not lock.covers(wanted):
            problem = f"shows the lock {_shown(lock)}, not {_shown(wanted)}"
            return [_manifest(version.key, Component.LOCK, problem)]
        if found.legal_hold and not archived.get("held_manifest"):
            told = _manifest(version.key, Component.LEGAL_HOLD, _A_HOLD)
            self.carrying.append(Carrying(clip=clip, version=None, finding=told))
        if archived.get("held_manifest") and not found.legal_hold:
            return [_manifest(version.key, Component.LEGAL_HOLD, _NO_HOLD)]
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an original must be."""

    key: str
    version_id: str
    digests: Digests
    size: int
    lock: Lock
    of: str
    """The clip."""

    def unlocked(self, found: StoredVersion, *, held: bool) -> list[Finding]:
        """What is wrong with the lock of *found*, and its legal hold if it is *held* by one."""
        findings = []
        if not (found.lock and found.lock.covers(self.lock)):
            problem = f"shows the lock {_shown(found.lock)}, not {_shown(self.lock)}"
            findings.append(self.finding(Component.LOCK, problem))
        if held and not found.legal_hold:
            findings.append(self.finding(Component.LEGAL_HOLD, _NO_HOLD))
        return findings

    def finding(self, component: Component, problem: str) -> Finding:
        subject = f"originals/{self.key} version {self.version_id} of clip {self.of}"
        return Finding(step=Step.ORIGINALS, component=component, subject=subject, problem=problem)


def _manifest(key: str, component: Component, problem: str) -> Finding:
    return Finding(
        step=Step.MANIFESTS, component=component, subject=f"records/{key}", problem=problem
    )


def _derived(component: Component, subject: str, problem: str) -> Finding:
    return Finding(step=Step.DERIVED, component=component, subject=subject, problem=problem)


def _lock(archived: Mapping[str, object]) -> Lock:
    mode, until = LockMode(str(archived["lock_mode"])), unstamp(str(archived["lock_until"]))
    return Lock(mode=mode, until=until)


def _shown(lock: Lock | None) -> str:
    return "none" if lock is None else f"{lock.mode.value} until {lock.until.isoformat()}"
