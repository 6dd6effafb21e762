"""What came in while everything was being looked at: a home that runs does not hold still.

A walk holds rows against the entries up to where it began.  Rows that newer entries made or changed
are held against these, too, before anything is said of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.catalogue import stored
from archive.catalogue.moves import Which, places
from archive.catalogue.sayings import SAYINGS
from archive.catalogue.tellings import TELLINGS
from archive.fixity import Finding
from archive.fixity.entries import Numbered, is_entry
from archive.fixity.record import Record
from evidence.custody import Entry, EntryKind
from evidence.tiles import WIDTH

ALL_ACTS = "(all)"
"""Stands for the journal as a whole, which every act of a station makes longer."""
_SUBJECTS = {
    EntryKind.STATION_ENROLLED: "by",
    EntryKind.STATION_ACT: "by",
    EntryKind.PERSON_CREATED: "person",
    **{kind: telling.names for kind, telling in TELLINGS.items()},
    **{kind: saying.table for kind, saying in SAYINGS.items()},
}
"""The entries that make or change a row which hangs on no clip, and what names that row."""


@dataclass(slots=True, kw_only=True)
class Arrivals:
    """The entries from one log index on, and what they are about."""

    end: int
    """Behind the last of them."""
    pages: list[list[Numbered]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Of the clips, stations, people, views and what feeds told that they are about."""
    clips: set[str] = field(default_factory=set)
    archived: set[str] = field(default_factory=set)
    """Those of the clips that they archived."""
    versions: set[str] = field(default_factory=set)
    """Of the originals that they archived, moved or stored anew."""
    begun: set[str] = field(default_factory=set)
    """Those of the clips whose destruction they began."""

    def touch(self, finding: Finding) -> bool:
        """Whether they are about what *finding* is about."""
        if not self.names.isdisjoint(re.split("[ /]", finding.subject)):
            return True
        return self.destroy(finding)

    def destroy(self, finding: Finding) -> bool:
        """Whether *finding* is about an object of a clip whose destruction they began."""
        return any(clip in finding.subject for clip in self.begun)

    def hear(self, seq: int, entry: Entry) -> None:
        """Learn what one entry is about."""
        fields = entry.fields
        if (named := _SUBJECTS.get(entry.kind)) is not None:
            self.names.add(str(fields[named]))
        if entry.kind is EntryKind.DISPOSAL_BEGUN:
            self.begun.add(str(entry.clip))
        if entry.clip is not None:
            self.names.add(entry.clip)
            self.clips.add(entry.clip)
        if entry.kind is EntryKind.ARCHIVED:
            self.archived.add(str(entry.clip))
            self.versions.add(str(fields["version"]))
        elif places(fields, Which.FIRST):
            self.versions.add(str(fields["version"]))
        elif entry.kind is EntryKind.STATION_ACT:
            self.names.add(ALL_ACTS)
        elif entry.kind is EntryKind.VIEWED:
            self.names.add(str(seq))


async def arrivals(record: Record, first: int) -> Arrivals:
    """What came in from log index *first* until now; nothing if the entries have a gap.

    Then one of them stands where it does not belong, and how far they reach nobody can tell.
    """
    end = await record.size()
    whole = end > first and await record.catalogue.run(stored.gapless, end)
    found = Arrivals(end=end if whole else first)
    for begin in range(first, found.end, WIDTH):
        rows, _unreadable = await record.entries(begin, min(begin + WIDTH, found.end))
        page = [(seq, row["raw"]) for seq, row in sorted(rows.items())]
        found.pages.append([(seq, raw) for seq, raw in page if is_entry(raw)])
        for seq, raw in found.pages[-1]:
            found.hear(seq, Entry(raw))
    return found
