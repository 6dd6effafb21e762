"""Whether evidence may be taken in: the vault keeps what it promised, and the clock can be right.

A failed canary stops intake and every release.  It stays so, over restarts too, until a person has
looked at the store and says so (``evidock vault accept``); then a canary that passes opens it.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from archive.catalogue import fixities
from archive.catalogue.catalogue import Catalogue
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock
from evidence.errors import (
    IntakeStopped,
    IntegrityError,
    SetupError,
    TemporaryError,
    VaultUnreachable,
)
from evidence.vault.canary import Canary, Kept

LOOK_AGAIN = 5.0
"""Seconds between two looks at whether a canary is due."""
MOST_CYCLES = 2
"""After so many without an answer to a canary nothing is taken in."""

_log = logging.getLogger(__name__)


class Fitness:
    """The standing of one vault; without a *canary* it is taken to be fit."""

    def __init__(
        self, catalogue: Catalogue, clock: Clock, watch: ClockWatch, canary: Canary | None
    ) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._watch = watch
        self._canary = canary
        self._proven_at: float | None = None
        self._failed: str | None = None
        self._untold: str | None = None
        """A failure that is not on record yet."""
        self.work = Supervised("vault canary", self._step, clock)

    async def start(self) -> None:
        """Prove the vault once, then once a cycle; not while a failure stands."""
        if self._canary is None:
            return
        before = await self._catalogue.run(fixities.canaries)
        self._failed = before.failure
        self._canary.kept = before.kept
        try:
            await self.prove_now()
        except TemporaryError as error:
            _log.warning("the vault is not proven yet: %s", error)
        self.work.start()

    async def stop(self) -> None:
        """End the work."""
        await self.work.stop()

    def must_hold(self, last: datetime | None) -> None:
        """Return if evidence may be taken in, *last* being when the last clip was archived.

        Else IntakeStopped or ClockWrong says why not.
        """
        self._watch.must_be_right(last)
        if self._canary is None:
            return
        if self._failed is not None:
            raise IntakeStopped(f"{self._failed}; nothing is taken in, and no camera may forget")
        if self._age > MOST_CYCLES * self._canary.every:
            raise IntakeStopped("the vault does not answer its canary: nothing is taken in")

    async def prove_now(self) -> None:
        """Let today's canary live, or find out what the vault does not keep.

        A check that fails is tried once more: one answer may be an accident of the line.
        """
        if self._canary is None or self._failed is not None:
            return
        self._watch.must_be_right(None)
        try:
            kept = await asyncio.to_thread(_twice, self._canary)
        except SetupError as error:
            raise VaultUnreachable(f"the canary could not be tried: {error}") from error
        except IntegrityError as error:
            _log.critical("intake stops: %s", error)
            self._failed = self._untold = str(error)
            await self._tell()
            return
        await self._catalogue.run(fixities.canary_passed, kept)
        self._proven_at = self._clock.monotonic()

    async def accept(self) -> None:
        """A person has looked at the store, on record: it is proven anew."""
        await self._catalogue.run(fixities.canary_accepted)
        self._failed = self._untold = self._proven_at = None
        if self._canary is not None:
            self._canary.kept = None
        await self.prove_now()

    async def _tell(self) -> None:
        if self._untold is not None:
            await self._catalogue.run(fixities.canary_failed, self._untold)
            self._untold = None

    async def _step(self) -> None:
        await self._tell()
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


def _twice(canary: Canary) -> Kept:
    try:
        return canary.prove()
    except IntegrityError as error:
        _log.warning("trying the vault once more: %s", error)
    return canary.prove()
