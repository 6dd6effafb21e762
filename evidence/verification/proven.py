"""The entries that were proven to be in the log, and an index of what they are about.

One rule: an entry gets in here only by :meth:`Proven.take`, after its proof held.  Of a whole log
the entries themselves stay in their files and are read again by number.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from evidence import trails
from evidence.custody import EntryKind
from evidence.errors import DigestMismatch
from evidence.tombstone import BEGIN, DONE
from evidence.verification import facts

_INDEXED = {
    EntryKind.STATION_ENROLLED.value,
    EntryKind.STATION_ACT.value,
    EntryKind.ARCHIVED.value,
    EntryKind.EXPORTED.value,
    EntryKind.CENSUS.value,
    EntryKind.LOG_ANCHORED.value,
    EntryKind.DOCUMENT_ADDED.value,
    EntryKind.DOSSIER_MADE.value,
    BEGIN,
    DONE,
    *trails.KINDS,
}


def _numbers() -> array[int]:
    """Numbers of entries, eight bytes each: a log has millions."""
    return array("q")


@dataclass(slots=True, kw_only=True)
class Proven:
    """Entries by their number."""

    fetch: Callable[[int], bytes]
    """Reads an entry that was taken in before."""
    clips: dict[str, array[int]] = field(default_factory=dict)
    """Clip -> numbers of the entries about it, in order."""
    kinds: dict[str, array[int]] = field(default_factory=dict)
    """Kind -> numbers of such entries, in order; only kinds that verification asks for."""
    known: array[int] = field(default_factory=_numbers)
    """Numbers of all entries, in order."""

    def take(self, index: int, raw: bytes) -> None:
        """Entry *index* was proven to be *raw*; DigestMismatch if nobody can read it."""
        facts.parse(raw)
        head = msgspec.json.decode(raw, type=facts.Head)
        self.known.append(index)
        if head.clip is not None:
            self.clips.setdefault(head.clip, _numbers()).append(index)
        if head.kind in _INDEXED:
            self.kinds.setdefault(head.kind, _numbers()).append(index)

    def __contains__(self, index: int) -> bool:
        place = bisect_left(self.known, index)
        return place < len(self.known) and self.known[place] == index

    def raw(self, index: int) -> bytes:
        """Entry *index*; DigestMismatch if no proof of it held."""
        if index not in self:
            raise DigestMismatch(f"no proof shows that entry {index} is in the log")
        return self.fetch(index)

    def kind(self, index: int) -> str:
        """The kind of entry *index*."""
        return msgspec.json.decode(self.raw(index), type=facts.Head).kind

    def of_kind(self, kind: str) -> Iterator[tuple[int, bytes]]:
        """The entries of one kind that is indexed, in order."""
        for index in self.kinds.get(kind, ()):
            yield index, self.raw(index)
