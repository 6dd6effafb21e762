"""Background work of the archive: one loop that keeps going, or says why it does not.

What will pass by itself is tried again; anything else stops this work, stays visible in
:attr:`Supervised.failure`, and everybody who waits for the work is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from evidence.clock import Clock
from evidence.errors import TemporaryError

#: Seconds before work that failed for the time being is tried again.
PAUSE = 2.0

_log = logging.getLogger(__name__)


def _nobody_waits() -> None:
    """Nothing to tell."""


class Supervised:
    """One piece of background work: *step* is awaited again and again until :meth:`stop`.

    *ended* is called when the work has ended, as asked or for good.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], Awaitable[None]],
        clock: Clock,
        *,
        ended: Callable[[], None] = _nobody_waits,
    ) -> None:
        self._name = name
        self._step = step
        self._clock = clock
        self._ended = ended
        self._task: asyncio.Task[None] | None = None
        self.failure: str | None = None
        """Why the work does not go on, or did not at the last try; None while all is well."""

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self._name)
        self._task.add_done_callback(lambda _task: self._ended())

    async def stop(self) -> None:
        """End the work where it waits; what it has committed stays."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def stopped(self) -> bool:
        """Whether the work has ended, as asked or for good."""
        return self._task is None or self._task.done()

    async def _run(self) -> None:
        while True:
            try:
                await self._step()
                self.failure = None
            except TemporaryError as error:
                self.failure = str(error)
                _log.warning("%s will be tried again: %s", self._name, error)
                await self._clock.sleep(PAUSE)
            except Exception as error:  # noqa: BLE001  the one supervision loop
                self.failure = f"{type(error).__name__}: {error}"
                _log.critical("%s has stopped: %s", self._name, error, exc_info=True)
                return
