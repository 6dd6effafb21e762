"""The entries that were proven to be in the log, and an index of what they are about.

One rule: an entry gets in here only by :meth:`Proven.take`, after its proof held.  Of a whole log
the entries themselves stay in their files and are read again by number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from evidence.custody import EntryKind
from evidence.errors import DigestMismatch
from evidence.verification import facts

_INDEXED = {
    EntryKind.STATION_ENROLLED.value,
    EntryKind.STATION_ACT.value,
    EntryKind.ARCHIVED.value,
    EntryKind.EXPORTED.value,
    EntryKind.CENSUS.value,
    facts.DISPOSED,
}


@dataclass(slots=True, kw_only=True)
class Proven:
    """Entries by their number."""

    fetch: Callable[[int], bytes]
    """Reads an entry that was taken in before."""
    known: list[int] = field(default_factory=list)
    """Numbers of all entries, in order."""
    clips: dict[str, list[int]] = field(default_factory=dict)
    """Clip -> numbers of the entries about it, in order."""
    kinds: dict[str, list[int]] = field(default_factory=dict)
    """Kind -> numbers of such entries, in order; only kinds that verification asks for."""
    _members: set[int] = field(default_factory=set)

    def take(self, index: int, raw: bytes) -> None:
        """Entry *index* was proven to be *raw*; DigestMismatch if nobody can read it."""
        facts.parse(raw)
        head = msgspec.json.decode(raw, type=facts.Head)
        self.known.append(index)
        self._members.add(index)
        if head.clip is not None:
            self.clips.setdefault(head.clip, []).append(index)
        if head.kind in _INDEXED:
            self.kinds.setdefault(head.kind, []).append(index)

    def __contains__(self, index: int) -> bool:
        return index in self._members

    def raw(self, index: int) -> bytes:
        """Entry *index*; DigestMismatch if no proof of it held."""
        if index not in self._members:
            raise DigestMismatch(f"no proof shows that entry {index} is in the log")
        return self.fetch(index)

    def kind(self, index: int) -> str:
        """The kind of entry *index*."""
        return msgspec.json.decode(self.raw(index), type=facts.Head).kind

    def of_kind(self, kind: str) -> Iterator[tuple[int, bytes]]:
        """The entries of one kind that is indexed, in order."""
        for index in self.kinds.get(kind, ()):
            yield index, self.raw(index)
