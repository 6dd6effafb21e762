"""What linking needs to know of clips, incidents, issued cameras and rosters.

Officers, cameras and units are keys: folded for comparison by whoever makes these.  All times are
on the station's clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_RECORDING = timedelta(hours=12)
"""A clip that claims to last longer is taken as one of unknown length: no battery lasts so long."""

_POLE, _DATE_LINE = 90, 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point on Earth, degrees WGS 84."""

    latitude: float
    longitude: float

    @classmethod
    def told(cls, latitude: object, longitude: object) -> Place | None:
        """The place that two claims name; None unless both are numbers on Earth, not both 0.

        Cameras without a fix write 0, 0.
        """
        try:
            north, east = float(str(latitude)), float(str(longitude))
        except ValueError:
            return None
        if not (math.isfinite(north) and math.isfinite(east)) or north == east == 0:
            return None
        if abs(north) > _POLE or abs(east) > _DATE_LINE:
            return None
        return cls(latitude=north, longitude=east)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpan:
    """A clip: camera, officer and times are claims of the camera."""

    clip: str
    camera: str
    officer: str | None
    begin: datetime
    """Corrected by the clock offset that was measured at the dock, if one was."""
    end: datetime | None = None
    """None: how long it lasts is not known."""
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSpan:
    """One officer's part in an event."""

    incident: str
    event: str
    """The number of the event: parts with the same one are the same event."""
    officer: str
    dispatched: datetime
    cleared: datetime
    unit: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """A camera was issued to an officer from *since* until before *until*; None: still is."""

    camera: str
    officer: str
    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An officer was rostered in a unit from *since* until before *until*."""

    officer: str
    unit: str
    since: datetime
    until: datetime

    def covers(self, at: datetime) -> bool:
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that may matter to the clips that are judged; more than that changes nothing."""

    incidents: Sequence[IncidentSpan] = ()
    assignments: Sequence[Assignment] = ()
    duties: Sequence[Duty] = ()
