"""How far apart two places are."""

from __future__ import annotations

import math
from collections.abc import Iterable

from evidence.linking.facts import Place

_RADIUS = 6_371_008.8
"""Mean radius of the Earth, metres (IUGG)."""
_STEP = 10
"""Distances are told in steps of so many metres: neither side is more exact than that."""


def metres(one: Place, other: Place) -> float:
    """The distance along the sphere (haversine)."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    up = math.sin((south - north) / 2) ** 2
    east = math.sin(math.radians(other.longitude - one.longitude) / 2) ** 2
    return (
        2 * _RADIUS * math.asin(math.sqrt(min(1.0, up + math.cos(north) * math.cos(south) * east)))
    )


def nearest(seen: Iterable[Place], place: Place | None) -> int | None:
    """Metres, in steps of ten, from *place* to the nearest that was *seen*; None: not known."""
    if place is None:
        return None
    found = min((metres(each, place) for each in seen), default=None)
    return None if found is None else round(found / _STEP) * _STEP
