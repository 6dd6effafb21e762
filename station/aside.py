"""Blocking work that nobody waits for when the station stops: a mail server may hang for long.

One rule: only work that may be cut off anywhere, as by a kill, and is then done again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress


async def aside(work: Callable[[], None], name: str) -> None:
    """Do *work* in a thread of its own, and raise what it raised.

    Cancelled, it leaves the thread behind, which ends with its work or with the process.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        failed = None
        try:
            work()
        except Exception as error:  # noqa: BLE001  it is raised where it is waited for
            failed = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, failed)

    threading.Thread(target=run, name=name, daemon=True).start()
    await done
