"""Assignment: which officer wears which camera, and which camera is ready to be taken.

One rule: an assignment is what people said at the station; what a camera says of its wearer goes
before it, and neither is believed.  The rules here do no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.clock import unstamp

_HEARD_LATE = timedelta(minutes=5)
"""How much earlier than its assignment a recording may seem, of a camera whose clock was read."""
_LATE = timedelta(days=1)
"""The same where nobody read its clock: zones are mistaken, and clocks are off."""


class How(StrEnum):
    """How a camera was assigned."""

    FIXED = "fixed"
    """To one officer, until somebody ends it."""
    ISSUED = "issued"
    """From the pool, by who keeps the dock; ends when the camera is docked again."""
    BADGE = "badge"
    """From the pool, by the officer's own badge at the board; ends the same way."""

    @property
    def ends_at_dock(self) -> bool:
        return self is not How.FIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """*officer* wears *camera* from *since* on."""

    id: str
    """``a-…``."""
    camera: str
    officer: str
    how: How
    since: str
    """By the station's clock, as :func:`evidence.clock.stamp` writes it."""
    until: str | None = None
    """When it ended; None while it stands."""
    by: str = ""
    """Who said so, as they named themselves."""

    def claims(self, camera: str, started: datetime | None, offset_ms: int | None) -> bool:
        """Whether a file is taken for its officer's.

        1. The file is *camera*'s, and that is the camera which was assigned.
        2. It does not say that it *started* (by the camera's clock, *offset_ms* ahead of ours)
           before the officer had the camera.  A file that says nothing of that is claimed.
        """
        if camera != self.camera:
            return False
        if started is None:
            return True
        slack = _LATE if offset_ms is None else _HEARD_LATE
        # The offset is added to our own time: one that a file name claims may have no room for it.
        earliest = unstamp(self.since) - slack + timedelta(milliseconds=offset_ms or 0)
        return started >= earliest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRule:
    """How much charge a camera must have to be taken."""

    least: int
    """Percent; 0: charge does not matter."""
    full_after: timedelta
    """How long an empty one takes at this dock; 0: not known, so nothing is reckoned."""

    def reckoned(self, told: int | None, docked: datetime, now: datetime) -> int | None:
        """Percent that a camera has *now* which *told* so much when it was *docked*.

        Reckoned, not measured, and evenly: a disk says nothing of its charge.  One that told
        nothing is taken for empty then; None if the rule knows of no charging either.
        """
        if not self.full_after:
            return told
        gained = 100 * max(timedelta(), now - docked) / self.full_after
        return min(100, int((told or 0) + gained))

    def is_enough(self, percent: int | None) -> bool:
        """Whether *percent* is; one that nobody knows is not, where it matters."""
        return not self.least or (percent is not None and percent >= self.least)
