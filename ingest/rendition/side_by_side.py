"""Work done side by side, of which nothing goes on once one of it has failed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

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
        await ended(*tasks)
    return first, second


@asynccontextmanager
async def beside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Do *work* while the block runs, and see it ended afterwards, however the block ends."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        await ended(task)


async def ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel *tasks* and wait for their end; what they give or raise matters to nobody.

    None is cancelled twice: that would cut its own tidying up short.
    """
    for task in tasks:
        if not task.cancelling():
            task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()
