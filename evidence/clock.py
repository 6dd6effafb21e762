"""The one source of time.

Time is evidence, so only :class:`SystemClock` reads the host clock (ruff TID251 keeps it so).
Camera time is never taken from here: it is a claim, kept beside our own.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the product may ask about time."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a scale that never goes back; only differences mean anything."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds* on this clock."""
        ...


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)  # it goes on while the machine sleeps

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SetClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def advance(self, seconds: float) -> None:
        """Move both scales forward by *seconds*."""
        self._now += timedelta(seconds=seconds)
        self._elapsed += seconds

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


def stamp(moment: datetime) -> str:
    """*moment* as every entry and message writes it: RFC 3339, UTC, milliseconds, ``Z``.

    Milliseconds satisfy CJIS AU-8 (hundredths of a second, UTC).
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: a time without a zone is not evidence")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unstamp(text: str) -> datetime:
    """The moment that :func:`stamp` wrote; ValueError for any text that names no moment in UTC."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and last day of the calendar, with an offset
        raise ValueError(f"{text!r} lies outside the calendar in UTC") from error
