"""Where a rebuild takes from: files of the log, manifests, openings, and what is known of objects.

One rule: a source is asked, and never believed: whoever asks holds what comes against the log.
``VaultSource`` is the vault; an evidence package of everything can be another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from archive.fixity import Component, Finding, Step
from archive.fixity.objects import Objects, Unread
from archive.log.elsewhere import VaultCopy
from archive.openings import key_of
from evidence.digest import Sha256
from evidence.errors import DigestMismatch, VaultUnreachable
from evidence.manifest import Manifest
from evidence.openings import Openings
from evidence.tiles import Read
from evidence.vault import Bucket, StoredVersion, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFiles:
    """One place where files of the log lie."""

    name: str
    """For people."""
    read: Read


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedFound:
    """One object of a rendition, as it lies there."""

    version_id: str
    size: int


class Source(Protocol):
    """What a rebuild asks.  All of it blocks; VaultUnreachable if nothing answers."""

    def logs(self) -> Sequence[LogFiles]:
        """Every place where the log may lie, the nearest first."""
        ...

    def manifest(
        self, clip: str, archived: Mapping[str, object]
    ) -> tuple[Manifest | None, list[Finding]]:
        """The manifest that the ``archive.verified`` entry *archived* names; what is wrong."""
        ...

    def openings(self, entry: int) -> Openings | None:
        """What is kept of what entry *entry* commits to; None if nothing is, or it is no such."""
        ...

    def derived(self, key: str, sha256: str) -> DerivedFound | Finding:
        """The object of a rendition under *key*, or why it cannot be had."""
        ...

    def description(self, key: str, sha256: str) -> bytes | None:
        """All of a small derived object, if it has the digest *sha256*."""
        ...


@dataclass(frozen=True, slots=True)
class VaultSource:
    """The vault of a home, and the folder its log lay in."""

    vault: Vault
    agency: str
    folder: LogFiles | None = None
    objects: Objects = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "objects", Objects(vault=self.vault, agency=self.agency))

    def logs(self) -> Sequence[LogFiles]:
        """The folder, then the copy in the vault's records."""
        kept = VaultCopy(self.vault)
        copy = LogFiles(name=kept.name, read=kept.read)
        return [copy] if self.folder is None else [self.folder, copy]

    def manifest(
        self, clip: str, archived: Mapping[str, object]
    ) -> tuple[Manifest | None, list[Finding]]:
        """The sidecar with the digest on record; whoever starts next sees to its legal hold."""
        return self.objects.manifest(clip, {**archived, "held_manifest": False})

    def openings(self, entry: int) -> Openings | None:
        """The newest of *entry*."""
        data = self.objects.newest(Bucket.RECORDS, key_of(self.agency, entry))
        if data is None or isinstance(data, Unread):
            return None
        try:
            found = Openings.from_bytes(data)
        except DigestMismatch:
            return None
        return found if found.entry == entry else None

    def derived(self, key: str, sha256: str) -> DerivedFound | Finding:
        """The newest version: the one the archive saw whole, if nobody put another over it."""
        try:
            found = self.vault.find(Bucket.DERIVED, key)
            digest = None if found is None else self._digest(found)
        except (VaultUnreachable, DigestMismatch) as error:
            return _gone(key, f"cannot be read: {error}")
        if found is None:
            return _gone(key, "is missing")
        if digest != sha256:
            return _gone(key, f"is {digest}, not the {sha256} on record")
        return DerivedFound(version_id=found.version_id, size=found.size)

    def description(self, key: str, sha256: str) -> bytes | None:
        """The object, read whole."""
        data = self.objects.newest(Bucket.DERIVED, key)
        fits = isinstance(data, bytes) and Sha256.of(data).hex == sha256
        return data if fits and isinstance(data, bytes) else None

    def _digest(self, version: StoredVersion) -> str:
        """The store's own checksum; where it keeps none, the bytes are read."""
        if version.sha256 is not None:
            return version.sha256.hex
        blocks = self.vault.read(version.bucket, version.key, version.version_id)
        return Sha256.of_blocks(blocks).hex


def _gone(key: str, problem: str) -> Finding:
    return Finding(
        step=Step.DERIVED,
        component=Component.DERIVED_OBJECT,
        subject=f"derived/{key}",
        problem=problem,
    )
