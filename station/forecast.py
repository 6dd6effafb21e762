"""How long the station's own disk lasts while the archive does not answer.

One rule: it says what was measured: bytes taken in over the last days, bytes free now.  A station
that has taken in nothing yet, or is a few hours old, says nothing.  It does no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(days=7)
"""What is looked back upon: a week has every shift once."""

_SHORTEST = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One clip that was copied from its card."""

    at: datetime
    size: int
    """Bytes."""


def bytes_a_day(taken: Sequence[Taken], now: datetime) -> float | None:
    """Bytes taken in a day, on average over the WINDOW before *now*, or over the station's life.

    None if that is less than a day of work.
    """
    since = [each for each in taken if now - WINDOW <= each.at <= now]
    if not since:
        return None
    span = now - min(each.at for each in since)
    if span < _SHORTEST:
        return None
    return sum(each.size for each in since) / (span / timedelta(days=1))


def days_left(free: int, a_day: float | None) -> float | None:
    """Days until *free* bytes are full at *a_day* bytes a day; None if that is not known."""
    if a_day is None or a_day <= 0:
        return None
    return max(0, free) / a_day
