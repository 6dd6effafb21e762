"""How much an MP4 may make us keep in memory: what its own bytes could hold, and no more."""

from __future__ import annotations

from evidence.errors import RenditionFailed

_MOST_IN_ALL = 1 << 23
"""Samples of all tracks: a day of sound beside 38 hours of pictures (see ``probe.py``)."""
_LEAST_SAMPLE = 4
"""Bytes that a sample takes in a file, its entry included; no coded frame of ours takes fewer."""
FRAGMENT_COSTS = 8
"""A fragment takes as much of our memory as so many samples, also an empty one."""


class Allowance:
    """How many samples a file of *length* bytes may still describe.

    Twenty bytes can claim a million samples of no bytes each, again and again.
    """

    def __init__(self, length: int) -> None:
        self._left = min(length // _LEAST_SAMPLE, _MOST_IN_ALL)

    def take(self, count: int) -> None:
        """Use up *count*; RenditionFailed if that is more than is left."""
        self._left -= count
        if self._left < 0:
            raise RenditionFailed("the fragmented MP4 claims more samples than its bytes can hold")
