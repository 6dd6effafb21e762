"""What a device at a port made known: a camera by its answers, a stranger by its descriptors.

One rule: it is plain data, and all of it a claim but for the station's own times; nothing is
ordered by what a camera's clock showed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from evidence.digest import Sha256
from evidence.names import folded


class ClockSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One reading of a camera's clock."""

    shown: str
    """What it showed: ISO 8601, no zone, since a camera knows none."""
    at: str
    """When by the station's clock: the middle of question and answer (``clock.stamp``)."""
    offset_ms: int
    """Camera clock minus station clock, the camera's taken to be in the configured zone."""
    within_ms: int
    """The true offset lies so far from that at most: half the round trip, and half the second that
    a clock without fractions leaves open."""

    @property
    def offset(self) -> timedelta:
        return timedelta(milliseconds=self.offset_ms)


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What one camera told at one port while it took commands."""

    id: str
    """``t-…``, fresh for each hearing."""
    profile: str
    camera: str | None = None
    """Its number, as it says."""
    officer: str | None = None
    """Who wears it, as it says."""
    battery: int | None = None
    """Its charge in percent."""
    firmware: str | None = None
    footage: int | None = None
    """How many recordings it holds, as it says."""
    clock: ClockSeen | None = None
    """Its clock as it was before anything was done to it."""
    set_clock: ClockSeen | None = None
    """Its clock read again after it was set; None if it was not, or could not be read again."""
    was_set: bool = False
    """Whether another time was said to it; ``unanswered`` tells if it may not have taken it."""
    was_silent: bool = False
    """Whether a question got no answer in its time: a late one would be taken for the next's."""
    unanswered: dict[str, str] = {}
    """Verb -> why it was not answered, for people here and not for the log."""

    @property
    def offset_ms(self) -> int | None:
        """The offset under which everything on its card was recorded, if it could be read."""
        return None if self.clock is None else self.clock.offset_ms

    @property
    def clock_offset(self) -> float | None:
        """The same in seconds."""
        return None if self.clock is None else self.clock.offset_ms / 1000

    def may_be_of(self, camera: str) -> bool:
        """Whether a file that names *camera* may be this one's: neither number denies the other.

        Cameras write their number shorter into names than they tell it, or longer.
        """
        if self.camera is None:
            return True
        mine, its = folded(self.camera), folded(camera)
        return mine in its or its in mine


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A device that was turned away: nothing it says of itself in words."""

    port: str
    reason: str
    vendor: int | None
    product: int | None
    """None of both: its descriptors are broken."""
    interfaces: tuple[str, ...]
    """Those that no camera may have, or none of which is known; at most 16."""
    descriptors: Sha256
    count: int
    """Pluggings that this one stands for: itself, and those before it that have no entry."""
