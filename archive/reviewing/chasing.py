"""Chasing: who answers for a finding is reminded of it, and somebody higher hears of what is late.

One rule: that somebody was told is on record once every channel that is set up took it; if one did
not, it is tried again after :data:`EVERY`.  With no channel the list that people see is all, and
the entry says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from archive.catalogue import findings, fixities
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.clips import ARCHIVE
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock, unstamp
from evidence.errors import OutOfTurn, TemporaryError
from evidence.finding import FindingTerms

EVERY = timedelta(hours=1)
LOOK_AGAIN = 60.0
AT_ONCE = 200
"""Findings that one message is about at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A finding of which somebody is told."""

    finding: str
    code: str
    due: str
    level: int
    """0: its owner is reminded."""
    role: str | None
    """Who is told, of what was escalated."""


class FindingTeller(Protocol):
    """Tells people; ``evidock`` has mail and webhooks, an archive of its own nobody."""

    async def tell_late(self, late: Sequence[Late]) -> Sequence[str]:
        """Tell of *late*; who took it (``mail``, ``webhook``).

        TemporaryError if one that is set up did not take it: then all may be asked again.
        """
        ...


class NobodyToTell:
    """No channel is set up."""

    async def tell_late(self, late: Sequence[Late]) -> Sequence[str]:  # noqa: ARG002
        return ()


@dataclass(slots=True, kw_only=True)
class Chasing:
    """Has people told by *teller* of findings that are late, or soon will be."""

    catalogue: Catalogue
    clock: Clock
    watch: ClockWatch
    terms: FindingTerms
    teller: FindingTeller = field(default_factory=NobodyToTell)
    work: Supervised = field(init=False)
    trouble: str | None = None
    """Why people could not be told; None if they were."""
    _last: float | None = None

    def __post_init__(self) -> None:
        self.work = Supervised("findings", self._step, self.clock)

    async def chase_now(self) -> int:
        """Remind and escalate what is due; of how many.  TemporaryError if somebody was not told.

        ClockWrong while the clock cannot be right: nobody is blamed by it.
        """
        self.watch.must_be_right(await self.catalogue.run(fixities.last_archived))
        late = await self.catalogue.run(due, self.clock.now(), self.terms)
        count = 0
        for first in range(0, len(late), AT_ONCE):
            some = late[first : first + AT_ONCE]
            try:
                told = await self.teller.tell_late(some)
            except TemporaryError as error:
                self.trouble = f"people were not told of {len(some)} findings: {error}"
                raise
            count += await self.catalogue.run(_record, some, list(told))
        self.trouble, self._last = None, self.clock.monotonic()
        return count

    async def chase_if_due(self) -> None:
        """As :meth:`chase_now`, unless that was tried within :data:`EVERY`.

        Also if it failed: the channels that took it would tell everybody the same each minute.
        """
        now = self.clock.monotonic()
        if self._last is None or now - self._last >= EVERY.total_seconds():
            self._last = now
            await self.chase_now()

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        await self.chase_if_due()


def due(tx: Transaction, now: datetime, terms: FindingTerms) -> list[Late]:
    """Of whom is to be told now: each open finding once, one level at a time."""
    found = []
    for row, stands in findings.all_open(tx):
        ends = unstamp(stands.due)
        level = terms.next_level(ends, now, stands.level)
        if level is not None:
            number, role = level
        elif terms.is_to_be_reminded(ends, now, answered=stands.answered, reminded=stands.reminded):
            number, role = 0, None
        else:
            continue
        found.append(Late(finding=row.id, code=row.code, due=stands.due, level=number, role=role))
    return found


def _record(tx: Transaction, late: Sequence[Late], told: list[str]) -> int:
    """Put on record that people were told; what was closed meanwhile is left out."""
    count = 0
    for each in late:
        try:
            if each.role is None:
                findings.remind(tx, ARCHIVE, each.finding, told)
            else:
                findings.escalate(tx, ARCHIVE, each.finding, told, level=each.level, role=each.role)
        except OutOfTurn:
            continue
        count += 1
    return count
