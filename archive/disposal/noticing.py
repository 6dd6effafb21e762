"""Notices: people are told whose time ends, long enough before anything may be destroyed.

One rule: a notice is on record once every channel that is set up took it; if one did not, nobody is
said to have been told, and it is tried again.  With no channel the queue that people see is all.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from archive.catalogue import fixities, notices
from archive.catalogue.catalogue import Catalogue
from archive.catalogue.notices import Due
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock
from evidence.errors import TemporaryError

EVERY = timedelta(hours=1)
LOOK_AGAIN = 60.0
AT_ONCE = 200
"""Clips that one notice is about at most."""
_log = logging.getLogger(__name__)


class Teller(Protocol):
    """Tells people; ``evidock`` has mail and webhooks, an archive of its own nobody."""

    async def tell(self, due: Sequence[Due]) -> Sequence[str]:
        """Tell of *due*, at most :data:`AT_ONCE`; who took it (``mail``, ``webhook``).

        TemporaryError, such as MailNotSent, if one that is set up did not take it: then all of them
        may be asked again.
        """
        ...


class Nobody:
    """No channel is set up: what is due stands in the queue."""

    async def tell(self, due: Sequence[Due]) -> Sequence[str]:  # noqa: ARG002
        return ()


@dataclass(slots=True, kw_only=True)
class Noticing:
    """Has people told by *teller* of clips whose time ends within *ahead*."""

    catalogue: Catalogue
    clock: Clock
    watch: ClockWatch
    ahead: timedelta
    teller: Teller = field(default_factory=Nobody)
    work: Supervised = field(init=False)
    trouble: str | None = None
    """Why people could not be told; None if they were."""
    _last: float | None = None

    def __post_init__(self) -> None:
        self.work = Supervised("notices of disposal", self._step, self.clock)

    async def notify_now(self) -> int:
        """Tell of what is due; of how many clips.  TemporaryError if somebody could not be told."""
        self.watch.must_be_right(await self.catalogue.run(fixities.last_archived))
        until, count = self.clock.now() + self.ahead, 0
        after: str | None = ""
        while after is not None:
            due, after = await self.catalogue.run(notices.due, until, after, AT_ONCE)
            if due:
                try:
                    told = await self.teller.tell(due)
                except TemporaryError as error:
                    self.trouble = f"people were not told of {len(due)} clips: {error}"
                    raise
                count += await self.catalogue.run(notices.told, due, list(told))
        self.trouble, self._last = None, self.clock.monotonic()
        return count

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        now = self.clock.monotonic()
        if self._last is None or now - self._last >= EVERY.total_seconds():
            await self.notify_now()
