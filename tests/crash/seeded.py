"""An event loop that decides by a seed whose turn it is, and whose time passes only when it waits.

Among all task steps that are ready, and all jobs that were handed to threads, the seed chooses
which goes next.  Jobs run in the loop's own thread, one at a time, in order for each executor of
one thread; sockets and timers work as ever.  So a schedule is decided by its seed, and a wait of
five seconds takes none.
"""

from __future__ import annotations

import asyncio
import random
import selectors
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar, TypeVarTuple, Unpack

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
_GRACE = 0.0005
"""Seconds that the kernel gets to hand over what was sent on a socket."""

Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")
Job = tuple[asyncio.Future[Any], Callable[[], Any]]


class SeededLoop(asyncio.SelectorEventLoop):
    """One schedule."""

    # What asyncio's own loop keeps, and does not tell type checkers.
    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]
    _selector: selectors.BaseSelector
    _process_events: Callable[[list[tuple[selectors.SelectorKey, int]]], None]

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._virtual = 0.0
        self._jobs: dict[object, deque[Job]] = {}
        self.choices = 0
        """How often more than one step or job might have gone next."""
        super().__init__()

    def time(self) -> float:
        return self._virtual

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[Given]], Answer],
        *args: *Given,
    ) -> asyncio.Future[Answer]:
        """Let *func* wait for its turn; without an executor it may overtake others."""
        future: asyncio.Future[Answer] = self.create_future()
        queue = object() if executor is None else executor
        self._jobs.setdefault(queue, deque()).append((future, partial(func, *args)))
        return future

    def _run_once(self) -> None:
        if not self._ready and not self._jobs:
            self._wait()
        if self._jobs and (not self._ready or self._chance.random() < 0.5):
            self._run_job()
        self._shuffle()
        if self._jobs and not self._ready:
            self.call_soon(_nothing)
        super()._run_once()  # type: ignore[misc]  # asyncio's own, untyped

    def _wait(self) -> None:
        """Nothing can go on: look at the sockets, and if they are silent let time pass."""
        events = self._selector.select(0) or self._selector.select(_GRACE)
        if events:
            self._process_events(events)
        elif self._scheduled:
            self._virtual = max(self._virtual, self._scheduled[0].when())

    def _run_job(self) -> None:
        self.choices += len(self._jobs) > 1
        queue = self._chance.choice(list(self._jobs))
        future, work = self._jobs[queue].popleft()
        if not self._jobs[queue]:
            del self._jobs[queue]
        if future.cancelled():
            return
        try:
            answer = work()
        except Exception as error:  # noqa: BLE001  it is whoever waits who handles it
            future.set_exception(error)
        else:
            future.set_result(answer)

    def _shuffle(self) -> None:
        """Put task steps behind all else that is ready, in an order of the seed's."""
        steps = [handle for handle in self._ready if _is_step(handle)]
        others = [handle for handle in self._ready if not _is_step(handle)]
        self.choices += len(steps) > 1
        self._chance.shuffle(steps)
        self._ready.clear()
        self._ready.extend(others + steps)


def _is_step(handle: Any) -> bool:
    callback = handle._callback
    if type(callback).__name__ == "TaskStepMethWrapper":
        return True
    return isinstance(getattr(callback, "__self__", None), asyncio.Task)


def _nothing() -> None:
    """Only lets the loop go round."""


class LoopClock:
    """The loop's time as the product's clock."""

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
