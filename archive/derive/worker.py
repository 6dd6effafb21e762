"""One worker: takes jobs from the queue and does them, one at a time.

What will pass by itself (store away, disk full) is tried again with growing pauses.  What cannot
be done is given up and stays visible in :func:`archive.catalogue.jobs.problems`; the next start
tries it once more.  A worker that dies leaves a lease that runs out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from archive.catalogue import jobs
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.jobs import Conclusion, Job, JobKind
from archive.supervise import Supervised
from evidence.clip import new_id
from evidence.clock import Clock
from evidence.errors import RenditionFailed, TemporaryError

LOOK_AGAIN = 0.5
"""Seconds between two looks at an empty queue."""
HEARTBEAT = jobs.LEASE.total_seconds() / 3
MOST_TRIES = 3
"""Tries before a media tool that fails is believed to fail always."""
_LONGEST_PAUSE = timedelta(minutes=10)

_log = logging.getLogger(__name__)


class Task(Protocol):
    """One kind of background work."""

    @property
    def kind(self) -> JobKind:
        """Which jobs it does."""
        ...

    async def do(self, clip: str) -> Conclusion:
        """Do it for *clip*; what is answered keeps the result.

        Safe to repeat.  TemporaryError: try again later.  RenditionFailed: try again a few times.
        Anything else: a person must look.
        """
        ...


class Worker:
    """Does the *tasks* it is given, until it is stopped."""

    def __init__(self, catalogue: Catalogue, clock: Clock, tasks: Sequence[Task]) -> None:
        self._catalogue = catalogue
        self._tasks: Mapping[JobKind, Task] = {task.kind: task for task in tasks}
        self._name = new_id("w")
        self.work = Supervised("derived work", self._step, clock)

    @property
    def kinds(self) -> frozenset[JobKind]:
        """The kinds of jobs that are done here."""
        return frozenset(self._tasks)

    async def start(self) -> None:
        """Begin; what was given up before is tried once more."""
        await self._catalogue.run(jobs.revive)
        self.work.start()

    async def stop(self) -> None:
        """Lay down what is at work, for whoever comes next."""
        await self.work.stop()

    async def pending(self) -> int:
        """How many jobs this worker has still to do."""
        return await self._catalogue.run(jobs.pending, self.kinds)

    async def _step(self) -> None:
        job = await self._catalogue.run(jobs.take, self._name, self.kinds)
        if job is None:
            await asyncio.sleep(LOOK_AGAIN)
            return
        try:
            await self._do(job)
        except asyncio.CancelledError:
            await self._catalogue.run(jobs.release, job)
            raise

    async def _do(self, job: Job) -> None:
        try:
            conclusion = await _while(self._tasks[job.kind].do(job.clip), self._alive(job))
            if conclusion is None or not await self._catalogue.run(jobs.conclude, job, conclusion):
                _log.warning("%s of clip %s: another worker took it over", job.kind, job.clip)
        except TemporaryError as error:
            await self._failed(job, error)
        except Exception as error:  # noqa: BLE001  whatever it was, a person is told
            _log.exception("%s of clip %s is given up", job.kind, job.clip)
            problem = f"{type(error).__name__}: {error}"
            await self._catalogue.run(jobs.give_up, job, problem)

    async def _failed(self, job: Job, error: TemporaryError) -> None:
        _log.warning("%s of clip %s: %s", job.kind, job.clip, error)
        if isinstance(error, RenditionFailed) and job.tries + 1 >= MOST_TRIES:
            await self._catalogue.run(jobs.give_up, job, str(error))
            return
        pause = min(timedelta(seconds=2 ** min(job.tries, 10)), _LONGEST_PAUSE)
        await self._catalogue.run(jobs.postpone, job, str(error), pause)

    async def _alive(self, job: Job) -> None:
        """Show signs of life; return when the lease was lost all the same."""
        while await self._catalogue.run(jobs.keep, job):  # noqa: ASYNC110 - a pulse, not a poll
            await asyncio.sleep(HEARTBEAT)


async def _while(
    doing: Coroutine[object, object, Conclusion], alive: Coroutine[object, object, None]
) -> Conclusion | None:
    """What *doing* answers; None, and it is ended, if *alive* returns first."""
    work, beat = asyncio.create_task(doing), asyncio.create_task(alive)
    try:
        await asyncio.wait({work, beat}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return await work
        await beat
        return None
    finally:
        for task in (work, beat):
            task.cancel()
        await asyncio.gather(work, beat, return_exceptions=True)
