"""How recordings and dispatch windows lie in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.linking.facts import IncidentSpan

_NOTHING = timedelta(0)
_EXCLUSIVE = timedelta(seconds=60)
"""So much of a recording must lie in one window alone to say that it is about that incident."""


@dataclass(frozen=True, slots=True)
class Span:
    """From *begin* to *end*; of a recording of unknown length both are its start."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.begin

    def inside(self, window: IncidentSpan) -> timedelta:
        """How much of it lies in the *window*."""
        return _overlap(self.begin, self.end, window.dispatched, window.cleared)

    def outside(self, window: IncidentSpan) -> timedelta:
        """How far it misses the *window*; zero if it does not."""
        return max(window.dispatched - self.end, self.begin - window.cleared, _NOTHING)

    def fills(self, window: IncidentSpan) -> float:
        """Its part in the window, or the window's part in it, whichever is more: 0 to 1."""
        if not self.length:
            return 0.0 if self.outside(window) else 1.0
        return self.inside(window) / min(self.length, window.cleared - window.dispatched)

    def lies(self, window: IncidentSpan) -> float:
        """Which part of it lies in the *window*: 0 to 1."""
        if not self.length:
            return 0.0 if self.outside(window) else 1.0
        return self.inside(window) / self.length

    def shows_alone(self, window: IncidentSpan, rival: IncidentSpan) -> bool:
        """Whether a part of it that matters lies in *window* and not in that of the *rival*."""
        if not self.length:
            return not self.outside(window) and bool(self.outside(rival))
        begin = max(window.dispatched, rival.dispatched)
        end = min(window.cleared, rival.cleared)
        alone = self.inside(window) - _overlap(self.begin, self.end, begin, end)
        return alone >= min(_EXCLUSIVE, self.length / 2)


def _overlap(begin: datetime, end: datetime, other: datetime, until: datetime) -> timedelta:
    return max(min(end, until) - max(begin, other), _NOTHING)
