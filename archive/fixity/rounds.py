"""Rounds: steps 6 and 7 day by day, so that every original is read back within its time.

Some of the clips are looked at four times a day: as many as the time that is left for the round
asks for, so a round that was held up catches up.  The log says how far the round is, so it goes on
after a restart.  What is wrong is looked at again each time, and is a problem until it is right.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from archive.catalogue import fixities
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.fixities import Standing
from archive.fixity import Component, Finding, Step
from archive.fixity.objects import Objects
from archive.fixity.told import kept
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

_log = logging.getLogger(__name__)


class Rounds:
    """Goes round the originals in *days*, for ever."""

    def __init__(
        self,
        catalogue: Catalogue,
        vault: Vault,
        clock: Clock,
        *,
        agency: str,
        days: float,
        pauses: Sequence[float] = PAUSES,
        at_once: int = AT_ONCE,
        sm3: Maker | None = None,
    ) -> None:
        """*sm3* takes it of each original of which no entry tells one; that is put on record."""
        self._catalogue = catalogue
        self._vault = vault
        self._clock = clock
        self._agency = agency
        self._length = timedelta(days=days)
        self._pauses = pauses
        self._at_once = at_once
        self._sm3 = sm3
        self._failed: dict[str, str] = {}
        self._late: list[str] = []
        self._stop = threading.Event()
        self.work = Supervised("fixity", self._step, clock)

    @property
    def problems(self) -> list[str]:
        """What was wrong at the last look, and whether the round is late."""
        return [*self._late, *(fixities.in_words(*each) for each in sorted(self._failed.items()))]

    async def start(self) -> None:
        """Begin where the log says that we are."""
        self._failed = dict((await self._catalogue.run(fixities.standing)).failed)
        self.work.start()

    async def stop(self) -> None:
        """End the work, within a block of the object it reads; what is on record stays so."""
        self._stop.set()
        await self.work.stop()

    async def share_now(self) -> int:
        """Look at the share whose turn it is; how many clips it has."""
        standing = await self._catalogue.run(fixities.standing)
        known = await self._look_again()
        after, looked = standing.through, 0
        share = await self._share_of(standing)
        objects = self._objects(self._pauses)
        while True:
            part = await self._catalogue.run(
                fixities.share, after, min(self._at_once, share - looked)
            )
            before = objects.read
            for clip, entries in part.clips:
                if clip not in known:
                    await self._look(objects, clip, entries)
            wrong = sum(clip in self._failed for clip, _ in part.clips)
            told = (len(part.clips) - wrong, wrong, objects.read - before, part.through)
            await self._catalogue.run(fixities.passed, *told)
            after, looked = part.through, looked + len(part.clips)
            if looked >= share or after < 0:
                return looked

    async def _look_again(self) -> set[str]:
        """Look at what was wrong before, each once and without patience; these clips."""
        objects, known = self._objects(()), sorted(self._failed)
        for clip in known:
            await self._look(objects, clip, await self._catalogue.run(fixities.entries_of, clip))
        return set(known)

    def _objects(self, pauses: Sequence[float]) -> Objects:
        return Objects(
            vault=self._vault,
            agency=self._agency,
            pauses=pauses,
            stop=self._stop,
            also=self._sm3,
        )

    async def _share_of(self, standing: Standing) -> int:
        """How many clips must be looked at now, so that the round ends in its time."""
        to_go = await self._catalogue.run(fixities.to_go, standing.through)
        end = await self._end_of_round(standing)
        parts = 1 if end is None else max(1, round((end - self._clock.now()) / EVERY))
        return max(1, -(-to_go // parts))

    async def _end_of_round(self, standing: Standing) -> datetime | None:
        began = standing.began or await self._catalogue.run(fixities.first_archived)
        return None if began is None else began + self._length

    async def _step(self) -> None:
        if await self._is_due():
            await self.share_now()
            await self._is_due()
        await asyncio.sleep(LOOK_AGAIN)

    async def _is_due(self) -> bool:
        standing = await self._catalogue.run(fixities.standing)
        end, now = await self._end_of_round(standing), self._clock.now()
        if end is None:
            return False
        self._late = [_late(end)] if now > end else []
        last = standing.at or end - self._length
        return now >= last + min(EVERY, self._length)

    async def _look(self, objects: Objects, clip: str, entries: Sequence[Entry]) -> None:
        found = await asyncio.to_thread(_look_at, objects, clip, entries)
        if found:
            first = found[0]
            if self._failed.get(clip) != first.component.value:
                _log.critical("fixity: %s", first)
                told = (clip, int(first.step), first.component.value)
                await self._catalogue.run(fixities.failed, *told)
            self._failed[clip] = first.component.value
            return
        if clip in self._failed:
            await self._catalogue.run(fixities.mended, clip)
            del self._failed[clip]
        if (read := objects.taken.pop(clip, None)) is not None:
            await self._catalogue.run(fixities.digested, clip, read)


def _look_at(objects: Objects, clip: str, entries: Sequence[Entry]) -> list[Finding]:
    if not entries:
        return [_unknown(clip, Component.CLIP_ROW, "leads to no entry")]
    try:
        archived = kept(entries[0].fields, [each.fields for each in entries[1:]])
        manifest = objects.manifest(clip, archived)
        return manifest[1] + objects.original(clip, archived)
    except (ValueError, KeyError, TypeError) as error:
        return [_unknown(clip, Component.ENTRY_ROW, f"cannot be understood: {error}")]


def _unknown(clip: str, component: Component, problem: str) -> Finding:
    """That nobody can tell what the objects of *clip* must be."""
    subject = f"of clip {clip}"
    return Finding(step=Step.ENTRIES, component=component, subject=subject, problem=problem)


def _late(end: datetime) -> str:
    return f"fixity: not every original was read back by {stamp(end)}; the rest is read now"
