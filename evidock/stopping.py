"""Being told to stop: SIGTERM and SIGINT as an event, so that everything is closed in order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager


@asynccontextmanager
async def stop_signal() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM or SIGINT sets while the block runs."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def either(stopped: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Wait for *work* or the stop event; whether the work was finished.

    Unfinished work is cancelled, and closes in order what it had opened; what it raised is raised
    here.
    """
    working = asyncio.create_task(work)
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({waiting, working}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    finished = working.done()
    working.cancel()
    try:
        await working
    except asyncio.CancelledError:
        return False
    return finished
