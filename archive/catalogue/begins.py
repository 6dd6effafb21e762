"""When a clip begins on the station's clock, as far as claims and measurement tell.

One rule: whoever writes a clip's start, its claimed start or its clock offset writes this with it.
"""

from __future__ import annotations

from datetime import timedelta

from evidence.clock import stamp, unstamp


def begins(started: str | None, claimed: str | None, offset_ms: int | None) -> str | None:
    """The stamp of it; None if no start is known, or it lies beyond the calendar.

    The name on the card tells the start first; the container's claim stands in for it.
    """
    start = started or claimed
    if start is None:
        return None
    try:
        return stamp(unstamp(start) - timedelta(milliseconds=offset_ms or 0))
    except (OverflowError, ValueError):
        return None
