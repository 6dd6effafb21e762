"""The one thread that reads a card: whatever hangs there hangs alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class CardThread:
    """Runs blocking work for one card, one thing after another."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"card-{name}")

    async def do(
        self, work: Callable[Given, Answer], *args: Given.args, **named: Given.kwargs
    ) -> Answer:
        """What *work* returns.  Cancelled, it still waits until the work has ended."""
        future = asyncio.wrap_future(self._thread.submit(work, *args, **named))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            future.exception()  # it was told to stop: how it ended matters to nobody
            raise

    def close(self, last: Callable[[], None]) -> None:
        """Do *last* after everything else, and end the thread.  Waits for nothing."""
        self._thread.submit(last)
        self._thread.shutdown(wait=False)
