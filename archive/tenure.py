"""How long this archive's office lasts: it is taken once, and never again by the same process.

One rule: whoever finds it ended, here or before a signature, ends it for everybody who waits; what
goes on after that is only the way out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from archive.catalogue import office
from archive.catalogue.catalogue import Catalogue
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.errors import HomeBusy, OfficeLost

#: Seconds between two looks whether it lasts, so that an archive with nothing to sign hears of it.
LOOKS = 5.0


class Tenure:
    """One archive's time in office; *ended* is called when another one has taken it."""

    def __init__(self, catalogue: Catalogue, clock: Clock, ended: Callable[[], None]) -> None:
        self._catalogue = catalogue
        self._tell = ended
        self._epoch = 0
        self._over = asyncio.Event()
        self._why: OfficeLost | None = None
        self.work = Supervised("office", self._step, clock)

    @property
    def is_over(self) -> bool:
        """Whether another archive signs for the log now."""
        return self._over.is_set()

    async def take(self) -> None:
        """Take office; errors as :func:`office.take`."""
        self._epoch = await self._catalogue.run(office.take)

    async def claim(self, size: int) -> None:
        """Return if this archive may sign for *size* entries; OfficeLost if not any more."""
        try:
            await self._catalogue.run(office.claim, self._epoch, size)
        except OfficeLost as error:
            self._end(error)
            raise

    async def wait_over(self) -> NoReturn:
        """Wait as long as the office lasts; then OfficeLost."""
        await self._over.wait()
        raise self.lost

    @property
    def lost(self) -> OfficeLost:
        """What is said to everybody once it is over."""
        if self._why is None:
            raise ValueError("the office lasts")
        return OfficeLost(str(self._why), advice=self._why.advice)

    async def look(self) -> None:
        """Return if the office lasts; OfficeLost if not.

        HomeBusy if another session has the database while it lasts: that may be our own old one,
        which its server has not given up yet.
        """
        try:
            try:
                await self._catalogue.run(office.must_last, self._epoch)
            except HomeBusy:
                await self._catalogue.run_beside(office.must_last, self._epoch)
                raise
        except OfficeLost as error:
            self._end(error)
            raise

    async def _step(self) -> None:
        await asyncio.sleep(LOOKS)
        await self.look()

    def _end(self, why: OfficeLost) -> None:
        if self._why is None:
            self._why = why
            self._over.set()
            self._tell()
