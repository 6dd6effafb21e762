"""Turns at reading: so many cards at a time, the most important waiting file first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from evidence.clock import Clock

Rank = tuple[int, ...]
"""Smaller goes first; equal ranks go in the order in which they came."""

LONG = 600.0
"""Seconds after which whoever waits goes before all ranks: nobody starves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    rank: Rank
    since: float
    place: asyncio.Future[None] = field(hash=False)

    def order(self, now: float) -> tuple[bool, Rank]:
        """Who goes first, among those that came in the order of their list."""
        has_waited_long = now - self.since >= LONG
        return not has_waited_long, () if has_waited_long else self.rank


class Turns:
    """A number of places, given out by rank."""

    def __init__(self, places: int, clock: Clock) -> None:
        self._free = places
        self._clock = clock
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def turn(self, rank: Rank) -> AsyncIterator[None]:
        """Wait for a place, hold it, give it to the next."""
        await self._take(rank)
        try:
            yield
        finally:
            self._give()

    async def _take(self, rank: Rank) -> None:
        if self._free:
            self._free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        since = self._clock.monotonic()
        self._waiting.append(_Waiting(rank=rank, since=since, place=place))
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._give()  # the place came in the very moment of giving up
            raise

    def _give(self) -> None:
        while self._waiting:
            now = self._clock.monotonic()
            orders = [each.order(now) for each in self._waiting]
            first = self._waiting.pop(orders.index(min(orders)))
            if not first.place.done():
                first.place.set_result(None)
                return
        self._free += 1
