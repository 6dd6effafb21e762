"""Whether the archive's own clock can be right.

Leases are counted from it, and a COMPLIANCE lease can never be taken back: a clock that jumped must
not write one.  Two things tell: no clip was ever archived later than now, and the clock moves as
fast as the one that nobody sets.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from evidence.clock import Clock, stamp
from evidence.errors import ClockWrong

TOLERANCE = timedelta(minutes=2)
"""What a clock may be set right by while we run; time servers move it in smaller steps."""


class ClockWatch:
    """Compares the clock with what it showed when the archive started, and with the record."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.now()
        self._mark = clock.monotonic()

    def must_be_right(self, last: datetime | None) -> None:
        """Return if the clock can be right, *last* being when the last clip was archived.

        ClockWrong says what it shows and what it should.
        """
        now = self._clock.now()
        if last is not None and now < last - TOLERANCE:
            raise ClockWrong(
                f"the archive's clock shows {stamp(now)}, but a clip was archived at {stamp(last)}"
            )
        expected = self._began + timedelta(seconds=self._clock.monotonic() - self._mark)
        if abs(now - expected) > TOLERANCE:
            raise ClockWrong(
                f"the archive's clock shows {stamp(now)}; by the time that went by since it"
                f" started it should be {stamp(expected)}"
            )

    @property
    def problem(self) -> str | None:
        """What is wrong with the clock by itself, without asking the record."""
        try:
            self.must_be_right(None)
        except ClockWrong as error:
            return str(error)
        return None
