"""The changer: lets a camera that was heard be written to, where that is wanted and safe.

One rule: what is ordered for a camera is tried once.  The journal says that it begins, the order is
withdrawn, and only then is a byte said; so nothing is written twice because something crashed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial

from evidence.clip import new_id
from evidence.errors import CameraError, EvidenceError, SetupError, TemporaryError
from station.change import Change, Lack, Outcome, Say, Supply, Wearer, What, missing
from station.heard import Heard
from station.journal.journal import Journal
from station.notary import Notary
from station.profile import Profile
from station.supervision import in_words
from station.supplies import Order, Supplies

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changer:
    """Decides what is written to a camera, and keeps what came of it."""

    notary: Notary
    supplies: Supplies
    profiles: Sequence[Profile]
    wearer_of: Callable[[Heard], Awaitable[Wearer | None]] | None = None
    """Who is to wear the camera that was heard, for whoever assigns cameras; None: nobody does."""

    async def is_needed(self) -> bool:
        """Whether any camera may have to be written to: else it is asked as ever."""
        return self.wearer_of is not None or bool(await self._orders())

    async def change(self, port: str, heard: Heard, say: Say) -> tuple[What, ...]:
        """Write to the camera that was *heard* at *port* what is due; what was begun with.

        Never raises for what goes wrong with that: it is on record, and people are told.
        """
        if heard.camera is None or heard.was_silent:
            return ()  # nobody knows which it is, or it may answer late: it is only read
        said = list[What]()
        try:
            if wearer := await self._wearer(heard):
                change = Change(id=new_id("w"), what=What.OFFICER, wearer=wearer)
                said += await self._write(port, heard, change, say)
            for order in await self._orders():
                if order.camera == heard.camera:
                    said += await self._supply(port, heard, order, say)
        except (EvidenceError, OSError) as error:  # its footage waits for none of this
            _log.warning("camera at USB port %s is not written to: %s", port, error)
        return tuple(said)

    async def _wearer(self, heard: Heard) -> Wearer | None:
        known = any(
            each.id == heard.profile and What.OFFICER.verb in each.verbs for each in self.profiles
        )
        if self.wearer_of is None or not known:
            return None
        wearer = await self.wearer_of(heard)
        return None if wearer is None or wearer.officer == heard.officer else wearer

    async def _supply(self, port: str, heard: Heard, order: Order, say: Say) -> list[What]:
        """Write what is ordered, if no fact is missing."""
        supply, why = await self._verified(order)
        change = Change(id=new_id("w"), what=order.what, supply=supply)
        last = await self.notary.desk.ask(partial(Journal.last_docking, camera=order.camera))
        profile = next(each for each in self.profiles if each.id == heard.profile)
        lack = missing(supply, profile, heard, last)
        if lack is None:
            return await self._write(port, heard, change, say, order)
        if why:
            lack = Lack(fact=lack.fact, words=why)
        _log.warning("camera at USB port %s: %s", port, lack.words)
        await self.notary.keep(lambda journal: journal.change_refused(change, heard, port, lack))
        return []

    async def _write(
        self, port: str, heard: Heard, change: Change, say: Say, order: Order | None = None
    ) -> list[What]:
        await self.notary.keep(lambda journal: journal.change_begun(change, heard, port))
        outcome = await self._said(change, say, order)
        _log.info("camera at USB port %s: %s: %s", port, change.words, outcome.problem or "done")
        await self.notary.keep(lambda journal: journal.change_ended(change.id, outcome))
        return [change.what] if outcome.began else []

    async def _said(self, change: Change, say: Say, order: Order | None) -> Outcome:
        """What came of *change*, whose *order* stands no longer by then."""
        try:
            if order is not None and not await asyncio.to_thread(self.supplies.claim, order):
                return Outcome(done=False, began=False, problem="it is not ordered any more")
        except (EvidenceError, OSError) as error:
            problem = f"its order could not be withdrawn: {error}"
            return Outcome(done=False, began=False, problem=problem)
        try:
            return await say(change)
        except (CameraError, TemporaryError, SetupError) as error:
            return Outcome(done=False, problem=in_words(error))

    async def _orders(self) -> list[Order]:
        """All that are open; none, said in the log, if they cannot be read."""
        try:
            return await asyncio.to_thread(self.supplies.orders)
        except (SetupError, OSError) as error:
            _log.warning("no order for cameras is carried out: %s", error)
            return []

    async def _verified(self, order: Order) -> tuple[Supply | None, str]:
        """What is ordered, verified now; else why not."""
        try:
            return await asyncio.to_thread(self.supplies.get, order.supply), ""
        except (SetupError, OSError) as error:
            return None, str(error)
