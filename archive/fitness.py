"""Whether the vault may still be given evidence: a canary a day decides, and its word is on record.

A failed canary stops intake and every release at once.  It stays so until the archive is started
anew with a store that passes: a store that broke a promise once is for a person to look at.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from archive.catalogue import fixities
from archive.catalogue.catalogue import Catalogue
from archive.supervise import Supervised
from evidence.clock import Clock
from evidence.errors import IntakeStopped, IntegrityError, SetupError, TemporaryError
from evidence.vault.canary import Canary

LOOK_AGAIN = 5.0
"""Seconds between two looks at whether a canary is due."""
MOST_CYCLES = 2
"""After so many without an answer to a canary nothing is taken in."""

_log = logging.getLogger(__name__)


class Fitness:
    """The standing of one vault; without a *canary* it is taken to be fit."""

    def __init__(self, catalogue: Catalogue, clock: Clock, canary: Canary | None) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._canary = canary
        self._proven_at: float | None = None
        self.problem: str | None = None
        """Why nothing is taken in; None while all is well."""
        self.work = Supervised("vault canary", self._step, clock)

    async def start(self) -> None:
        """Prove the vault once, then once a cycle."""
        if self._canary is None:
            return
        try:
            await self.prove_now()
        except TemporaryError as error:
            _log.warning("the vault is not proven yet: %s", error)
        self.work.start()

    async def stop(self) -> None:
        """End the work."""
        await self.work.stop()

    def must_hold(self) -> None:
        """Return if the vault may be given evidence; else raise IntakeStopped, saying why."""
        if self.problem is not None:
            raise IntakeStopped(self.problem)
        if self._canary is not None and self._age > MOST_CYCLES * self._canary.every:
            raise IntakeStopped("the vault does not answer its canary: nothing is taken in")

    async def prove_now(self) -> None:
        """Let today's canary live, or find out what the vault does not keep."""
        if self._canary is None or self.problem is not None:
            return
        try:
            stored = await asyncio.to_thread(self._canary.prove)
        except (IntegrityError, SetupError) as error:
            _log.critical("intake stops: %s", error)
            self.problem = f"{error}; nothing is taken in, and no camera may forget"
            await self._catalogue.run(fixities.canary_failed, str(error))
            return
        await self._catalogue.run(fixities.canary_passed, stored.version_id)
        self._proven_at = self._clock.monotonic()

    async def _step(self) -> None:
        if self._is_due:
            await self.prove_now()
        await asyncio.sleep(LOOK_AGAIN)

    @property
    def _is_due(self) -> bool:
        return self._canary is not None and self._age >= self._canary.every

    @property
    def _age(self) -> timedelta:
        """How long ago the vault was proven; longer than anything if it never was."""
        if self._proven_at is None:
            return timedelta.max
        return timedelta(seconds=self._clock.monotonic() - self._proven_at)
