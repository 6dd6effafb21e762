"""Step 16: what became of clips' time was lawful, worked out anew from log and law.

The same rules as in step 10 of a package's verification, over the true entries and the law packs
that lie in the vault.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered, TrueEntries
from archive.fixity.objects import Objects, Unread
from archive.fixity.testimony import Testimony
from archive.originals import pack_key
from evidence.cosignature import Cosignature
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.errors import EvidenceError
from evidence.lawfulness import Latest, anything, problems
from evidence.note import open_checkpoint
from evidence.tombstone import BEGIN, DONE, Outside
from evidence.trails import KINDS, Trails, miscounted
from evidence.vault import Bucket

_AT_ONCE = 100


def _numbers() -> array[int]:
    return array("q")


@dataclass(slots=True)
class Lawful:
    """Learns from every entry, then looks at clips that were cut short, and at those that went."""

    objects: Objects
    trails: Trails = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    _files: dict[str, bytes | None] = field(default_factory=dict)
    _until: dict[str, str] = field(default_factory=dict)
    """Clip -> until when it is kept, by the entries so far."""
    _clips: dict[str, None] = field(default_factory=dict)
    """Those that were cut short, or went."""
    _ends: list[Numbered] = field(default_factory=list)
    _archived: array[int] = field(default_factory=_numbers)

    def __post_init__(self) -> None:
        self.trails = Trails(pack=self._files.get)

    def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        for seq, raw in page:
            try:
                self._hear(seq, raw, Entry(raw))
            except (ValueError, KeyError, TypeError) as error:
                self._found(f"entry {seq}", f"cannot be read: {error}")

    def _hear(self, seq: int, raw: bytes, entry: Entry) -> None:
        kind, clip = entry.kind.value, entry.clip
        if kind in KINDS:
            self.trails.hear(seq, raw)
        elif kind in {BEGIN, DONE}:
            self._ends.append((seq, raw))
            self._clips[clip or ""] = None
        elif clip is not None and kind in {EntryKind.ARCHIVED.value, EntryKind.RETAINED.value}:
            until = str(entry.fields["retain_until"])
            if kind == EntryKind.ARCHIVED.value:
                self._archived.append(seq)
            elif until < self._until.get(clip, ""):
                self._clips[clip] = None
            self._until[clip] = until

    async def conclude(
        self, entries: TrueEntries, testimony: Testimony, progress: Progress
    ) -> list[Finding]:
        """What was not lawful, and which law packs are not what was published."""
        progress(Step.LAWFUL, 0, len(self._clips))
        await asyncio.to_thread(self._read_packs)
        self.trails.latest = await asyncio.to_thread(latest_by, testimony)
        clips = list(self._clips)
        for first in range(0, len(clips), _AT_ONCE):
            about = await entries.about(clips[first : first + _AT_ONCE])
            for clip, said in about.items():
                for problem in problems(self.trails.of(said)):
                    self._found(f"clip {clip}", problem)
        for seq, problem in miscounted(self._ends, self._archived):
            self._found(f"entry {seq}", problem)
        return self.findings

    def _read_packs(self) -> None:
        for seq, said in self.trails.packs():
            sha256 = said.digests.sha256
            if sha256 in self._files:
                continue
            key = pack_key(self.objects.agency, sha256)
            data = self.objects.newest(Bucket.RECORDS, key)
            wrong = data is None or isinstance(data, Unread) or Sha256.of(data).hex != sha256
            self._files[sha256] = None if wrong or isinstance(data, Unread) else data
            if wrong:
                problem = "is missing" if data is None else "is not the one that it names"
                problem = data.problem if isinstance(data, Unread) else problem
                self._found(f"entry {seq}", f"records/{key} {problem}", Component.LAW_PACK)

    def _found(self, subject: str, problem: str, component: Component = Component.DISPOSAL) -> None:
        self.findings.append(
            Finding(step=Step.LAWFUL, component=component, subject=subject, problem=problem)
        )


def latest_by(testimony: Testimony) -> Latest:
    """The latest time that anybody outside can have told before an entry, by what they said.

    It is the newest that a quorum have reached of those who have seen the entry: a policy that was
    made stricter since judges nothing that its witnesses did not see.  Until a quorum has, whom the
    entry names can have told no later time than the newest that is known of them.  Where time
    stamps tell the time, too, nobody can say.
    """
    if testimony.stamps():
        return anything
    policy, said = testimony.policy, list[tuple[int, Cosignature]]()
    for note in testimony.heads().values():
        with suppress(EvidenceError):  # step 12 names it
            size = open_checkpoint(note, testimony.keys).size
            said += [(size, each) for each in policy.said(note)]

    def latest(index: int, outside: Outside) -> datetime | None:
        reached = policy.reached([each for size, each in said if size > index])
        if reached is not None:
            return reached.at
        named = policy.witnesses.get(outside.name)
        key = None if named is None else named.key
        return max((each.at for _, each in said if each.witness == key), default=None)

    return latest
