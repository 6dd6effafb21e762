"""Steps 6 to 8: objects in the vault, held against the entries that name them.

The bytes decide, and our own SHA-256 of them: a store that answers with an error may hide damage
(the embedded one does so for a flipped bit), so an object that cannot be read while its store
answers is a finding, too.  All functions block on the store.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from archive.fixity import Component, Finding, Step
from archive.fixity.told import digest_of
from archive.originals import original_key
from evidence.clock import unstamp
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, VaultUnreachable
from evidence.manifest import Manifest
from evidence.vault import Bucket, Lock, LockMode, StoredVersion, Vault

PAUSES = (0.5, 1.0)
"""Seconds before an object that could not be read is tried again."""


@dataclass(slots=True, kw_only=True)
class Objects:
    """Looks at the objects of clips; each is read once, however many clips share it."""

    vault: Vault
    agency: str
    pauses: Sequence[float] = PAUSES
    sleep: Callable[[float], None] = time.sleep
    read: int = 0
    """Bytes read back so far."""
    _seen: dict[str, list[Finding]] = field(default_factory=dict)

    def original(self, clip: str, archived: Mapping[str, object]) -> list[Finding]:
        """Step 7: the original that ``archive.verified`` names."""
        version = str(archived["version"])
        if version not in self._seen:
            wanted = _Wanted(
                step=Step.ORIGINALS,
                component=Component.ORIGINAL,
                bucket=Bucket.ORIGINALS,
                key=original_key(self.agency, Sha256.from_hex(digest_of(archived["digests"]))),
                version_id=version,
                sha256=digest_of(archived["digests"]),
                size=int(str(archived["size"])),
                lock=_lock(archived),
                of=clip,
            )
            self._seen[version] = self._look(wanted)
        return self._seen[version]

    def manifest(
        self, clip: str, archived: Mapping[str, object]
    ) -> tuple[Manifest | None, list[Finding]]:
        """Step 6: the sidecar as it opens the commitments, if it is the one on record.

        Its version is on no record, so any version with the digest will do: what lies over it in
        the same place changes nothing.
        """
        key, sha256 = Manifest.key_of(self.agency, clip), digest_of(archived["manifest"])
        subject, step = f"records/{key}", Step.MANIFESTS
        problem = "is missing"
        for version in self.vault.versions(Bucket.RECORDS, key):
            if version.key != key:
                continue
            data = self._bytes(version)
            if isinstance(data, str):
                problem = data
            elif Sha256.of(data).hex != sha256:
                problem = f"version {version.version_id} is not the {sha256} on record"
            else:
                return Manifest.from_bytes(data), self._see_lock(version, subject, archived)
        finding = Finding(step=step, component=Component.MANIFEST, subject=subject, problem=problem)
        return None, [finding]

    def derived(self, row: Mapping[str, object], told: Mapping[str, object]) -> list[Finding]:
        """Step 8: one object of a rendition, and what only its *row* says of it.

        No entry names its size and version, so the object decides what they must be.
        """
        key, sha256 = str(told["key"]), str(told["sha256"])
        subject = f"derived/{key}"
        found = self.vault.find(Bucket.DERIVED, key)
        problem, wrong = "is missing", []
        if found is not None:
            digest, size = self._digest(found)
            wrong = [
                name
                for name, value in (("version_id", found.version_id), ("size", size))
                if row[name] != value
            ]
            problem = digest if size < 0 else f"reads back as {digest}, not {sha256}"
            if digest == sha256:
                problem = ""
        if problem:
            return [_derived(Component.DERIVED_OBJECT, subject, problem)]
        if wrong:
            problem = f"{', '.join(wrong)}: not what the object is"
            return [_derived(Component.DERIVED_ROW, f"{row['clip']} {row['name']}", problem)]
        return []

    def _look(self, wanted: _Wanted) -> list[Finding]:
        found = self.vault.find(wanted.bucket, wanted.key, wanted.version_id)
        if found is None:
            return [wanted.finding(wanted.component, "is missing")]
        findings = []
        if wanted.lock is not None and not (found.lock and found.lock.covers(wanted.lock)):
            problem = f"shows the lock {_shown(found.lock)}, not {_shown(wanted.lock)}"
            findings.append(wanted.finding(Component.LOCK, problem))
        digest, size = self._digest(found)
        if (digest, size) != (wanted.sha256, wanted.size):
            problem = f"reads back as {size} bytes {digest}, not {wanted.size} {wanted.sha256}"
            if size < 0:
                problem = digest
            findings.append(wanted.finding(wanted.component, problem))
        return findings

    def _digest(self, version: StoredVersion) -> tuple[str, int]:
        """Digest and size as read back; why it cannot be read, and -1."""
        size = 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            size = 0
            for block in self.vault.read(version.bucket, version.key, version.version_id):
                size += len(block)
                self.read += len(block)
                yield block

        read = self._patiently(lambda: Sha256.of_blocks(counted()).hex)
        return (read[0], size) if read[1] else (read[0], -1)

    def _bytes(self, version: StoredVersion) -> bytes | str:
        """All of a small object; why it cannot be read."""
        held: list[bytes] = []

        def whole() -> str:
            held[:] = self.vault.read(version.bucket, version.key, version.version_id)
            return ""

        problem, was_read = self._patiently(whole)
        return b"".join(held) if was_read else problem

    def _patiently(self, read: Callable[[], str]) -> tuple[str, bool]:
        """What *read* gives, and True; why it cannot, and False, after the last try."""
        problem = ""
        for pause in (*self.pauses, None):
            try:
                return read(), True
            except (VaultUnreachable, DigestMismatch) as error:
                problem = f"cannot be read: {error}"
            if pause is not None:
                self.sleep(pause)
        next(self.vault.versions(Bucket.RECORDS), None)  # raises if the store answers nothing
        return problem, False

    def _see_lock(
        self, version: StoredVersion, subject: str, archived: Mapping[str, object]
    ) -> list[Finding]:
        found = self.vault.find(version.bucket, version.key, version.version_id)
        held, wanted = None if found is None else found.lock, _lock(archived)
        if held and held.covers(wanted):
            return []
        problem = f"shows the lock {_shown(held)}, not {_shown(wanted)}"
        return [
            Finding(step=Step.MANIFESTS, component=Component.LOCK, subject=subject, problem=problem)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an object must be."""

    step: Step
    component: Component
    bucket: Bucket
    key: str
    version_id: str
    sha256: str
    size: int
    lock: Lock | None
    of: str
    """The clip."""

    def finding(self, component: Component, problem: str) -> Finding:
        subject = f"{self.bucket.value}/{self.key} version {self.version_id} of clip {self.of}"
        return Finding(step=self.step, component=component, subject=subject, problem=problem)


def _derived(component: Component, subject: str, problem: str) -> Finding:
    return Finding(step=Step.DERIVED, component=component, subject=subject, problem=problem)


def _lock(archived: Mapping[str, object]) -> Lock:
    mode, until = LockMode(str(archived["lock_mode"])), unstamp(str(archived["lock_until"]))
    return Lock(mode=mode, until=until)


def _shown(lock: Lock | None) -> str:
    return "none" if lock is None else f"{lock.mode.value} until {lock.until.isoformat()}"
