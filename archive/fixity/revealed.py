"""Step 14: the vault's openings of what no clip's manifest opens are true, and are there.

One rule: what may be forgotten is forgotten in both places.  An object may be gone once its row is;
while the row stands, whoever rebuilds it from the vault could not.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archive.catalogue import opened, sealed
from archive.catalogue.opened import KINDS, Told
from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered
from archive.fixity.objects import Objects, Unread
from archive.fixity.record import Record
from archive.openings import PREFIX, key_of, of_row
from evidence.custody import Entry
from evidence.errors import DigestMismatch, TemporaryError
from evidence.openings import Openings
from evidence.vault import Bucket

_NAME = re.compile(r"(0|[1-9][0-9]{0,17})\.json")


@dataclass(slots=True, kw_only=True)
class Revealed:
    """Holds the openings of each entry that has any against the entry and the row."""

    objects: Objects
    record: Record
    through: int
    """How far along the log they had been copied when the check began."""
    end: int = 0
    """Behind the last entry that was heard of."""
    findings: list[Finding] = field(default_factory=list)
    _looked_at: set[int] = field(default_factory=set)
    _others: dict[int, Mapping[str, object]] = field(default_factory=dict)
    """What entries commit to of which no row tells any more, or no object must be there yet."""

    @classmethod
    async def of(cls, objects: Objects, record: Record) -> Revealed:
        """Nothing was heard of yet."""
        through = await record.catalogue.run(opened.through)
        return cls(objects=objects, record=record, through=through)

    async def hear(self, page: Sequence[Numbered]) -> None:
        """Look at what belongs to the entries of one *page*."""
        self.end = max([self.end, *(seq + 1 for seq, _ in page)])
        entries = {seq: Entry(raw) for seq, raw in page if Entry(raw).kind in KINDS}
        due = {seq: entry for seq, entry in entries.items() if seq <= self.through}
        told = {each.entry: each for each in await self._told(due)} if due else {}
        for seq, entry in entries.items():
            committed, row = _committed(entry), told.get(seq)
            if row is None or row.openings.keys() != committed.keys():
                self._others[seq] = committed  # a row that does not open it was named in step 5
                continue
            self._looked_at.add(seq)
            wanted = _Wanted(entry=seq, committed=committed, told=row)
            if await asyncio.to_thread(self._look, wanted) or await self._is_going(row):
                continue
            key = key_of(self.objects.agency, seq)
            self.findings.append(_finding(key, "is missing, and its row is there"))

    async def conclude(self, progress: Progress) -> list[Finding]:
        """What is wrong, with what lies there beside."""
        progress(Step.OPENINGS, 0, 1)
        prefix = PREFIX.format(agency=self.objects.agency)
        keys = await asyncio.to_thread(self.objects.keys, Bucket.RECORDS, prefix)
        size = await self.record.size()  # read last: what has a key by now has its entry
        if isinstance(keys, Unread):
            return [*self.findings, _finding(prefix, keys.problem)]
        for key in sorted(keys):
            await asyncio.to_thread(self._look_beside, key, key.removeprefix(prefix), size)
        return self.findings

    async def _told(self, entries: Mapping[int, Entry]) -> list[Told]:
        """What rows tell of *entries*; rows that cannot be read were named in step 5."""
        try:
            return await self.record.catalogue.run(opened.told, entries)
        except TemporaryError:
            await self.record.size()  # raises if the database answers nothing at all
            if len(entries) <= 1:
                return []
        each = [await self._told({seq: entry}) for seq, entry in entries.items()]
        return [found for some in each for found in some]

    async def _is_going(self, told: Told) -> bool:
        """Whether its clip is being destroyed: then its object may be gone before its row."""
        if told.clip is None:
            return False
        return bool(await self.record.catalogue.run(sealed.begun_of, [told.clip]))

    def _look(self, wanted: _Wanted) -> bool:
        """See what is wrong with the object; False if there is none."""
        key = key_of(self.objects.agency, wanted.entry)
        data = self.objects.newest(Bucket.RECORDS, key)
        if data is not None:
            self._judge(key, data, wanted)
        return data is not None

    def _look_beside(self, key: str, name: str, size: int) -> None:
        """An object that must not be there, or need not be."""
        found = _NAME.fullmatch(name)
        seq = int(found[1]) if found else -1
        if seq in self._looked_at or self.end <= seq < size:  # the latter has come in since
            return
        data = self.objects.newest(Bucket.RECORDS, key)
        if data is None:
            return
        if seq not in self._others:
            self.findings.append(_finding(key, "belongs to no entry that has openings here"))
        else:
            self._judge(key, data, _Wanted(entry=seq, committed=self._others[seq]))

    def _judge(self, key: str, data: bytes | Unread, wanted: _Wanted) -> None:
        problem = data.problem if isinstance(data, Unread) else wanted.problem(data)
        if problem is not None:
            self.findings.append(_finding(key, problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What an object must open."""

    entry: int
    committed: Mapping[str, object]
    told: Told | None = None
    """What the row tells, if there is one."""

    def problem(self, data: bytes) -> str | None:
        """What is wrong with *data*."""
        try:
            held = Openings.from_bytes(data)
        except DigestMismatch as error:
            return str(error)
        if held.entry != self.entry:
            return f"tells of entry {held.entry}"
        names = [
            name
            for name, opening in held.openings.items()
            if self.committed.get(name) != opening.commitment.hex
        ]
        if names:
            return f"{', '.join(names)}: does not open what entry {self.entry} commits to"
        if self.told is not None and data != of_row(self.told).to_bytes():
            return f"does not say what the row of entry {self.entry} says"
        return None


def _committed(entry: Entry) -> Mapping[str, object]:
    found = entry.fields.get("commitments")
    return found if isinstance(found, dict) else {}


def _finding(key: str, problem: str) -> Finding:
    return Finding(
        step=Step.OPENINGS,
        component=Component.OPENINGS,
        subject=f"records/{key}",
        problem=problem,
    )
