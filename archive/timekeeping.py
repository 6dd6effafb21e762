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
"""What a clock may be set right by in a day; time servers move it in smaller steps."""
A_DAY = timedelta(days=1).total_seconds()


class ClockWatch:
    """Compares the clock with what it showed a day ago at most, and with the record."""

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
                f"the archive's clock shows {stamp(now)}; by the time that went by since it was"
                f" last found right it should be {stamp(expected)}"
            )
        if self._clock.monotonic() - self._mark >= A_DAY:
            self._began, self._mark = now, self._clock.monotonic()
