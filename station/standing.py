"""How the station itself stands: its disk, and whether it is time to send.

One rule: the disk is looked at about once a minute: often enough for days, and cheap.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import time
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from evidence.clock import Clock
from evidence.errors import SetupError
from evidence.settings import StationSettings
from ingest.staging import Staging
from station.desk import Desk
from station.forecast import WINDOW, bytes_a_day, days_left
from station.hours import Hours
from station.journal.journal import Journal

_EVERY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingHours:
    """The hours of the settings, on the clock that they are read on."""

    hours: Hours
    zone: ZoneInfo | None
    """None: this machine's."""
    clock: Clock

    @classmethod
    def of(cls, settings: StationSettings, clock: Clock) -> SendingHours:
        """SetupError if the settings name hours or a zone that are none."""
        try:
            hours = Hours.of(settings.upload_hours)
        except ValueError as error:
            raise SetupError(f"[station] upload_hours: {error}") from error
        try:
            zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise SetupError(
                f"[station] time_zone: this machine knows no zone {settings.time_zone!r}",
                advice="Use a name such as Asia/Shanghai, or install the package tzdata.",
            ) from error
        return cls(hours=hours, zone=zone, clock=clock)

    def are_open(self) -> bool:
        """Whether everything may be sent now."""
        return self.hours.are_open(self._wall)

    @property
    def opens_at(self) -> str | None:
        """When they are open again, such as ``20:00``; None if they are."""
        at = self.hours.opens_at(self._wall)
        return None if at is None else at.isoformat("minutes")

    @property
    def _wall(self) -> time:
        return self.clock.now().astimezone(self.zone).time()


@dataclass(slots=True, kw_only=True)
class Room:
    """What is left of the station's disk, as it was a moment ago."""

    staging: Staging
    desk: Desk
    clock: Clock
    warn_days: float
    free: int = 0
    """Bytes beside the reserve."""
    days: float | None = None
    _looked: float = field(default=-float("inf"))

    async def look(self) -> None:
        """Look anew, if it is time to."""
        now = self.clock.monotonic()
        if now - self._looked < _EVERY:
            return
        moment = self.clock.now()
        taken = await self.desk.ask(partial(Journal.taken_since, since=moment - WINDOW))
        self.free = await asyncio.to_thread(lambda: self.staging.room)
        self.days = days_left(self.free, bytes_a_day(taken, moment))
        self._looked = now

    @property
    def problem(self) -> str | None:
        """What people should do about it, if anything."""
        if self.days is None or self.days >= self.warn_days:
            return None
        return (
            f"the station's disk has {max(0, self.free) / 1e9:.1f} GB left: at the rate of the"
            f" last week that lasts {self.days:.1f} days without the archive (see that the"
            " archive is reached and footage is sent, or give the station a larger disk)"
        )
