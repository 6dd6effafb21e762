"""The one thread that reads a card: whatever hangs there hangs alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


async def to_its_end(work: Awaitable[Answer]) -> Answer:
    """What *work* gives.  Cancelled, it still waits until the work has ended by itself."""
    future = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        if not future.cancelled():
            future.exception()  # it was told to stop: how it ended matters to nobody
        raise


class CardThread:
    """Runs blocking work for one card, one thing after another."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"card-{name}")

    async def do(
        self, work: Callable[Given, Answer], *args: Given.args, **named: Given.kwargs
    ) -> Answer:
        """What *work* returns.  Cancelled, it still waits until the work has ended."""
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, partial(work, *args, **named))
        return await to_its_end(done)

    def close(self, last: Callable[[], None]) -> None:
        """Do *last* after everything else, and end the thread.  Waits for nothing."""
        self._thread.submit(last)
        self._thread.shutdown(wait=False)
