"""A lane: clips that wait for one kind of work, done a few at a time, important ones first.

One rule: a clip leaves a lane only when its work is done.  While the work cannot be done (archive
or store away, disk full) everything waits, and what is tried again is tried ever more rarely.
What failed lets all others go first until some work is done again, so no clip holds up the lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count

from evidence.clock import Clock
from evidence.errors import TemporaryError
from station.patience import Patience

_Turn = tuple[bool, int, str]
"""Not important, order of coming, clip."""


_LOOK_AGAIN = 20.0
"""Seconds between two looks whether a lane is open."""


def _always() -> bool:
    return True


class Lane:
    """A queue with its workers.  *work* raises TemporaryError to be tried again, else handles.

    While *is_open* says no, only what is important is worked on.
    """

    def __init__(
        self,
        work: Callable[[str], Awaitable[None]],
        workers: int,
        clock: Clock,
        is_open: Callable[[], bool] = _always,
    ) -> None:
        self._work = work
        self._is_open = is_open
        self._came = asyncio.Event()
        self._workers = workers
        self._clock = clock
        self._waiting: asyncio.PriorityQueue[_Turn] = asyncio.PriorityQueue()
        self._order = count()
        self._failed: list[_Turn] = []
        self._held: set[str] = set()
        self.problem: TemporaryError | None = None
        """Why the work cannot be done at the moment."""

    @property
    def clips(self) -> frozenset[str]:
        """Every clip in the lane, waiting or in work."""
        return frozenset(self._held)

    def add(self, clip: str, *, important: bool = False) -> None:
        """Let *clip* wait for the work; once only, however often it is added."""
        if clip not in self._held:
            self._held.add(clip)
            self._waiting.put_nowait((not important, next(self._order), clip))
            self._came.set()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self._serve())

    async def _serve(self) -> None:
        patience = Patience(self._clock)
        while True:
            turn = await self._next()
            clip = turn[-1]
            try:
                await self._work(clip)
            except TemporaryError as error:
                self.problem = error
                self._failed.append(turn)
                await patience.pause()
                continue
            self.problem = None
            patience.reset()
            self._held.discard(clip)
            self._try_failed_again()

    async def _next(self) -> _Turn:
        """The next clip; while the lane is not open, only one that is important."""
        while True:
            if self._waiting.empty():
                self._try_failed_again()
            turn = await self._waiting.get()
            if self._is_open() or not turn[0]:
                return turn
            self._waiting.put_nowait(turn)  # then all that wait are not important
            self._came.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._came.wait()

    def _try_failed_again(self) -> None:
        for turn in self._failed:
            self._waiting.put_nowait(turn)
        self._failed.clear()
