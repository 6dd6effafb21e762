"""From committed entries to the signed log, in order, in batches.

An entry counts once the catalogue has committed it; the log follows within :data:`BATCH` seconds.
Row ``seq`` of the catalogue and leaf ``seq`` of the log are the same bytes, always: where they are
not, nothing is signed any more.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from archive.catalogue import entries
from archive.catalogue.catalogue import Catalogue
from archive.log.log import Log
from archive.supervise import Supervised
from archive.tenure import Tenure
from evidence.clock import Clock
from evidence.errors import LogBroken, TemporaryError

Gate = Callable[[], Awaitable[None]]

#: Seconds that entries may wait for company before they are signed for together.
BATCH = 0.1
MOST = 1024
"""Entries integrated at one time."""
_AT_REST = "nothing is signed at rest; the next start (evidock up) signs for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Entries that follow one another, from log index *first* on."""

    first: int
    entries: tuple[bytes, ...]


class Sequencer:
    """The only caller of :meth:`Log.integrate`."""

    def __init__(
        self, catalogue: Catalogue, log: Log, clock: Clock, may_sign: Gate | None = None
    ) -> None:
        """*may_sign* is awaited before every signature; it raises if there may be none."""
        self._may_sign = may_sign
        self._catalogue = catalogue
        self._log = log
        self._clock = clock
        self._moved = asyncio.Event()
        self._integrating = threading.Lock()
        self.tenure = Tenure(catalogue, clock, self._tell)
        self.work = Supervised("sequencer", self._step, clock, ended=self._tell)

    async def start(self) -> None:
        """Check that log and catalogue agree, take office, catch up, then follow.

        LogBroken if log or office have entries that the catalogue does not have.
        """
        await self.check()
        await self.tenure.take()
        if not self._log.is_signed:  # a new log, or a key that is to sign since
            await self._may(self._log.size)
            await asyncio.to_thread(self._log.sign_head)
        await self._drain()
        self.work.start()
        self.tenure.work.start()

    def go_on(self) -> None:
        """Follow again after what had stopped it was seen to; nothing if it was not stopped."""
        if self.work.failure is not None and self.work.stopped:
            self.work.start()

    async def stop(self) -> None:
        """Sign for what is committed, then stop; without it the next start catches up."""
        running = not self.work.stopped  # a second stop has nothing left to do
        await self.tenure.work.stop()
        await self.work.stop()
        if running and not self.tenure.is_over:
            await self._drain()

    async def sequenced(self, index: int) -> None:
        """Return once entry *index* is under the published checkpoint.

        TemporaryError if the sequencer has stopped; OfficeLost if another archive signs now.
        """
        while self._log.size <= index and not (self.work.stopped or self.tenure.is_over):
            await self._moved.wait()
        if self._log.size <= index and self.tenure.is_over:
            raise self.tenure.lost
        if self._log.size <= index:
            raise TemporaryError(
                f"entry {index} is recorded but not signed for: {self.work.failure or _AT_REST}"
            )

    @property
    def size(self) -> int:
        """How many entries are under the published checkpoint."""
        return self._log.size

    async def behind(self) -> int:
        """How many committed entries are not under the published checkpoint yet."""
        committed = await self._catalogue.run(entries.count)
        return max(0, committed - self._log.size)

    async def _step(self) -> None:
        try:
            await self._catalogue.grown.wait()
            await self._clock.sleep(BATCH)
            await self._drain()
        except BaseException:
            self._catalogue.grown.set()  # what woke us is not done
            raise

    async def _drain(self) -> None:
        self._catalogue.grown.clear()
        while batch := await self._pending(self._log.size):
            await self._may(batch.first + len(batch.entries))
            await asyncio.to_thread(self._integrate, batch)
            self._tell()

    async def _may(self, size: int) -> None:
        """Return if *size* entries may be signed for; it is asked before every signature."""
        await self.tenure.claim(size)
        if self._may_sign is not None:
            await self._may_sign()

    def _tell(self) -> None:
        """Let everybody who waits look again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def _pending(self, first: int) -> _Batch | None:
        found = await self._catalogue.run(entries.since, first, MOST)
        return _Batch(first=first, entries=tuple(found)) if found else None

    def _integrate(self, batch: _Batch) -> None:
        """Append *batch* unless it is in the log already.

        A stop may leave a thread of ours at work here: the next one waits, and then sees its work.
        """
        with self._integrating:
            if self._log.size == batch.first:
                self._log.integrate(batch.entries)

    async def check(self) -> None:
        """Return if the last entry the log has is the catalogue's at that place; else LogBroken."""
        last = self._log.size - 1
        if last < 0:
            return
        held = await self._catalogue.run(entries.since, last, 1)
        if held != [await asyncio.to_thread(self._log.entry, last)]:
            raise LogBroken(
                f"the log's entry {last} is not the catalogue's",
                advice="The catalogue or the log is an old copy. Restore both to the same moment.",
            )
