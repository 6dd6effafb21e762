"""Trying again: soon at first, then more and more rarely, never giving up."""

from __future__ import annotations

from evidence.clock import Clock

FIRST, LONGEST = 0.25, 10.0
"""Seconds."""


class Patience:
    """The pauses between attempts; :meth:`reset` after one that worked."""

    def __init__(self, clock: Clock, first: float = FIRST, longest: float = LONGEST) -> None:
        self._clock = clock
        self._first = self._next = first
        self._longest = longest

    def reset(self) -> None:
        self._next = self._first

    async def pause(self) -> None:
        """Wait before the next attempt, twice as long as before the last."""
        seconds, self._next = self._next, min(self._next * 2, self._longest)
        await self._clock.sleep(seconds)
