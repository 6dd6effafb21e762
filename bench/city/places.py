"""Where things are in the city: metres east and north of its middle, and degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

_LATITUDE, _LONGITUDE = 24.48, 118.09
_METRES_A_DEGREE = 111_195.0
_WIDE = math.cos(math.radians(_LATITUDE))
CITY, UNIT = 16_000.0, 1_500.0
"""Half the city's width, and how far from its middle a unit's calls are (standard deviation)."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point, in metres."""

    east: float
    north: float

    def near(self, chance: Random, spread: float) -> Spot:
        """Another, so far off (standard deviation each way)."""
        return Spot(chance.gauss(self.east, spread), chance.gauss(self.north, spread))

    def off(self, chance: Random, least: float, most: float) -> Spot:
        """Another, at some distance between *least* and *most*."""
        away, angle = chance.uniform(least, most), chance.uniform(0, math.tau)
        return Spot(self.east + away * math.cos(angle), self.north + away * math.sin(angle))

    def towards(self, other: Spot, share: float) -> Spot:
        """The point on the way to *other*, that part of it gone."""
        return Spot(
            self.east + (other.east - self.east) * share,
            self.north + (other.north - self.north) * share,
        )

    @property
    def degrees(self) -> tuple[float, float]:
        """Latitude and longitude, to a tenth of a metre."""
        north = _LATITUDE + self.north / _METRES_A_DEGREE
        east = _LONGITUDE + self.east / (_METRES_A_DEGREE * _WIDE)
        return round(north, 6), round(east, 6)
