"""The true entries, whatever became of the rows that should hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TypeGuard

from archive.fixity.leaves import Leaves
from archive.fixity.record import Record
from evidence.custody import Entry
from evidence.tiles import WIDTH

Numbered = tuple[int, bytes]
"""Log index and bytes."""


class TrueEntries:
    """Reads entries from the rows, and from the bundles where a row was found to be wrong."""

    def __init__(self, record: Record, leaves: Leaves) -> None:
        self._record = record
        self._leaves = leaves
        self._wrong: Mapping[str | None, list[Numbered]] = defaultdict(list)
        for seq, raw in sorted(leaves.true.items()):
            self._wrong[Entry(raw).clip].append((seq, raw))

    async def pages(self) -> AsyncIterator[list[Numbered]]:
        """All entries in the order of the log, some hundred at a time."""
        end = self._leaves.end
        for first in range(0, end, WIDTH):
            rows, _told_before = await self._record.entries(first, min(first + WIDTH, end))
            held = {seq: row["raw"] for seq, row in rows.items()}
            held |= {
                seq: raw for seq, raw in self._leaves.true.items() if first <= seq < first + WIDTH
            }
            yield [(seq, raw) for seq, raw in sorted(held.items()) if is_entry(raw)]

    async def at(self, numbers: Sequence[int]) -> Mapping[int, Entry]:
        """Those of the entries with these log indexes that there are."""
        rows, _told_before = await self._record.rows("entry", "seq", numbers)
        held = {int(str(row["seq"])): row["raw"] for row in rows}
        held |= {seq: self._leaves.true[seq] for seq in numbers if seq in self._leaves.true}
        return {seq: Entry(raw) for seq, raw in held.items() if is_entry(raw)}

    async def about(self, clips: Sequence[str]) -> Mapping[str, list[Numbered]]:
        """The entries about each of *clips*, in the order of the log."""
        rows = await self._record.entries_about(clips)
        found: dict[str, list[Numbered]] = {clip: list(self._wrong[clip]) for clip in clips}
        for row in rows:
            seq, raw = int(str(row["seq"])), row["raw"]
            if seq < self._leaves.end and seq not in self._leaves.true and is_entry(raw):
                found[str(row["clip"])].append((seq, raw))
        return {clip: sorted(entries) for clip, entries in found.items()}


def is_entry(raw: object) -> TypeGuard[bytes]:
    """Whether *raw* can be read as an entry; what cannot was found to be wrong before."""
    if not isinstance(raw, bytes):
        return False
    try:
        return bool(Entry(raw).kind)
    except (ValueError, KeyError, TypeError):
        return False
