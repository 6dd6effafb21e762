"""What a package will hold: its statement, and where each byte of it is taken from.

One rule: what the vault does not have any more is found out before the statement is written, so it
is listed there as missing and never silently absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from archive.catalogue.exports import DerivedObject, Wanted
from archive.export.reading import Read
from archive.originals import export_record_key, pack_key
from evidence.census import ShownCensus
from evidence.digest import Sha256
from evidence.errors import SetupError
from evidence.manifest import Manifest
from evidence.openings import Openings
from evidence.package import (
    FORMAT,
    LARGEST_READ,
    LARGEST_STATEMENT,
    MOST_FILES,
    PackagedClip,
    PackagedFile,
    Rendition,
    Selection,
    Statement,
    export_path,
    law_path,
    manifest_path,
    original_path,
    rendition_path,
)
from evidence.vault import Bucket, StoredVersion, Vault

_ENTRIES_A_FILE = 120
"""In a whole log: a bundle and a tile of hashes for 256 entries, and a little more."""
_OTHER_FILES = 100
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the bytes of one file of the package are, and what they must be."""

    path: str
    bucket: Bucket
    key: str
    version_id: str
    sha256: str
    of: str
    """The clip, if it is of one."""
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole package to be."""

    statement: Statement
    originals: tuple[Source, ...]
    manifests: tuple[Source, ...]
    renditions: tuple[Source, ...]
    clips: tuple[Wanted, ...]
    names: Mapping[str, str]
    openings: tuple[Openings, ...]
    exports: tuple[Source, ...]
    """What opens the exports before."""
    law: tuple[Source, ...]
    """Law packs and rule sets."""
    filed: tuple[Source, ...] = ()
    """Documents, and versions of dossiers."""

    @property
    def bytes(self) -> int:
        """Of originals."""
        return sum(each.size or 0 for each in self.originals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stocktaking:
    """What the vault has of what is wanted; blocks."""

    vault: Vault
    agency: str

    def original(self, clip: Wanted) -> StoredVersion | None:
        return self.vault.find(Bucket.ORIGINALS, clip.key, clip.version_id)

    def manifest(self, clip: Wanted) -> StoredVersion | None:
        key = Manifest.key_of(self.agency, clip.clip)
        return self.record(key, Sha256.from_hex(clip.manifest_sha256))

    def record(self, key: str, wanted: Sha256) -> StoredVersion | None:
        """The version with the right bytes, whatever was put over it; else the newest."""
        newest = self.vault.find(Bucket.RECORDS, key)
        if newest is not None and newest.sha256 in {None, wanted}:
            return newest
        for version in self.vault.versions(Bucket.RECORDS, key):
            found = self.vault.find(Bucket.RECORDS, version.key, version.version_id)
            if found is not None and (found.key, found.sha256) == (key, wanted):
                return found
        return newest

    def export(self, sha256: str) -> Source | None:
        """What opens an ``export`` entry; None if it is there no more."""
        return self._newest(export_record_key(self.agency, sha256), export_path(sha256), sha256)

    def pack(self, sha256: str) -> Source | None:
        """The file of a law pack or rule set; None if it is there no more."""
        return self._newest(pack_key(self.agency, sha256), law_path(sha256), sha256)

    def _newest(self, key: str, path: str, sha256: str) -> Source | None:
        held = self.vault.find(Bucket.RECORDS, key)
        if held is None:
            return None
        return Source(
            path=path,
            bucket=held.bucket,
            key=key,
            version_id=held.version_id,
            sha256=sha256,
            of="",
        )

    def derived(self, held: DerivedObject) -> StoredVersion | None:
        return self.vault.find(Bucket.DERIVED, held.key, held.version_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Documents and versions of dossiers as a package lists them."""

    documents: tuple[PackagedFile, ...] = ()
    dossiers: tuple[PackagedFile, ...] = ()
    sources: tuple[Source, ...] = ()
    came: frozenset[int] = frozenset()
    """Log indexes of the entries that the versions name; of a case only."""
    went: frozenset[int] = frozenset()
    """Those of them by which something went."""
    along: tuple[int, ...] = ()
    """Those of them that go along."""


@dataclass(slots=True)
class _Sources:
    """What was found so far; an original that two clips share is taken once."""

    originals: dict[str, Source]
    manifests: list[Source]
    renditions: list[Source]

    @property
    def found(self) -> _Found:
        """All of them, as a plan has them."""
        return _Found(
            originals=tuple(self.originals.values()),
            manifests=tuple(self.manifests),
            renditions=tuple(self.renditions),
        )


class _Found(TypedDict):
    originals: tuple[Source, ...]
    manifests: tuple[Source, ...]
    renditions: tuple[Source, ...]


def plan(
    found: Read,
    filed: Filed,
    stock: Stocktaking,
    *,
    selection: Selection,
    origin: str,
    made: str,
    left_out: Sequence[str],
) -> Plan:
    """The plan of a package of what was *found*; blocks on the vault."""
    taken, sources = found.taken, _Sources({}, [], [])
    records, packs = _records(found, stock)
    statement = Statement(
        format=FORMAT,
        origin=origin,
        made=made,
        size=taken.size,
        selection=selection,
        clips=[_packaged(clip, stock, sources) for clip in taken.clips],
        entries=_entries(found, filed),
        stations=dict(taken.stations),
        completeness=[each.entry for each in found.censuses],
        openings=_digests(found.opened),
        exports=[each.sha256 for each in records],
        law=sorted(each.sha256 for each in packs),
        documents=list(filed.documents),
        dossiers=list(filed.dossiers),
        left_out=list(left_out),
    )
    return Plan(
        statement=statement,
        clips=taken.clips,
        names=taken.names,
        openings=found.opened,
        exports=records,
        law=packs,
        filed=filed.sources,
        **sources.found,
    )


