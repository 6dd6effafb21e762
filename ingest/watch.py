"""Watching one pull from outside its thread: how far it is, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from evidence.clock import Clock

EVERY = 0.2
"""Seconds between two reports of progress."""


class PullCancelled(Exception):
    """The pull was told to stop; what was copied is kept.  An outcome, not an error."""


class Watch:
    """Reports bytes copied, at most every ``EVERY`` seconds, and carries the order to stop."""

    def __init__(self, report: Callable[[int], None], clock: Clock) -> None:
        self._report = report
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
        if self._stop.is_set() and not last:
            raise PullCancelled
