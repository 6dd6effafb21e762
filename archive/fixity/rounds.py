"""Rounds: steps 6 and 7 day by day, so that every original is read back within its time.

Some of the clips are looked at four times a day: as many as the time that is left for the round
asks for, so a round that was held up catches up.  The log says how far the round is, so it goes on
after a restart.  What is wrong is looked at again each time, and is a problem until it is right.
Each vault has rounds of its own; whoever can mend what they find is asked to, at once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.catalogue import rounds, sealed
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.moves import Which
from archive.catalogue.rounds import Passed, Share, Standing
from archive.fixity import Component, Finding, Step
from archive.fixity.objects import Objects
from archive.fixity.pace import Pace
from archive.fixity.surplus import surplus
from archive.fixity.told import copied, kept
from archive.supervise import Supervised
from evidence.clock import Clock, stamp
from evidence.custody import Entry
from evidence.digests import Maker
from evidence.vault import Vault

EVERY = timedelta(hours=6)
"""Between two shares."""
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before an object that cannot be read is tried again: five times, then it has failed."""
LOOK_AGAIN = 60.0
AT_ONCE = 25
"""Clips looked at before it is put on record that they were."""

Mend = Callable[[str, Which, Sequence[Finding]], Awaitable[bool]]
"""Puts right what was found of a clip in one vault; whether there is anything to look at anew."""
_log = logging.getLogger(__name__)


async def nobody_mends(_clip: str, _which: Which, _found: Sequence[Finding]) -> bool:
    """There is nothing to mend it from."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How rounds are made."""

    days: float
    which: Which = Which.FIRST
    pauses: Sequence[float] = PAUSES
    at_once: int = AT_ONCE
    pace: Pace | None = None
    mend: Mend = nobody_mends
    sm3: Maker | None = None
    """Takes it of each original of which no entry tells one; that is put on record."""


