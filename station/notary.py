"""The notary: puts into the journal what the ports make known, as long as that takes."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.clock import Clock
from evidence.errors import TemporaryError
from station.desk import Desk
from station.heard import Heard, Refusal
from station.patience import Patience


@dataclass(frozen=True, slots=True)
class Notary:
    """Writes to the journal at *desk*."""

    desk: Desk
    clock: Clock

    async def note(self, port: str, news: Heard | Refusal) -> None:
        """Put *news* of *port* on record; tries again while the journal cannot be written."""
        patience = Patience(self.clock)
        while True:
            try:
                await self._write(port, news)
            except TemporaryError:
                await patience.pause()
            else:
                return

    async def _write(self, port: str, news: Heard | Refusal) -> None:
        if isinstance(news, Heard):
            await self.desk.tell(lambda journal: journal.told(news, port))
        else:
            await self.desk.tell(lambda journal: journal.device_refused(news))
