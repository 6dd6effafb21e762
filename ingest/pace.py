"""Pace: how many bytes a second all who share a line or a disk may move together.

One rule: who has moved bytes waits afterwards until they are paid for, so nobody saves up and
nobody is asked beforehand.  Those who share a pace take turns block by block.
"""

from __future__ import annotations

from threading import Lock

from evidence.clock import Clock


class Pace:
    """*bytes_per_second* for all together; 0 for no limit.  Any thread may use it."""

    def __init__(self, bytes_per_second: float, clock: Clock) -> None:
        self._seconds_a_byte = 1 / bytes_per_second if bytes_per_second else 0.0
        self._clock = clock
        self._lock = Lock()
        self._paid_at = 0.0

    def owed(self, size: int) -> float:
        """Seconds to wait, now that *size* bytes were moved, before the next ones are."""
        with self._lock:
            now = self._clock.monotonic()
            self._paid_at = max(self._paid_at, now) + size * self._seconds_a_byte
            return self._paid_at - now

    async def rest(self, size: int) -> None:
        """Wait as long as is :meth:`owed` for *size* bytes."""
        if seconds := self.owed(size):
            await self._clock.sleep(seconds)
