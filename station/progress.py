"""How far a card is, and how fast: written by the card's thread, read by everybody."""

from __future__ import annotations

from collections import deque

from evidence.clock import Clock

WINDOW = 5.0
"""Seconds over which a rate is measured."""


class Meter:
    """Counts bytes as they pass, and measures their rate."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque(maxlen=64)
        self._before = 0
        self.now = 0
        """Bytes of the file in work that are copied."""

    def copied(self, total: int) -> None:
        """*total* bytes of the file in work are copied."""
        self.now = total
        self._samples.append((self._clock.monotonic(), self._before + total))

    def next_file(self) -> None:
        """The file in work is done, or put aside."""
        self._before += self.now
        self.now = 0

    @property
    def rate(self) -> float:
        """Bytes a second over the last seconds; 0 if nothing passed lately."""
        start = self._clock.monotonic() - WINDOW
        recent = [sample for sample in tuple(self._samples) if sample[0] >= start]
        if len(recent) < 2:  # noqa: PLR2004  a rate needs two moments
            return 0.0
        (first, low), (last, high) = recent[0], recent[-1]
        return max(0.0, (high - low) / (last - first)) if last > first else 0.0
