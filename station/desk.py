"""The desk where the journal lies: one thread, one question at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

from station.journal.journal import Journal

Answer = TypeVar("Answer")


class Desk:
    """Asks the journal from the event loop; use as an async context manager."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._written = asyncio.Event()

    async def ask(self, question: Callable[[Journal], Answer]) -> Answer:
        """What the journal answers."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, question, self._journal)

    async def tell(self, fact: Callable[[Journal], Answer]) -> Answer:
        """State a fact, and let whoever sends entries on know that there may be new ones."""
        answer = await self.ask(fact)
        self._written.set()
        return answer

    async def news(self) -> None:
        """Wait until something was told since the last call."""
        await self._written.wait()
        self._written.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self._thread.shutdown)
        self._journal.close()
