"""Retaining: the rulebook is published, and what it wants kept for longer is kept for longer.

1. the files of the rulebook's packs are in the vault, locked, before the entry that names them;
2. the entry says which packs count from now on, what a day is, and the agency's own floor;
3. each clip that they want kept for longer than the record says gets a ``retain`` entry.

Nothing here shortens: what a rulebook wants kept for less stays as long as it was promised.  So
whoever changes the settings can keep footage for longer alone, and for less not at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from archive.catalogue import retentions
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.retentions import Retained
from archive.originals import keep_record, pack_key
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock
from evidence.law.rulebook import Rulebook
from evidence.retention import Retention
from evidence.vault import Lock, LockMode, Vault

EVERY = timedelta(days=1)
"""A rule may come into force on any day."""
AT_ONCE = 500
LOOK_AGAIN = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a rulebook would make of one clip."""

    clip: str
    now: Retention
    """By the record."""
    then: Retention
    """By the rulebook."""

    @property
    def is_longer(self) -> bool:
        return self.then.until > self.now.until

    @property
    def is_shorter(self) -> bool:
        return self.then.until < self.now.until


@dataclass(slots=True, kw_only=True)
class Retaining:
    """Keeps the record in step with the *rulebook* of one *agency*."""

    catalogue: Catalogue
    vault: Vault
    clock: Clock
    watch: ClockWatch
    agency: str
    rulebook: Rulebook
    work: Supervised = field(init=False)
    _done: datetime | None = None

    def __post_init__(self) -> None:
        self.work = Supervised("retention", self._step, self.clock)

    async def apply_now(self) -> int:
        """Publish the rulebook and follow it; how many clips are kept for longer now."""
        self.watch.must_be_right(None)
        await asyncio.to_thread(self._keep_packs)
        await self.catalogue.run(retentions.publish, self.rulebook)
        count = 0
        async for part in changes(self.catalogue, self.rulebook, self.clock.now()):
            longer = [(each.clip, each.then) for each in part if each.is_longer]
            if longer:
                await self.catalogue.run(retentions.lengthen, longer)
            count += len(longer)
        self._done = self.clock.now()
        return count

    def _keep_packs(self) -> None:
        """The packs' files in the vault, under the names that the entry gives their digests."""
        lock = Lock(mode=LockMode.COMPLIANCE, until=self.rulebook.first_lease(self.clock.now()))
        for pack in (self.rulebook.law, *self.rulebook.rule_sets):
            key = pack_key(self.agency, pack.digest.hex)
            keep_record(self.vault, key, pack.raw, lock, content_type="application/toml")

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        if self._done is None or not timedelta(0) <= self.clock.now() - self._done < EVERY:
            await self.apply_now()


async def changes(
    catalogue: Catalogue, book: Rulebook, now: datetime
) -> AsyncIterator[Sequence[Change]]:
    """What *book* would make of every clip, some at a time, in the order in which they came."""
    after = -1
    while part := await catalogue.run(retentions.page, after, AT_ONCE):
        yield [_change(each, book, now) for each in part]
        after = part[-1].entry


def _change(held: Retained, book: Rulebook, now: datetime) -> Change:
    then = book.retention(held.facts, now)
    return Change(clip=held.clip, now=held.retention, then=then)
