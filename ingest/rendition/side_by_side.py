"""Work done side by side, of which nothing goes on once one of it has failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")


async def both(
    one: Coroutine[None, None, One], other: Coroutine[None, None, Other]
) -> tuple[One, Other]:
    """What *one* and *other* give, which run at the same time.

    Raises what the first of them raises that fails; the other one is then cancelled and waited for.
    """
    tasks = asyncio.create_task(one), asyncio.create_task(other)
    try:
        first, second = await asyncio.gather(*tasks)
    finally:
        await _ended(*tasks)
    return first, second


@asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do *work* while the block runs, and see it ended afterwards, however the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        await _ended(task)


async def _ended(*tasks: asyncio.Task[object]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
