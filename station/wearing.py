"""Which officer is written to a camera: whom it is assigned to for good, once it is theirs alone.

One rule: nobody is written to a camera that may hold another's footage.  A camera that writes its
wearer into a file beside its footage would claim the new one for the old.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from station.assignment import How
from station.change import Wearer
from station.desk import Desk
from station.heard import Heard
from station.journal.journal import Journal


@dataclass(frozen=True, slots=True)
class FixedWearers:
    """Those that the journal at *desk* knows."""

    desk: Desk

    async def of(self, heard: Heard) -> Wearer | None:
        """Who is to be written to the camera that was *heard*; None if nobody is.

        Its fixed assignment must have stood before the camera left its last docking here: whatever
        it recorded since is that officer's.  And no file of it may wait for its card: that one may
        be whose it was before.
        """
        if heard.camera is None:
            return None
        standing = await self.desk.ask(Journal.standing_assignments)
        fixed = [each for each in standing if (each.camera, each.how) == (heard.camera, How.FIXED)]
        last = await self.desk.ask(partial(Journal.last_docking, camera=heard.camera))
        if not fixed or last is None or last.waits:
            return None
        if last.ended is None or last.ended < fixed[0].since:
            return None
        return Wearer(officer=fixed[0].officer)