def _digests(opened: Iterable[Openings]) -> dict[str, str]:
    """Log index of each entry that is opened -> SHA-256 of what opens it."""
    return {str(each.entry): Sha256.of(each.to_bytes()).hex for each in opened}


def _records(found: Read, stock: Stocktaking) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """What opens the exports before, and the law packs, as far as the vault has them."""
    packs = found.taken.relied_on.packs
    return _there(stock.export, found.exports), _there(stock.pack, packs)


def _there(find: Callable[[str], Source | None], digests: Sequence[str]) -> tuple[Source, ...]:
    """What the vault still has of these."""
    return tuple(found for digest in digests if (found := find(digest)) is not None)


def _entries(found: Read, filed: Filed) -> list[int]:
    """Log indexes of the entries that a package holds, in order; none beside the whole log."""
    if found.selection.kind == "all":
        return []
    taken, papers = found.taken, (*filed.documents, *filed.dossiers)
    numbers = {number for clip in taken.clips for number in clip.entries}
    own = [each.entry for each in papers] + [each.entry for each in found.censuses]
    beside = taken.stations.values(), taken.relied_on.entries, own, filed.along
    return sorted(numbers.union(*beside))


def must_be_readable(made: Plan, shown: Iterable[ShownCensus]) -> None:
    """SetupError if no verifier would read the package, since it is too large; takes a while."""
    most = max((len(each.to_bytes()) for each in shown), default=0)
    sizes = [each.size or 0 for each in made.filed]
    limits = (
        ("bytes of statement.json", len(made.statement.to_bytes()), LARGEST_STATEMENT),
        ("bytes of what is shown of one census", most, LARGEST_READ),
        ("bytes of a document or dossier", max(sizes, default=0), LARGEST_READ),
        ("files", _files(made), MOST_FILES),
    )
    for what, held, limit in limits:
        if held > limit:
            raise SetupError(
                f"the package would be too large for those who verify it: {held} {what}, and"
                f" {limit} is the most",
                advice="Take it out in parts: fewer clips at a time, or without renditions."
                " Nothing was put on record.",
            )


def _files(made: Plan) -> int:
    """How many files the package has at most: each entry with its receipt, or the log's tiles."""
    told = made.statement
    log = told.size // _ENTRIES_A_FILE if told.selection.kind == "all" else 2 * len(told.entries)
    payload = len(made.originals) + len(made.manifests) + len(made.renditions) + len(made.filed)
    beside = len(told.completeness) + len(told.openings) + len(told.exports) + len(told.law)
    return payload + log + beside + _OTHER_FILES


def ending_of(name: str) -> str:
    """``.mp4`` of ``A.MP4``; nothing if what follows the last dot is no plain ending."""
    _, dot, last = name.rpartition(".")
    ending = (dot + last).lower()
    return ending if _ENDING.fullmatch(ending) else ""


def _packaged(clip: Wanted, stock: Stocktaking, sources: _Sources) -> PackagedClip:
    if clip.is_gone:
        return PackagedClip(
            clip=clip.clip,
            entry=clip.entry,
            original=None,
            manifest=None,
            entries=list(clip.entries),
            without="disposed",
        )
    original = _original(clip, stock, sources)
    manifest = stock.manifest(clip)
    if manifest is not None:
        sources.manifests.append(
            Source(
                path=manifest_path(clip.clip),
                bucket=manifest.bucket,
                key=manifest.key,
                version_id=manifest.version_id,
                sha256=clip.manifest_sha256,
                of=clip.clip,
            )
        )
    return PackagedClip(
        clip=clip.clip,
        entry=clip.entry,
        original=None if original is None else original.path,
        manifest=None if manifest is None else manifest_path(clip.clip),
        entries=list(clip.entries),
        renditions=_renditions(clip, stock, sources),
        without="missing" if original is None else None,
    )


def _original(clip: Wanted, stock: Stocktaking, sources: _Sources) -> Source | None:
    if clip.sha256 in sources.originals:
        return sources.originals[clip.sha256]
    if stock.original(clip) is None:
        return None
    path = original_path(Sha256.from_hex(clip.sha256), ending_of(clip.name))
    sources.originals[clip.sha256] = Source(
        path=path,
        bucket=Bucket.ORIGINALS,
        key=clip.key,
        version_id=clip.version_id,
        sha256=clip.sha256,
        of=clip.clip,
        size=clip.size,
    )
    return sources.originals[clip.sha256]


def _renditions(clip: Wanted, stock: Stocktaking, sources: _Sources) -> list[Rendition]:
    """What is derived of *clip* and still there: it is no evidence, and can be made anew."""
    paths: dict[str, str] = {}
    for held in clip.derived:
        if stock.derived(held) is None:
            continue
        paths[held.name] = rendition_path(clip.clip, held.entry, held.name)
        sources.renditions.append(
            Source(
                path=paths[held.name],
                bucket=Bucket.DERIVED,
                key=held.key,
                version_id=held.version_id,
                sha256=held.sha256,
                of=clip.clip,
                size=held.size,
            )
        )
    return [Rendition(entry=clip.derived[0].entry, objects=paths)] if paths else []
