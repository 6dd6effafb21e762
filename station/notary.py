"""The notary: puts into the journal what the ports make known, as long as that takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evidence.clock import Clock
from evidence.errors import TemporaryError
from station.desk import Desk
from station.heard import Heard, Refusal
from station.journal.journal import Journal
from station.patience import Patience


@dataclass(frozen=True, slots=True)
class Notary:
    """Writes to the journal at *desk*."""

    desk: Desk
    clock: Clock

    async def note(self, port: str, news: Heard | Refusal) -> None:
        """Put *news* of *port* on record, as :meth:`keep`."""
        if isinstance(news, Heard):
            await self.keep(lambda journal: journal.told(news, port))
        else:
            await self.keep(lambda journal: journal.device_refused(news))

    async def keep(self, fact: Callable[[Journal], None]) -> None:
        """State *fact*; tries again while the journal cannot be written."""
        patience = Patience(self.clock)
        while True:
            try:
                await self.desk.tell(fact)
            except TemporaryError:
                await patience.pause()
            else:
                return