class Rounds:
    """Goes round the originals of one vault, for ever."""

    def __init__(
        self, catalogue: Catalogue, vault: Vault, clock: Clock, how: How, *, agency: str
    ) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._clock = clock
        self._how = how
        self._which = how.which
        self._agency = agency
        self._length = timedelta(days=how.days)
        self._failed: dict[str, str] = {}
        self._late: list[str] = []
        self._stop = threading.Event()
        name = "fixity" if how.which is Which.FIRST else "fixity of the second vault"
        self.work = Supervised(name, self._step, clock)

    @property
    def problems(self) -> list[str]:
        """What was wrong at the last look, and whether the round is late."""
        failed = sorted(self._failed.items())
        return [*self._late, *(rounds.in_words(self._which, *each) for each in failed)]

    @property
    def wrong(self) -> frozenset[str]:
        """The clips of which something was wrong at the last look."""
        return frozenset(self._failed)

    async def start(self) -> None:
        """Begin where the log says that we are."""
        self._failed = dict((await self._standing()).failed)
        self.work.start()

    async def stop(self) -> None:
        """End the work, within a block of the object it reads; what is on record stays so."""
        self._stop.set()
        await self.work.stop()

    async def share_now(self) -> int:
        """Look at the share whose turn it is; how many clips it has."""
        standing = await self._standing()
        known = await self._look_again()
        after, looked = standing.through, 0
        share = await self._share_of(standing)
        objects = self._objects(self._how.pauses)
        while True:
            most = min(self._how.at_once, share - looked)
            part = await self._catalogue.run(rounds.share, after, most, self._which)
            await self._see(objects, part, known)
            looked += len(part.clips)
            if looked >= share or part.through is None:
                return looked
            after = part.through

    async def _see(self, objects: Objects, part: Share, known: set[str]) -> None:
        """Look at these clips, but those *known* to be wrong, and put on record that we did."""
        before, repaired = objects.read, 0
        for clip, entries in part.clips:
            if clip not in known:
                repaired += await self._look(objects, clip, entries)
        wrong = sum(clip in self._failed for clip, _ in part.clips)
        seen = Passed(
            clips=len(part.clips) - wrong,
            failed=wrong,
            repaired=repaired,
            size=objects.read - before,
            through=part.through,
        )
        await self._catalogue.run(rounds.passed, self._which, seen)

    async def _look_again(self) -> set[str]:
        """Look at what was wrong before, each once and without patience; these clips."""
        objects, known = self._objects(()), sorted(self._failed)
        for clip in known:
            await self._look(objects, clip, await self._entries_of(clip))
        return set(known)

    def _objects(self, pauses: Sequence[float]) -> Objects:
        return Objects(
            vault=self._vault,
            agency=self._agency,
            pauses=pauses,
            stop=self._stop,
            pace=self._how.pace,
            also=self._how.sm3,
        )

    async def _standing(self) -> Standing:
        return await self._catalogue.run(rounds.standing, self._which)

    async def _entries_of(self, clip: str) -> Sequence[Entry]:
        return await self._catalogue.run(rounds.entries_of, clip)

    async def _share_of(self, standing: Standing) -> int:
        """How many clips must be looked at now, so that the round ends in its time."""
        to_go = await self._catalogue.run(rounds.to_go, standing.through, self._which)
        end = await self._end_of_round(standing)
        parts = 1 if end is None else max(1, round((end - self._clock.now()) / EVERY))
        return max(1, -(-to_go // parts))

    async def _end_of_round(self, standing: Standing) -> datetime | None:
        began = standing.began or await self._catalogue.run(rounds.first, self._which)
        return None if began is None else began + self._length

    async def _step(self) -> None:
        if await self._is_due():
            await self.share_now()
            await self._is_due()
        await asyncio.sleep(LOOK_AGAIN)

    async def _is_due(self) -> bool:
        standing = await self._standing()
        end, now = await self._end_of_round(standing), self._clock.now()
        if end is None:
            return False
        self._late = [_late(self._which, end)] if now > end else []
        last = standing.at or end - self._length
        return now >= last + min(EVERY, self._length)

    async def _look(self, objects: Objects, clip: str, entries: Sequence[Entry]) -> bool:
        """Look at one clip, and have mended what is wrong; whether that was done."""
        found, repaired = await self._found(objects, clip, entries), False
        if found and len(now := await self._entries_of(clip)) > len(entries):
            found = await self._found(objects, clip, now)  # it lies elsewhere by now
        begun = await self._catalogue.run(sealed.begun_of, [clip]) if found else set[str]()
        if begun:
            self._failed.pop(clip, None)  # it was disposed of: nothing is to be there
            return False
        if found:
            await self._fail(clip, found[0])
            if await self._how.mend(clip, self._which, found):
                found = await self._found(objects, clip, await self._entries_of(clip))
                repaired = not found
        if not found and clip in self._failed:
            await self._catalogue.run(rounds.mended, self._which, clip)
            del self._failed[clip]
        if not found and (read := objects.taken.pop(clip, None)) is not None:
            await self._catalogue.run(rounds.digested, clip, read)
        return repaired

    async def _fail(self, clip: str, first: Finding) -> None:
        component = first.component.value
        if self._failed.get(clip) != component:
            _log.critical("fixity of the %s vault: %s", self._which, first)
            told = (self._which, clip, int(first.step), component)
            await self._catalogue.run(rounds.failed, *told)
        self._failed[clip] = component

    async def _found(self, objects: Objects, clip: str, entries: Sequence[Entry]) -> list[Finding]:
        found = await asyncio.to_thread(_look_at, objects, clip, entries, self._which)
        return found + await surplus(self._catalogue, self._which, objects)


def _look_at(objects: Objects, clip: str, entries: Sequence[Entry], which: Which) -> list[Finding]:
    if not entries:
        return [_unknown(clip, Component.CLIP_ROW, "leads to no entry")]
    try:
        archived, *moves = [each.fields for each in entries]
        held = kept(archived, moves) if which is Which.FIRST else copied(archived, moves)
        if held is None:
            return [_unknown(clip, Component.COPY_ROW, "leads to no entry")]
        manifest = objects.manifest(clip, held)
        return manifest[1] + objects.original(clip, held)
    except (ValueError, KeyError, TypeError) as error:
        return [_unknown(clip, Component.ENTRY_ROW, f"cannot be understood: {error}")]


def _unknown(clip: str, component: Component, problem: str) -> Finding:
    """That nobody can tell what the objects of *clip* must be."""
    subject = f"of clip {clip}"
    return Finding(step=Step.ENTRIES, component=component, subject=subject, problem=problem)


def _late(which: Which, end: datetime) -> str:
    of = "" if which is Which.FIRST else " of the second vault"
    return f"fixity{of}: not every original was read back by {stamp(end)}; the rest is read now"
