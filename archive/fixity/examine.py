"""All steps at once: what ``evidock fsck`` does.  It changes nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from archive.catalogue import stored
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import Which
from archive.fixity import Finding, Progress, Step, nobody
from archive.fixity.anchors import Anchors
from archive.fixity.arrivals import Arrivals, arrivals
from archive.fixity.censuses import Counted
from archive.fixity.copy import examine_copy, stray, unknown_pages
from archive.fixity.destroyed import copies_left, destroyed, unanswered
from archive.fixity.dossiers import Filed
from archive.fixity.draws import Draws
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.exports import TakenOut
from archive.fixity.lawful import Lawful
from archive.fixity.leaves import Leaves, examine_leaves
from archive.fixity.objects import Objects
from archive.fixity.others import Others
from archive.fixity.record import Record
from archive.fixity.revealed import Revealed
from archive.fixity.rows import NO_ENTRY, clip_rows, wrong
from archive.fixity.surplus import surplus
from archive.fixity.testimony import Testimony
from archive.fixity.told import Told, begun, of_clip, opened
from archive.fixity.witnessed import examine_testimony
from evidence.clip import ClipState
from evidence.custody import Entry, EntryKind
from evidence.digests import sm3_maker
from evidence.errors import TemporaryError, VaultUnreachable
from evidence.note import VerifierKey
from evidence.tiles import Read
from evidence.vault import Vault

_ROWS = (Step.CLIPS, Step.ROWS, Step.DERIVED)
"""The steps that look at what entries change."""
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What is examined."""

    catalogue: Catalogue
    read: Read
    """Gives the log's own files."""
    key: VerifierKey
    vault: Vault
    agency: str
    signed_within: float = 0
    """Seconds within which what is committed must be signed for; 0 if nobody signs."""
    census_key: bytes | None = None
    """The secret key of censuses; None: it is not there."""
    testimony: Testimony
    """What others said of the log, and whom to believe."""
    second: Vault | None = None
    """Where copies are, if anywhere: what was destroyed must be gone there, too."""


async def examine(what: Examined, progress: Progress = nobody) -> list[Finding]:
    """Everything that does not agree, in the order of the steps; empty if all does.

    VaultUnreachable or another TemporaryError if store or database answer nothing at all.
    """
    stop = threading.Event()
    try:
        return await _examine(what, progress, stop)
    finally:
        stop.set()  # whoever asked may have gone: no thread reads on for nobody


