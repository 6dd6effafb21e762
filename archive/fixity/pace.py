"""How fast fixity may read, so that it leaves the stores to those who work with them."""

from __future__ import annotations

import threading

from evidence.clock import Clock

MB = 1_000_000


class Pace:
    """A limit in megabytes a second for all who share it; 0: none.  Any thread may ask."""

    def __init__(self, clock: Clock, mb_per_second: float) -> None:
        self._clock = clock
        self._rate = mb_per_second * MB
        self._free = 0.0
        self._mutex = threading.Lock()

    def after(self, size: int) -> float:
        """Seconds to wait before anything is read after these *size* bytes."""
        if self._rate <= 0:
            return 0.0
        with self._mutex:
            now = self._clock.monotonic()
            self._free = max(now, self._free) + size / self._rate
            return self._free - now
