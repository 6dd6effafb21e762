"""Step 15: the anchors in the log are over the entries as they are.

They are reckoned from the true entries alone; what the tiles say is not asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archive.fixity import Component, Finding, Progress, Step
from archive.fixity.entries import Numbered, TrueEntries
from evidence.anchoring import Anchor, AnchorsAt, differences, hashes_here
from evidence.custody import Entry, EntryKind
from evidence.digests import Maker
from evidence.errors import DigestMismatch


@dataclass(slots=True)
class Anchors:
    """Learns of every anchor, then goes through the entries once more, if there is one."""

    origin: str
    sm3: Maker | None
    said: dict[int, Anchor] = field(default_factory=dict)
    """Log index of each ``log.anchor`` entry -> what it says."""
    findings: list[Finding] = field(default_factory=list)

    def hear(self, page: Sequence[Numbered]) -> None:
        """Learn from the entries of one *page*."""
        for seq, raw in page:
            if Entry(raw).kind is EntryKind.LOG_ANCHORED:
                try:
                    self.said[seq] = anchor = Anchor.of_entry(raw)
                    if anchor.size > seq:
                        self._found(seq, f"is over {anchor.size} entries, of which it is one")
                        del self.said[seq]
                except DigestMismatch as error:
                    self._found(seq, str(error))

    async def conclude(self, entries: TrueEntries, progress: Progress) -> list[Finding]:
        """What is wrong with the anchors."""
        progress(Step.ANCHORS, 0, len(self.said))
        hashes = hashes_here(self.sm3)
        for seq, anchor in self.said.items():
            if unknown := sorted(anchor.roots.keys() - hashes.keys()):
                self._found(seq, f"{', '.join(unknown)}: no library here has that hash")
        ends = sorted({anchor.size for anchor in self.said.values()})
        found = await self._roots(entries, ends) if ends else {}
        for seq, anchor in self.said.items():
            if anchor.size in found:  # else an entry is missing, which step 2 names
                for problem in differences(anchor, found[anchor.size]):
                    self._found(seq, problem)
        return self.findings

    async def _roots(self, entries: TrueEntries, ends: Sequence[int]) -> Mapping[int, Anchor]:
        """What an anchor over the first so many entries must say, for each of *ends*."""
        wanted = AnchorsAt(self.origin, ends, hashes_here(self.sm3))
        async for page in entries.pages():
            first = wanted.size
            if [seq for seq, _ in page] != list(range(first, first + len(page))):
                break
            await asyncio.to_thread(wanted.add, [raw for _, raw in page])
            if wanted.is_done:
                break
        return wanted.found

    def _found(self, seq: int, problem: str) -> None:
        self.findings.append(
            Finding(
                step=Step.ANCHORS,
                component=Component.ANCHOR,
                subject=f"entry {seq}",
                problem=problem,
            )
        )
