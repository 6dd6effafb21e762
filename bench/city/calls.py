"""What happens in a shift: which crew goes where, when, and what dispatch writes down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bench.city.people import SHIFT, Worker
from bench.city.places import UNIT, Spot
from bench.city.rates import Rates
from bench.city.told import CityIncident

_TRAVEL, _TRAVEL_SPREAD = 360.0, 0.5
"""Seconds on the way: median, and spread of its logarithm."""
_THERE, _THERE_SPREAD = 960.0, 0.6
"""The same of the time at the place: median 16 minutes."""
_LONGEST = 4 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """True: an officer's own time on an event."""

    worker: Worker
    event: str
    set_off: datetime
    arrived: datetime
    left: datetime
    came_from: Spot
    spot: Spot
    is_listed: bool
    """Whether dispatch knows of it."""


@dataclass(slots=True)
class _Crew:
    """Officers who go together."""

    people: Sequence[Worker]
    free: datetime
    """When it leaves its last call."""
    cleared: datetime
    """When dispatch thinks so."""
    at: Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """The calls of one shift of one unit."""

    incidents: list[CityIncident]
    attended: list[Attendance]


class Dispatcher:
    """Sends crews to events."""

    def __init__(self, chance: Random, rates: Rates, unit: str, middle: Spot) -> None:
        self._chance = chance
        self._rates = rates
        self._unit = unit
        self._middle = middle
        self._calls = Calls(incidents=[], attended=[])

    def shift(self, people: Sequence[Worker], calls: float, prefix: str) -> Calls:
        """One shift of *people* with so many *calls* on average."""
        since = people[0].since
        crews = [
            _Crew(people[at : at + 2], since, since, self._middle)
            for at in range(0, len(people), 2)
        ]
        rate = calls / SHIFT.total_seconds()
        at, number = since, 0
        while rate and (at := at + self._seconds(self._chance.expovariate(rate))) < since + SHIFT:
            number += 1
            self._event(f"{prefix}{number:03d}", at, crews)
        return self._calls

    def _event(self, number: str, at: datetime, crews: list[_Crew]) -> None:
        spot = self._middle.near(self._chance, UNIT)
        told = self._address(spot)
        crew = min(crews, key=lambda each: each.free)
        self._send(number, at, crew, spot, told)
        others = [each for each in crews if each is not crew and each.cleared <= at]
        if others and self._chance.random() < self._rates.second_crew:
            late = at + self._seconds(self._chance.uniform(60, 420))
            self._send(number, late, others[0], spot, told)
        elif others and self._chance.random() < self._rates.unrecorded_backup:
            self._help(number, at, others[0], spot)

    def _send(
        self,
        number: str,
        at: datetime,
        crew: _Crew,
        spot: Spot,
        told: tuple[float, float] | None,
    ) -> None:
        """Now, or when the crew has cleared, unless the call is stacked on the one before."""
        is_stacked = self._chance.random() < self._rates.stacked
        if crew.cleared > at and not is_stacked:
            at = crew.cleared + self._seconds(self._chance.uniform(5, 60))
        set_off = max(at, crew.free) + self._seconds(self._chance.uniform(5, 60))
        people = crew.people
        if self._chance.random() < self._rates.alone:
            people = people[:1]
        came_from = crew.at
        left = self._attend(number, set_off, people, came_from, spot)
        cleared = max(self._cleared(left), at + timedelta(minutes=2))
        crew.free, crew.cleared, crew.at = left, cleared, spot
        late = self._chance.random() < self._rates.late_rows
        arrives = cleared + (timedelta(days=1) if late else timedelta(minutes=10))
        for worker in people:
            self._calls.incidents.append(
                CityIncident(
                    number=number,
                    officer=worker.officer,
                    unit=self._unit,
                    dispatched=_whole(at),
                    cleared=_whole(cleared),
                    latitude=None if told is None else told[0],
                    longitude=None if told is None else told[1],
                    arrives=arrives,
                )
            )

    def _help(self, number: str, at: datetime, crew: _Crew, spot: Spot) -> None:
        """An officer goes there of his own accord; no row tells of it."""
        set_off = max(at, crew.free) + self._seconds(self._chance.uniform(30, 240))
        left = self._attend(number, set_off, crew.people[:1], crew.at, spot, is_listed=False)
        crew.free, crew.at = left, spot

    def _attend(
        self,
        number: str,
        set_off: datetime,
        people: Sequence[Worker],
        came_from: Spot,
        spot: Spot,
        *,
        is_listed: bool = True,
    ) -> datetime:
        """When they leave."""
        arrived = set_off + self._lasting(_TRAVEL, _TRAVEL_SPREAD)
        left = arrived + self._lasting(_THERE, _THERE_SPREAD)
        for worker in people:
            self._calls.attended.append(
                Attendance(
                    worker=worker,
                    event=number,
                    set_off=set_off,
                    arrived=arrived,
                    left=left,
                    came_from=came_from,
                    spot=spot,
                    is_listed=is_listed,
                )
            )
        return left

    def _cleared(self, left: datetime) -> datetime:
        share = self._chance.random()
        if share < self._rates.late_clear:
            return left + self._seconds(self._chance.uniform(180, 540))
        if share < self._rates.late_clear + self._rates.early_clear:
            return left - self._seconds(self._chance.uniform(60, 240))
        return left + self._seconds(self._chance.uniform(0, 120))

    def _address(self, spot: Spot) -> tuple[float, float] | None:
        """The coordinates that the feed tells of *spot*."""
        if self._chance.random() < self._rates.no_address:
            return None
        if self._chance.random() < self._rates.wrong_address:
            return spot.off(self._chance, 1000, 8000).degrees
        return spot.near(self._chance, self._rates.address_error).degrees

    def _lasting(self, median: float, spread: float) -> timedelta:
        drawn = self._chance.lognormvariate(math.log(median), spread)
        return self._seconds(min(max(drawn, 60.0), _LONGEST))

    @staticmethod
    def _seconds(count: float) -> timedelta:
        return timedelta(seconds=count)


def _whole(at: datetime) -> datetime:
    return at.replace(microsecond=0)
