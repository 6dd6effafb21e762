"""Watching one pull from outside its thread: how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from evidence.clock import Clock
from ingest.pace import Pace

EVERY = 0.2
"""Seconds between two reports of progress."""


class PullCancelled(Exception):
    """The pull was told to stop; what was copied is kept.  An outcome, not an error."""


class Watch:
    """Reports bytes copied, at most every ``EVERY`` seconds, and carries the order to stop.

    Where there is a *pace*, it keeps the copy to it.
    """

    def __init__(
        self, report: Callable[[int], None], clock: Clock, pace: Pace | None = None
    ) -> None:
        self._report = report
        self._pace = pace
        self._before: int | None = None
        self._clock = clock
        self._stop = Event()
        self._told = clock.monotonic() - EVERY

    def stop(self) -> None:
        """Let the pull end at its next block.  Any thread may call this."""
        self._stop.set()

    def copied(self, total: int, *, last: bool = False) -> None:
        """*total* bytes are in staging.  Raises PullCancelled once :meth:`stop` was called."""
        now = self._clock.monotonic()
        if last or now - self._told >= EVERY:
            self._told = now
            self._report(total)
        self._keep_pace(total)
        if self._stop.is_set() and not last:
            raise PullCancelled

    def _keep_pace(self, total: int) -> None:
        """Wait for what was copied since the last time, unless told to stop meanwhile."""
        before, self._before = self._before, total
        if self._pace is not None and before is not None:
            self._stop.wait(self._pace.owed(total - before))
