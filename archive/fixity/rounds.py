"""Rounds: steps 6 and 7 day by day, so that every original is read back within its time.

A share of the clips is looked at four times a day.  The log says how far the round is, so it goes
on after a restart.  What is wrong is looked at again each time, and is a problem until it is right.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from archive.catalogue import fixities
from archive.catalogue.catalogue import Catalogue
from archive.fixity import Finding
from archive.fixity.objects import Objects
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.custody import Entry
from evidence.vault import Vault

EVERY = timedelta(hours=6)
"""Between two shares."""
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before an object that cannot be read is tried again: five times, then it has failed."""
LOOK_AGAIN = 60.0

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
    ) -> None:
        self._catalogue = catalogue
        self._vault = vault
        self._clock = clock
        self._agency = agency
        self._parts = max(1, int(timedelta(days=days) / EVERY))
        self._pauses = pauses
        self._failed: dict[str, str] = {}
        self.work = Supervised("fixity", self._step, clock)

    @property
    def problems(self) -> list[str]:
        """What was wrong at the last look."""
        return [fixities.in_words(*each) for each in sorted(self._failed.items())]

    async def start(self) -> None:
        """Begin where the log says that we are."""
        self._failed = dict((await self._catalogue.run(fixities.standing)).failed)
        self.work.start()

    async def stop(self) -> None:
        """End the work; an unfinished share is looked at anew."""
        await self.work.stop()

    async def share_now(self) -> int:
        """Look at the share whose turn it is; how many clips it has."""
        standing = await self._catalogue.run(fixities.standing)
        share = await self._catalogue.run(fixities.share, standing.through, self._parts)
        objects = Objects(vault=self._vault, agency=self._agency, pauses=self._pauses)
        for clip in sorted(self._failed):
            entry = await self._catalogue.run(fixities.entry_of, clip)
            await self._look(objects, clip, entry)
        for clip, entry in share.clips:
            await self._look(objects, clip, entry)
        told = (len(share.clips), objects.read, share.through)
        await self._catalogue.run(fixities.passed, *told)
        return len(share.clips)

    async def _step(self) -> None:
        if await self._is_due():
            await self.share_now()
        await asyncio.sleep(LOOK_AGAIN)

    async def _is_due(self) -> bool:
        last = (await self._catalogue.run(fixities.standing)).at
        if last is None:
            last = await self._catalogue.run(fixities.last_archived)
        return last is not None and self._clock.now() >= last + EVERY

    async def _look(self, objects: Objects, clip: str, entry: Entry) -> None:
        found = await asyncio.to_thread(_look_at, objects, clip, entry)
        if found:
            first = found[0]
            if self._failed.get(clip) != first.component.value:
                _log.critical("fixity: %s", first)
                told = (clip, int(first.step), first.component.value)
                await self._catalogue.run(fixities.failed, *told)
            self._failed[clip] = first.component.value
        elif clip in self._failed:
            await self._catalogue.run(fixities.mended, clip)
            del self._failed[clip]


def _look_at(objects: Objects, clip: str, entry: Entry) -> list[Finding]:
    _manifest, found = objects.manifest(clip, entry.fields)
    return found + objects.original(clip, entry.fields)
