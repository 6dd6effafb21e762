"""What the formulas need to know of a clip and of an incident, and of which day each is.

One rule: what a camera claims of time is used where it can be true, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.acquisition import Acquisition
from evidence.clip import ClipClass

OLDEST = timedelta(days=366)
"""A start claimed to lie longer before the receipt is a clock that was set back, not a start."""
RECORDINGS = frozenset({ClipClass.VIDEO, ClipClass.AUDIO})
"""What has a length, and so an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFact:
    """One clip that shows or lets hear something (:data:`evidence.clip.FOOTAGE`), not disposed."""

    clip: str
    clip_class: ClipClass
    size: int
    received: datetime
    """When the archive last agreed to take it, by its own clock: before its upload."""
    started: datetime | None
    """Its claimed start less the camera's clock offset; None if nothing claims one."""
    duration: timedelta | None = None
    """None if no rendition told it."""
    duty_end: datetime | None = None
    """When the duty ends during which it began; None if no roster has one."""
    acquisition: Acquisition = Acquisition.DOCKED
    officer: str | None = None
    """The officer number, folded."""
    unit: str | None = None
    linked: bool = False
    """Whether a link to an incident counts for it."""
    classified: bool = False
    reviewed: bool = False
    """Whether somebody other than its officer was given it to watch."""
    markers: frozenset[str] = frozenset()
    """Codes of the markers that stand (:mod:`evidence.marking`)."""

    @property
    def begun(self) -> datetime | None:
        """The start if it can be one: no later than the receipt, no more than OLDEST before."""
        if self.started is None or not self.received - OLDEST <= self.started <= self.received:
            return None
        return self.started

    @property
    def at(self) -> datetime:
        """The moment by which it belongs to a month: its start, or where none can be, receipt."""
        return self.begun or self.received


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFact:
    """One incident: one officer's part in an event."""

    incident: str
    dispatched: datetime
    """The moment by which it belongs to a month."""
    officer: str
    """The officer number, folded."""
    unit: str | None = None
    withdrawn: bool = False
    covered: bool = False
    """Whether a clip of :data:`evidence.clip.FOOTAGE` is linked to it by a link that counts."""
