"""The city: every unit and day of it, each drawn on its own from the seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from bench.city.calls import Dispatcher
from bench.city.filming import Filming
from bench.city.people import SHIFT, TEAMS, workers
from bench.city.places import CITY, Spot
from bench.city.rates import Rates
from bench.city.told import Day

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
_SHIFTS = 3


class City:
    """Made by a seed; nothing in it is kept."""

    def __init__(self, seed: int, rates: Rates | None = None) -> None:
        self.seed = seed
        self.rates = Rates() if rates is None else rates

    def units(self) -> range:
        """The numbers of its units."""
        return range(self.rates.units)

    def day(self, unit: int, day: int) -> Day:
        """What the systems tell of one *day* (from 0) of *unit*; calls run on past midnight."""
        found = Day()
        chance = Random(f"{self.seed}/{unit}/{day}")
        middle = self._middle(unit)
        for shift in range(_SHIFTS):
            since = FIRST + timedelta(days=day) + shift * SHIFT
            team = (day + shift) % TEAMS
            people, rosters, issues = workers(self.seed, chance, self.rates, (unit, team), since)
            calls = self.rates.events_a_day / self.rates.units * self.rates.by_shift[shift]
            dispatcher = Dispatcher(chance, self.rates, f"U{unit:02d}", middle)
            of_shift = dispatcher.shift(people, calls, f"{since:%m%d}{unit:02d}{shift}")
            found.incidents += of_shift.incidents
            found.duties += rosters
            found.issues += issues
            for worker in people:
                attended = [each for each in of_shift.attended if each.worker is worker]
                filming = Filming(chance, self.rates, worker, attended, middle)
                for clip, withheld in filming.clips():
                    (found.withheld if withheld else found.clips).append(clip)
        return found

    def _middle(self, unit: int) -> Spot:
        chance = Random(f"{self.seed}/{unit}")
        return Spot(chance.uniform(-CITY, CITY), chance.uniform(-CITY, CITY))
