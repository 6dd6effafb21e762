"""What the systems of the city tell, and what was so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CityIncident:
    """One officer's part in an event, as the dispatch system tells it."""

    number: str
    """Of the event."""
    officer: str
    unit: str
    dispatched: datetime
    cleared: datetime
    latitude: float | None
    longitude: float | None
    arrives: datetime
    """When the feed tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CityClip:
    """A clip as the station learns it, and what was so."""

    id: str
    camera: str
    officer: str | None
    """Whom it names."""
    started: datetime
    """By the camera's clock, whole seconds."""
    offset: timedelta | None
    """Camera clock less station clock, as measured at the dock."""
    duration: timedelta | None
    latitude: float | None
    longitude: float | None
    arrives: datetime
    """When it is docked."""
    wearer: str
    """True: who wore the camera."""
    about: frozenset[str]
    """True: the events it is about."""
    kind: str
    """True: ``call``, ``backup`` (on no list), ``patrol``, ``test`` or ``always``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """An officer was rostered in a unit."""

    officer: str
    unit: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A camera was issued to an officer, as somebody recorded it."""

    camera: str
    officer: str
    since: datetime
    until: datetime


@dataclass(slots=True, kw_only=True)
class Day:
    """One day of one unit."""

    incidents: list[CityIncident] = field(default_factory=list)
    clips: list[CityClip] = field(default_factory=list)
    withheld: list[CityClip] = field(default_factory=list)
    """Recorded, and never handed in."""
    duties: list[Roster] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
