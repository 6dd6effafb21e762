"""Step 13: what opens the commitments of each ``export`` entry is what the entry names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from archive.fixity import Component, Finding, Step
from archive.fixity.entries import Numbered
from archive.fixity.objects import Objects, Unread
from archive.fixity.told import digest_of
from archive.originals import export_record_key
from evidence.custody import Entry, EntryKind
from evidence.digest import Sha256
from evidence.vault import Bucket


@dataclass(slots=True, kw_only=True)
class TakenOut:
    """Learns from every entry, then looks at the records of exports."""

    records: dict[int, str] = field(default_factory=dict)
    """Log index of each ``export`` entry -> the digest of its record, as it names it."""
    unreadable: list[int] = field(default_factory=list)

    def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        for seq, raw in page:
            entry = Entry(raw)
            if entry.kind is EntryKind.EXPORTED:
                try:
                    self.records[seq] = digest_of(entry.fields["record"])
                except (KeyError, TypeError):
                    self.unreadable.append(seq)

    async def conclude(self, objects: Objects) -> list[Finding]:
        """What is wrong with the records."""
        found = [_finding(seq, "names no record") for seq in self.unreadable]
        for seq, digest in self.records.items():
            problem = await asyncio.to_thread(_problem, objects, digest)
            if problem is not None:
                found.append(_finding(seq, problem))
        return found


def _problem(objects: Objects, digest: str) -> str | None:
    """What is wrong with the record *digest*; blocks."""
    key = export_record_key(objects.agency, digest)
    data = objects.newest(Bucket.RECORDS, key)
    if data is None or isinstance(data, Unread):
        return f"records/{key} " + ("is missing" if data is None else data.problem)
    if Sha256.of(data).hex != digest:
        return f"records/{key} is not the one that it names"
    return None


def _finding(seq: int, problem: str) -> Finding:
    return Finding(
        step=Step.EXPORTS, component=Component.EXPORT, subject=f"entry {seq}", problem=problem
    )
