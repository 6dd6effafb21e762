"""A vault stocked from a whole package: every object under the key that the log's entries name.

One rule: what a file must be comes from an entry of the log, and each original is read back from
the vault whole, under its lock, before anything says that the vault holds it.  Safe to repeat: what
is there already is seen to be the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import PurePosixPath
from typing import cast

import msgspec

from archive.catalogue.censuses import taken
from archive.catalogue.moves import KINDS, Moved
from archive.census import record_key
from archive.derived import keys
from archive.fixity.told import digest_of, kept
from archive.openings import key_of
from archive.originals import (
    Bytes,
    document_key,
    dossier_key,
    export_record_key,
    keep_record,
    pack_key,
    see_locked,
    see_same,
)
from archive.rebuild.history import History
from archive.rebuild.source import LogFiles
from archive.rebuild.storing import Storing
from evidence.census import ShownCensus
from evidence.clock import unstamp
from evidence.custody import Entry
from evidence.digest import Sha256
from evidence.digests import Digests
from evidence.errors import DigestMismatch, SetupError
from evidence.law.rulebook import Rulebook
from evidence.manifest import Manifest
from evidence.package import LOG, PackagedClip, Statement, census_path, law_path, openings_path
from evidence.retention import LEASE_MAX, whole_seconds
from evidence.tiles import WIDTH, TileTree
from evidence.vault import Bucket, Lock, LockMode, StoredVersion, Vault
from evidence.verification.bag import DATA
from evidence.verification.files import Files, below, read

Told = Callable[[str, int, int], None]
_BUNDLES = 32
_JSON, _BYTES = "application/json", "application/octet-stream"


def log_in(files: Files) -> LogFiles:
    """The log as the package holds it."""

    def taken_from(path: str) -> bytes | None:
        name = f"{DATA}{LOG}{path}"
        return read(files, name) if name in files.names else None

    return LogFiles(name="the log in the package", read=taken_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePackage:
    """A package of everything, and the log in it."""

    files: Files
    statement: Statement
    history: History


@dataclass(slots=True, kw_only=True)
class Stocking:
    """Fills one vault from one package; all of it blocks."""

    package: WholePackage
    vault: Vault
    storing: Storing
    agency: str
    rulebook: Rulebook
    now: datetime
    _seen: dict[str, StoredVersion] = field(default_factory=dict)
    """Key of an original that was read back -> its version."""

    def run(self, told: Told) -> list[Moved]:
        """Store everything; where each original lies now.  DigestMismatch if one is another."""
        entries = _Entries(self.package.history)
        moved = []
        for done, clip in enumerate(self.package.statement.clips):
            told("originals", done, len(self.package.statement.clips))
            archived = kept(entries.fields(clip.entry), entries.moves(clip))
            if clip.original is not None:
                moved.append(self._original(clip, archived))
            self._manifest(clip, archived)
            for rendition in clip.renditions:
                self._rendition(clip.clip, rendition.objects, entries.fields(rendition.entry))
        for index in self.package.statement.completeness:
            self._census(index, entries.raw(index))
        for name, sha256 in self.package.statement.openings.items():
            self._openings(int(name), sha256)
        self._exports()
        self._law()
        self._filed(entries)
        durability = self.vault.barrier()
        return [msgspec.structs.replace(each, durability=durability) for each in moved]

    def _original(self, clip: PackagedClip, archived: Mapping[str, object]) -> Moved:
        """The original stored, locked and read back; the lock once more for each clip of it."""
        digests = Digests.from_wire(archived["digests"])
        key, sha256 = str(archived["key"]), digests.sha256
        if key != f"{self.agency}/{sha256.hex}":
            raise SetupError(
                f"the originals of this log lie under {key.partition('/')[0]}/, not {self.agency}/",
                advice="Give the settings the agency's own name: [agency] name.",
            )
        size, lock = int(str(archived["size"])), self._lock(archived)
        version = self._seen.get(key) or self.vault.find(Bucket.ORIGINALS, key)
        if version is None:
            path = f"{DATA}{clip.original}"
            what = Bytes(sha256=sha256, size=size)
            version = self.storing.store(path, Bucket.ORIGINALS, key, what, lock)
        version = see_locked(self.vault, version, lock)
        if key not in self._seen:
            see_same(self.vault, version, Bytes.of(digests, size))
        self._seen[key] = version
        return Moved(
            clip=clip.clip,
            statement=self.package.statement.digest.hex,
            sha256=sha256.hex,
            sm3=None if digests.sm3 is None else digests.sm3.hex,
            size=size,
            bucket=self.vault.bucket_name(Bucket.ORIGINALS),
            key=key,
            version=version.version_id,
            lock=version.lock or lock,
        )

    def _lock(self, archived: Mapping[str, object]) -> Lock:
        """As for footage that comes in now; as long as the lock that it had, up to a lease more.

        A lock cannot be taken back, and the date is whoever made the package's word.
        """
        longest = whole_seconds(self.now + LEASE_MAX)
        had = min(unstamp(str(archived["lock_until"])), longest)
        return Lock(mode=LockMode.COMPLIANCE, until=max(self._lease.until, had))

    def _manifest(self, clip: PackagedClip, archived: Mapping[str, object]) -> None:
        if clip.manifest is None:
            return
        data = read(self.package.files, DATA + clip.manifest)
        _must_be(data, digest_of(archived["manifest"]), clip.manifest)
        key = Manifest.key_of(self.agency, clip.clip)
        keep_record(self.vault, key, data, self._lock(archived))

    def _rendition(
        self, clip: str, paths: Mapping[str, str], derived: Mapping[str, object]
    ) -> None:
        objects = cast("Mapping[str, Mapping[str, str]]", derived["objects"])
        digests = {name: each["sha256"] for name, each in objects.items()}
        places = keys(self.agency, clip, digests)
        for name, path in paths.items():
            sha256 = Sha256.from_hex(digests[name])
            if self.vault.find(Bucket.DERIVED, places[name]) is not None:
                continue  # an earlier run stored it; the rebuild itself looks at its digest
            what = Bytes(sha256=sha256, size=self.package.files.size(DATA + path))
            self.storing.store(DATA + path, Bucket.DERIVED, places[name], what, None)

    def _openings(self, index: int, sha256: str) -> None:
        """Unlocked, as every archive keeps them: whoever removes them forgets the names."""
        path = openings_path(index)
        data = read(self.package.files, DATA + path)
        _must_be(data, sha256, path)
        self.vault.put(Bucket.RECORDS, key_of(self.agency, index), data, content_type=_JSON)

    def _exports(self) -> None:
        """What opens the exports before, and the one by which this package was made."""
        for path in below(self.package.files.names, f"{DATA}exports"):
            data = read(self.package.files, path)
            _must_be(data, PurePosixPath(path).stem, path)
            key = export_record_key(self.agency, Sha256.of(data).hex)
            keep_record(self.vault, key, data, self._lease)

    def _law(self) -> None:
        """The law packs and rule sets that were published, so that old dates can be worked out."""
        for sha256 in self.package.statement.law:
            data = read(self.package.files, DATA + law_path(sha256))
            _must_be(data, sha256, law_path(sha256))
            key = pack_key(self.agency, sha256)
            keep_record(self.vault, key, data, self._lease, content_type="application/toml")

    def _filed(self, entries: _Entries) -> None:
        """Documents of cases, and the versions of their dossiers."""
        for listed, key, kind in (
            (self.package.statement.documents, document_key, _BYTES),
            (self.package.statement.dossiers, dossier_key, _JSON),
        ):
            for each in listed:
                if each.file is not None:
                    data = read(self.package.files, DATA + each.file)
                    sha256 = str(entries.fields(each.entry)["sha256"])
                    _must_be(data, sha256, each.file)
                    place = key(self.agency, sha256)
                    keep_record(self.vault, place, data, self._lease, content_type=kind)

    @property
    def _lease(self) -> Lock:
        """As for what comes in now."""
        return Lock(mode=LockMode.COMPLIANCE, until=self.rulebook.first_lease(self.now))

    def _census(self, index: int, raw: bytes) -> None:
        """The record of its leaves, as it was before proofs of who they are were put to them."""
        census = taken(index, Entry(raw))
        shown = ShownCensus.from_bytes(read(self.package.files, DATA + census_path(index)))
        leaves = [msgspec.structs.replace(leaf, of=None) for leaf in shown.leaves]
        data = msgspec.structs.replace(shown, asked=None, leaves=leaves).to_bytes()
        _must_be(data, census.openings, census_path(index))
        keep_record(self.vault, record_key(self.agency, census.openings), data, self._lease)


class _Entries:
    """Entries of the log, some bundles held at a time."""

    def __init__(self, history: History) -> None:
        tree = TileTree(history.size, history.read)
        self._bundle = lru_cache(_BUNDLES)(tree.entries)

    def raw(self, index: int) -> bytes:
        return self._bundle(index // WIDTH)[index % WIDTH]

    def fields(self, index: int) -> Mapping[str, object]:
        return Entry(self.raw(index)).fields

    def moves(self, clip: PackagedClip) -> Iterator[Mapping[str, object]]:
        """The entries that may say where its original lay since."""
        for index in clip.entries:
            fields = self.fields(index)
            if fields["kind"] in {kind.value for kind in KINDS}:
                yield fields


def agency_of(package: WholePackage) -> str:
    """The name under which the agency's objects lie, by the entry of the first clip."""
    for clip in package.statement.clips[:1]:
        return str(_Entries(package.history).fields(clip.entry)["key"]).rpartition("/")[0]
    raise SetupError("the package holds no clip: nothing says what the agency is called")


def _must_be(data: bytes, sha256: str, path: str) -> None:
    if Sha256.of(data).hex != sha256:
        raise DigestMismatch(
            f"{path} has SHA-256 {Sha256.of(data)}; the package was made with {sha256}"
        )
