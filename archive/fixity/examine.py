"""All steps at once: what ``evidock fsck`` does.  It changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive.catalogue import stored
from archive.catalogue.catalogue import Catalogue
from archive.fixity import Finding, Progress, Step, nobody
from archive.fixity.copy import examine_copy, stray, unknown_pages
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.leaves import examine_leaves
from archive.fixity.objects import Objects
from archive.fixity.others import Others
from archive.fixity.record import Record
from archive.fixity.rows import NO_ENTRY, clip_rows, wrong
from archive.fixity.told import Told, of_clip, opened
from evidence.custody import Entry, EntryKind
from evidence.errors import TemporaryError
from evidence.note import VerifierKey
from evidence.tiles import Read
from evidence.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What is examined."""

    catalogue: Catalogue
    read: Read
    """Gives the log's own files."""
    key: VerifierKey
    vault: Vault
    agency: str


async def examine(what: Examined, progress: Progress = nobody) -> list[Finding]:
    """Everything that does not agree, in the order of the steps; empty if all does.

    VaultUnreachable or another TemporaryError if store or database answer nothing at all.
    """
    record = Record(what.catalogue)
    leaves = await examine_leaves(record, what.read, what.key, progress)
    found = list(leaves.findings)
    entries, others = TrueEntries(record, leaves), Others()
    clips = Clips(what, record)
    total, done = await what.catalogue.run(stored.count, "clip"), 0
    async for page in entries.pages():
        await others.hear(record, page)
        if archived := archived_in(page):
            about = await entries.about(archived)
            told = [of_clip(clip, about[clip], what.agency) for clip in archived]
            found += await clips.look(told, lambda at: progress(Step.ORIGINALS, done + at, total))  # noqa: B023  called at once
            done += len(archived)
    await others.conclude(record)
    found += others.findings
    found += await _rows_without_entry(record, clips.seen)
    suspect = [finding.subject for finding in leaves.findings]
    progress(Step.COPY, 0, 1)
    found += await asyncio.to_thread(
        examine_copy, what.vault, what.read, what.key, leaves.size, suspect
    )
    progress(Step.STRAYS, 0, 1)
    found += await _strays(what, clips.versions)
    return sorted(dict.fromkeys(found))


def archived_in(page: Sequence[Numbered]) -> list[str]:
    """The clips that became ARCHIVED by the entries of *page*."""
    entries = (Entry(raw) for _, raw in page)
    return [str(entry.clip) for entry in entries if entry.kind is EntryKind.ARCHIVED]


class Clips:
    """Steps 4 to 8, clip by clip."""

    def __init__(self, what: Examined, record: Record) -> None:
        self._record = record
        self._objects = Objects(vault=what.vault, agency=what.agency)
        self.seen: set[str] = set()
        self.versions: set[str] = set()
        """Of the originals that entries name."""

    async def look(self, told: Sequence[Told], progress: Callable[[int], None]) -> list[Finding]:
        """What is wrong with these clips: objects first, since a manifest opens what rows hold."""
        found: list[Finding] = []
        for number, each in enumerate(told):
            progress(number)
            found += await asyncio.to_thread(self._look_at_objects, each)
            self.seen.add(each.id)
            self.versions.add(str(each.archived["version"]))
        found += await clip_rows(self._record, told)
        found += await self._look_at_derived(told)
        return found

    def _look_at_objects(self, told: Told) -> list[Finding]:
        manifest, found = self._objects.manifest(told.id, told.archived)
        if manifest is not None:
            told.clip |= opened(manifest)
        return found + self._objects.original(told.id, told.archived)

    async def _look_at_derived(self, told: Sequence[Told]) -> list[Finding]:
        rows, _told_before = await self._record.rows("derived", "clip", [each.id for each in told])
        wanted = {each.id: each.derived for each in told}
        found: list[Finding] = []
        for row in rows:
            derived = wanted.get(str(row["clip"]), {}).get(str(row["name"]))
            if derived is not None:
                found += await asyncio.to_thread(self._objects.derived, row, derived)
        return found


async def _rows_without_entry(record: Record, seen: set[str]) -> list[Finding]:
    """Clip rows that no entry made; the rest of a clip's rows are told of with it."""
    held, lost = await record.keys("clip", "id", [])
    strange = [wrong("clip", str(clip), NO_ENTRY) for clip in held if clip not in seen]
    return [*lost, *strange]


async def _strays(what: Examined, archived: set[str]) -> list[Finding]:
    pages = await asyncio.to_thread(lambda: list(unknown_pages(what.vault)))
    try:
        offered = await what.catalogue.run(stored.offered_digests)
    except TemporaryError:
        offered = set()  # what cannot be read hides nothing: what lies there is told of
    found: list[Finding] = []
    for page in pages:
        unknown = [version for version in page if version.version_id not in archived]
        bad = await what.catalogue.run(stored.rejected, [each.version_id for each in unknown])
        found += [
            stray(version)
            for version in unknown
            if version.version_id not in bad and version.key.rpartition("/")[2] not in offered
        ]
    return found
