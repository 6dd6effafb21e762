"""Trails: which entries beside a clip's own say whether what became of it was lawful.

One rule: whoever asks gets all there is, and no more than matters: the law that was published, the
closings of its cases, the proposals that its entries name.  So a package of one clip can hold them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from evidence.clock import unstamp
from evidence.custody import EntryKind
from evidence.lawfulness import Latest, Trail, anything
from evidence.tombstone import (
    APPROVE,
    BEGIN,
    CASE_CLOSED,
    CASE_REOPENED,
    DONE,
    LAW,
    MAKE,
    WITHDRAW,
    Begun,
    Closing,
    PackSaid,
    Published,
    Retained,
    Said,
    Withdrawn,
)

KINDS = (LAW, CASE_CLOSED, CASE_REOPENED, MAKE, APPROVE, WITHDRAW)
"""Of entries that matter though they are about no clip."""
MATTERS = frozenset({BEGIN, DONE, EntryKind.RETAINED.value})
"""Of entries about a clip that there is anything to work out for."""
_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class Trails:
    """Hears the log in order, and gives the trail of each clip."""

    pack: Callable[[str], bytes | None]
    """As in :class:`evidence.lawfulness.Trail`."""
    latest: Latest = anything
    """Likewise."""
    laws: dict[int, bytes] = field(default_factory=dict)
    _closings: dict[int, bytes] = field(default_factory=dict)
    _reopened: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """Closing -> entries that say that its case is open again."""
    _proposals: dict[str, dict[int, bytes]] = field(default_factory=dict)
    """Proposal that is about no one clip -> its entries."""
    _made: dict[int, str] = field(default_factory=dict)
    """Log index of its first one -> such a proposal."""

    def hear(self, index: int, raw: bytes) -> None:
        """Learn from an entry of one of :data:`KINDS`; those about a clip are for its own trail."""
        said = msgspec.json.decode(raw, type=Said)
        if said.kind == LAW:
            self.laws[index] = raw
        elif said.kind == CASE_CLOSED:
            self._closings[index] = raw
        elif said.kind == CASE_REOPENED:
            closing = msgspec.json.decode(raw, type=Closing).closing
            self._reopened.setdefault(closing, {})[index] = raw
        elif said.clip is None:
            proposal = msgspec.json.decode(raw, type=Withdrawn).proposal
            self._proposals.setdefault(proposal, {})[index] = raw
            if said.kind == MAKE:
                self._made.setdefault(index, proposal)

    def of(self, about: Sequence[tuple[int, bytes]]) -> Trail:
        """The trail of the clip that the entries *about*, in order, are about."""
        beside = {index: found for _, raw in about for index, found in self._named(raw)}
        return Trail(about=about, beside=sorted(beside.items()), pack=self.pack, latest=self.latest)

    def packs(self) -> Iterator[tuple[int, PackSaid]]:
        """Every law pack and rule set that was published, and by which entry."""
        for index, raw in self.laws.items():
            for each in msgspec.json.decode(raw, type=Published).packs:
                yield index, each

    def _named(self, raw: bytes) -> Iterator[tuple[int, bytes]]:
        """What an entry about a clip relies on."""
        kind = msgspec.json.decode(raw, type=Said).kind
        if kind == BEGIN:
            yield from self.laws.items()
            for each in msgspec.json.decode(raw, type=Begun).cases:
                if each.closed in self._closings:
                    yield each.closed, self._closings[each.closed]
                yield from self._reopened.get(each.case, {}).items()
        elif kind == EntryKind.RETAINED.value:
            made = self._made.get(msgspec.json.decode(raw, type=Retained).proposal or -1)
            yield from self._proposals.get(made or "", {}).items()


def miscounted(
    ends: Iterable[tuple[int, bytes]], archived: Sequence[int]
) -> Iterator[tuple[int, str]]:
    """Of a whole log: ``dispose.begin`` entries that count what was not so, by log index.

    *ends* are all ``dispose.begin`` and ``dispose.done`` entries, *archived* the log indexes of the
    ``archive.verified`` entries, each in order.
    """
    times: list[datetime] = []
    for index, raw in ends:
        said = msgspec.json.decode(raw, type=Said)
        now = unstamp(said.at)
        if said.kind == DONE:
            insort(times, now)
            continue
        begun = msgspec.json.decode(raw, type=Begun)
        since = min(now, unstamp(begun.outside.at)) - _DAY
        today = bisect_right(times, now) - bisect_right(times, since)
        clips = bisect_left(archived, index) - len(times)
        if begun.done_today < today:
            yield index, f"it counts {begun.done_today} clips destroyed in 24 hours; {today} were"
        if begun.clips > clips:
            yield index, f"it counts {begun.clips} clips, and there were {clips}"
