"""How many refusals of strangers go on record: enough to see an attack, too few to flood the log.

The log is for ever, and anybody can knock.  Refusals of known stations and people are all recorded;
those of strangers at most once in :data:`STEP` seconds, with the number that came since.
"""

from __future__ import annotations

from aiohttp import web

from archive.catalogue.catalogue import Transaction
from archive.catalogue.people import NOBODY
from evidence.clock import Clock
from evidence.custody import EntryKind

STEP = 10.0


class Denials:
    """Counts the refusals of strangers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: float | None = None
        self._since = 0

    def admit(self, known: str | None) -> int | None:
        """How many refusals to record now (one, and those held back), or None to hold it back."""
        if known is not None:
            return 1
        self._since += 1
        now = self._clock.monotonic()
        if self._last is not None and now - self._last < STEP:
            return None
        count, self._since, self._last = self._since, 0, now
        return count


DENIALS = web.AppKey("denials", Denials)


def deny(tx: Transaction, known: str | None, act: str, clip: str | None, count: int) -> int:
    """Record that *count* attempts of *act* were refused; the log index."""
    return tx.record(EntryKind.DENIED, known or NOBODY, clip=clip, act=act, count=count)