async def _examine(what: Examined, progress: Progress, stop: threading.Event) -> list[Finding]:
    record = Record(what.catalogue)
    leaves = await examine_leaves(record, what.read, what.key, progress, what.signed_within)
    entries, others, clips = TrueEntries(record, leaves), Others(), Clips(what, record, stop)
    heard = await Heard.of(what, clips, record)
    total = await what.catalogue.run(stored.count, "clip")
    async for page in entries.pages():
        await others.hear(record, page)
        await heard.hear(page)
        await clips.look(archived_in(page), entries, progress, total)
    came = await arrivals(record, leaves.end)
    leaves.end = came.end
    for page in came.pages:
        await others.hear(record, page)
    await clips.look_again(came, entries)
    await others.conclude(record)
    found = [*clips.findings, *others.findings]
    found += await _rows_without_entry(record, clips.seen)
    moving = await arrivals(record, came.end)
    found = [
        each
        for each in found
        if not moving.destroy(each) and (each.step not in _ROWS or not moving.touch(each))
    ]
    found += await _beside(what, clips, leaves, progress)
    found += await heard.conclude(entries, progress)
    progress(Step.STRAYS, 0, 1)
    known = clips.versions | came.versions | moving.versions
    found += await _strays(what, known, record, moving.end)
    return sorted(dict.fromkeys(leaves.findings + found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Steps 11 and 13 to 17: what entries tell that is in no row."""

    what: Examined
    objects: Objects
    counted: Counted
    taken_out: TakenOut
    revealed: Revealed
    anchors: Anchors
    lawful: Lawful
    draws: Draws
    filed: Filed

    @classmethod
    async def of(cls, what: Examined, clips: Clips, record: Record) -> Heard:
        """Nothing was heard yet; what *clips* count is theirs, too."""
        return cls(
            what=what,
            objects=clips.objects,
            counted=clips.counted,
            taken_out=TakenOut(),
            revealed=await Revealed.of(clips.objects, record),
            anchors=Anchors(what.key.name, sm3_maker()),
            lawful=Lawful(clips.objects),
            draws=Draws(record),
            filed=Filed(record=record),
        )

    async def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        self.counted.hear(page)
        self.taken_out.hear(page)
        self.anchors.hear(page)
        self.lawful.hear(page)
        self.draws.hear(page)
        self.filed.hear(page)
        await self.revealed.hear(page)

    async def conclude(self, entries: TrueEntries, progress: Progress) -> list[Finding]:
        """What is wrong with it."""
        progress(Step.CENSUS, 0, len(self.counted.censuses))
        found = list(await self.counted.conclude(self.objects))
        progress(Step.EXPORTS, 0, len(self.taken_out.records))
        found += await self.taken_out.conclude(self.objects)
        found += await self.revealed.conclude(progress)
        found += await self.anchors.conclude(entries, progress)
        found += await self.lawful.conclude(entries, self.what.testimony, progress)
        found += await self.draws.conclude(entries, progress)
        return found + await self.filed.conclude(self.objects, entries, progress)


async def _beside(
    what: Examined, clips: Clips, leaves: Leaves, progress: Progress
) -> list[Finding]:
    """Steps 9 and 12: the log's copy, and what others said of the log."""
    progress(Step.COPY, 0, 1)
    found = await asyncio.to_thread(examine_copy, clips.objects, what.read, what.key, leaves)
    progress(Step.WITNESSED, 0, 1)
    return found + await asyncio.to_thread(
        examine_testimony,
        what.testimony,
        clips.objects,
        what.read,
        is_sound=leaves.is_sound,
    )


def archived_in(page: Sequence[Numbered]) -> list[str]:
    """The clips that became ARCHIVED by the entries of *page*."""
    entries = (Entry(raw) for _, raw in page)
    return [str(entry.clip) for entry in entries if entry.kind is EntryKind.ARCHIVED]


class Clips:
    """Steps 4 to 8, clip by clip, and what step 11 wants to know of them."""

    def __init__(self, what: Examined, record: Record, stop: threading.Event) -> None:
        self._record = record
        self._agency = what.agency
        self.objects = Objects(vault=what.vault, agency=what.agency, stop=stop)
        self._copies: Objects | None = None
        if what.second is not None:
            self._copies = Objects(vault=what.second, agency=what.agency, stop=stop)
        self.counted = Counted(secret=what.census_key)
        self.findings: list[Finding] = []
        self.seen: set[str] = set()
        self.versions: set[str] = set()
        """Of the originals that entries name."""

    async def look(
        self, clips: Sequence[str], entries: TrueEntries, progress: Progress, total: int
    ) -> None:
        """See what is wrong with these clips, of *total*: objects first, for what they open."""
        if not clips:
            return
        about = await entries.about(clips)
        told = [of_clip(clip, about[clip], self._agency) for clip in clips]
        for each in told:
            progress(Step.ORIGINALS, len(self.seen), total)
            self.findings += await asyncio.to_thread(self._look_at_objects, each)
            self.seen.add(each.id)
            self.versions |= each.versions
        self.findings += await self._surplus()
        self.findings += await self._left_of([each for each in told if each.tombstone])
        self.findings += await clip_rows(self._record, told)
        self.findings += await self._look_at_derived(told)

    async def look_again(self, came: Arrivals, entries: TrueEntries) -> None:
        """See what is wrong with those clips that *came* is about, by all that is known now."""
        self.findings = [
            each
            for each in self.findings
            if not came.destroy(each) and (each.step not in _ROWS or not came.touch(each))
        ]
        changed = sorted(came.clips & self.seen)
        for first in range(0, len(changed), _AT_ONCE):
            await self.look(changed[first : first + _AT_ONCE], entries, nobody, 0)
        self.seen |= came.archived

    def _look_at_objects(self, told: Told) -> list[Finding]:
        if told.tombstone is not None:
            return destroyed(self.objects, told.id, told.tombstone)
        if told.begun:
            return []  # some may be gone and some not; whatever is stuck is a problem
        manifest, found = self.objects.manifest(told.id, told.archived)
        if manifest is not None:
            told.clip |= opened(manifest)
            told.clip |= begun(told.clip)
            self.counted.learn(int(str(told.clip["archived_entry"])), manifest)
        return found + self.objects.original(told.id, told.archived)

    async def _surplus(self) -> list[Finding]:
        """The legal holds that were seen and that nobody asked for."""
        seen = [each.finding for each in self.objects.carrying]
        try:
            return await surplus(self._record.catalogue, Which.FIRST, self.objects)
        except TemporaryError:
            return seen  # what cannot be read hides nothing

    async def _left_of(self, gone: Sequence[Told]) -> list[Finding]:
        """What lies in the second vault of clips that are *gone*, whoever copied it when."""
        if self._copies is None or not gone:
            return []
        try:
            found, left = await asyncio.to_thread(_in_copies, self._copies, gone)
        except VaultUnreachable as error:
            self._copies = None  # it is said once
            return [unanswered(error)]
        if not left:
            return found
        # Looked at later than the vault: bytes that came in again meanwhile have their row.
        rows, _told_before = await self._record.rows("clip", "sha256", list(left))
        kept = {row["sha256"] for row in rows if row["state"] != ClipState.DISPOSED.value}
        return found + [each for sha256 in left.keys() - kept for each in left[sha256]]

    async def _look_at_derived(self, told: Sequence[Told]) -> list[Finding]:
        rows, _told_before = await self._record.rows("derived", "clip", [each.id for each in told])
        wanted = {each.id: {} if each.begun else each.derived for each in told}
        found: list[Finding] = []
        for row in rows:
            derived = wanted.get(str(row["clip"]), {}).get(str(row["name"]))
            if derived is not None:
                found += await asyncio.to_thread(self.objects.derived, row, derived)
        return found


def _in_copies(
    objects: Objects, gone: Sequence[Told]
) -> tuple[list[Finding], dict[str, list[Finding]]]:
    """What must not be there of these clips; and of their originals, which others may have too."""
    found, left = list[Finding](), dict[str, list[Finding]]()
    for each in gone:
        found += destroyed(objects, each.id, each.tombstone or {}, Which.SECOND)
        sha256 = str(each.clip["sha256"])
        if copies := copies_left(objects, sha256):
            left[sha256] = copies
    return found, left


async def _rows_without_entry(record: Record, seen: set[str]) -> list[Finding]:
    """Clip rows that no entry made; the rest of a clip's rows are told of with it."""
    held, lost = await record.keys("clip", "id", [])
    strange = [wrong("clip", str(clip), NO_ENTRY) for clip in held if clip not in seen]
    return [*lost, *strange]


async def _strays(what: Examined, archived: set[str], record: Record, end: int) -> list[Finding]:
    """Step 10: *archived* are the versions that entries up to *end* name.

    A page is read before offers and entries are: what was on offer then is, or has come in since.
    """
    pages, found = unknown_pages(what.vault), list[Finding]()
    while page := await asyncio.to_thread(next, pages, None):
        try:
            offered = await what.catalogue.run(stored.offered_digests)
        except TemporaryError:
            offered = set()  # what cannot be read hides nothing: what lies there is told of
        came = await arrivals(record, end)
        archived, end = archived | came.versions, came.end
        unknown = [version for version in page if version.version_id not in archived]
        bad = await what.catalogue.run(stored.rejected, [each.version_id for each in unknown])
        found += [
            stray(version)
            for version in unknown
            if version.version_id not in bad and version.key.rpartition("/")[2] not in offered
        ]
    return found
