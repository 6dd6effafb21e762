"""What the rules of disposal need of the whole log, counted once and then by what entries add.

One rule: nothing is guessed.  The first question counts all; each later one looks at the entries
that came since, so it costs what is new, however many clips there are.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right, insort
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow
from evidence.clock import unstamp
from evidence.custody import Entry, EntryKind
from evidence.trails import KINDS

DAY = timedelta(days=1)
_KEPT_FOR = timedelta(days=7)
"""How far behind a day times are kept, so that clocks which differ a little start nothing anew."""
_ENDS = (EntryKind.ARCHIVED.value, EntryKind.DISPOSAL_BEGUN.value, EntryKind.DISPOSED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the limit of a day is reckoned from."""

    done: int
    """Clips that were destroyed in the last 24 hours, or are being destroyed."""
    clips: int
    """Those that are not gone."""


@dataclass(slots=True)
class Reckoning:
    """One archive's, as far as its entries were heard.  Ask it within a transaction."""

    _through: int = -1
    """The last log index that was heard."""
    _counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ENDS, 0))
    """Kind -> how many entries of it there are."""
    _gone: list[datetime] = field(default_factory=list)
    """When clips were destroyed, by their tombstones, in order."""
    _since: datetime | None = None
    """From when on :attr:`_gone` knows all; None: it was never asked."""
    _beside: array[int] = field(default_factory=lambda: array("q"))
    """Log indexes of the entries about no clip that matter to all, in order."""
    _latest: list[datetime] = field(default_factory=list)
    """The latest time that any of these shows, up to and with each."""

    def day(self, tx: Transaction, outside: datetime | None) -> Day:
        """How today stands: a day is over once both clocks, ours and the one *outside*, show it."""
        self._hear(tx)
        now = tx.clock.now()
        since = min(now, outside or now) - DAY
        if self._since is None or since < self._since:
            self._look_back(tx, since - _KEPT_FOR)
        self._forget(since - _KEPT_FOR)
        archived, begun, gone = (self._counts[kind] for kind in _ENDS)
        today = len(self._gone) - bisect_right(self._gone, since)
        return Day(done=today + begun - gone, clips=archived - gone)

    def latest(self, tx: Transaction, entry: int) -> datetime | None:
        """The latest time that those beside show up to *entry*; None: there are none."""
        self._hear(tx)
        place = bisect_right(self._beside, entry)
        return self._latest[place - 1] if place else None

    def _hear(self, tx: Transaction) -> None:
        """Learn from the entries that came since."""
        last = tx.session.scalar(select(func.max(EntryRow.seq)))
        if last is None or last <= self._through:
            return
        new = EntryRow.seq > self._through, EntryRow.seq <= last
        counted = select(EntryRow.kind, func.count()).where(*new, EntryRow.kind.in_(_ENDS))
        for kind, count in tx.session.execute(counted.group_by(EntryRow.kind)):
            self._counts[kind] += count
        beside = select(EntryRow.seq, EntryRow.raw).where(
            *new, EntryRow.kind.in_(KINDS), EntryRow.clip.is_(None)
        )
        for seq, raw in tx.session.execute(beside.order_by(EntryRow.seq)):
            at = _at(raw)
            self._beside.append(seq)
            self._latest.append(max(at, self._latest[-1]) if self._latest else at)
        if self._since is not None:
            gone = select(EntryRow.raw).where(*new, EntryRow.kind == EntryKind.DISPOSED.value)
            for raw in tx.session.scalars(gone):
                insort(self._gone, _at(raw))
        self._through = last

    def _look_back(self, tx: Transaction, since: datetime) -> None:
        """Learn when clips were destroyed after *since*, the newest tombstone first."""
        newest_first = (
            select(EntryRow.raw)
            .where(EntryRow.kind == EntryKind.DISPOSED.value)
            .order_by(EntryRow.seq.desc())
        )
        self._gone, self._since = [], since
        with tx.session.scalars(newest_first.execution_options(yield_per=50)) as rows:
            for raw in rows:
                if (at := _at(raw)) <= since:
                    break
                self._gone.append(at)
        self._gone.sort()

    def _forget(self, before: datetime) -> None:
        """What is so long ago counts for no day any more."""
        if self._since is not None and before - self._since > _KEPT_FOR:
            self._gone = self._gone[bisect_right(self._gone, before) :]
            self._since = before


def _at(raw: bytes) -> datetime:
    return unstamp(str(Entry(raw).fields["at"]))
