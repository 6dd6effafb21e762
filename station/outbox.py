"""The outbox: the journal's entries on their way to the archive, in order, each once.

With them goes what opens what was said at the board; the words behind all others come with clips.

One rule: nothing about a clip is asked of the archive before the entries that led there arrived.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from evidence.clock import Clock
from evidence.errors import EvidenceError, IntegrityError, TemporaryError
from evidence.wire import JournalAccepted, JournalPush
from ingest.archive_client import ArchiveClient
from station.desk import Desk
from station.journal.journal import Journal
from station.patience import Patience

BATCH = 100
"""Entries in one push; a usual one has under 1 kB."""

GATHER = 0.05
"""Seconds in which more entries may join the next push."""

_log = logging.getLogger(__name__)


class Outbox:
    """Pushes entries until cancelled; others wait for theirs to have arrived."""

    def __init__(self, desk: Desk, archive: ArchiveClient, clock: Clock) -> None:
        self._desk = desk
        self._archive = archive
        self._clock = clock
        self._through = 0
        self._moved = asyncio.Condition()
        self.problem: EvidenceError | None = None
        """Why entries do not arrive at the moment."""

    @property
    def through(self) -> int:
        """Number of the last entry that the archive holds."""
        return self._through

    async def arrived(self, number: int) -> None:
        """Wait until the archive holds entry *number*."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._through >= number)

    async def run(self) -> None:
        """Push entries for ever.  Stops, showing :attr:`problem`, if the archive's journal differs.

        A refusal stops it too: a person must look, and start the station again.
        """
        patience = Patience(self._clock)
        known = False
        while True:
            try:
                if not known:
                    await self._move_to(await self._ask())
                    known = True
                await self._push()
            except TemporaryError as error:
                self.problem, known = error, False
                await patience.pause()
            except IntegrityError as error:
                self.problem = error
                _log.exception("the journal is not sent any more")
                return
            else:
                self.problem = None
                patience.reset()
                await self._desk.news()
                await self._clock.sleep(GATHER)

    async def _ask(self) -> int:
        there = (await self._archive.get("/v1/journal/through", JournalAccepted)).through
        here = await self._desk.ask(Journal.last_number)
        if there > here:
            raise IntegrityError(
                f"the archive holds {there} entries of this station, whose journal ends at {here}",
                advice="The journal was lost or replaced: enrol this station anew with a new key.",
            )
        return there

    async def _push(self) -> None:
        while True:
            after = self._through
            acts = await self._desk.ask(partial(Journal.acts_after, number=after, limit=BATCH))
            if not acts:
                return
            numbers = [act.number for act in acts]
            openings = await self._desk.ask(partial(Journal.openings_of, numbers=numbers))
            push = JournalPush(acts=acts, openings=openings)
            answer = await self._archive.post("/v1/journal", push, JournalAccepted)
            if answer.through <= after:
                raise TemporaryError(f"the archive took no entry after {after}")
            await self._move_to(answer.through)

    async def _move_to(self, number: int) -> None:
        async with self._moved:
            self._through = number
            self._moved.notify_all()
