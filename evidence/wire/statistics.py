"""Figures and the lists behind them."""

from __future__ import annotations

from evidence.statistics.figures import Figures, Rate
from evidence.wire.message import Message


class RateShown(Message, frozen=True, kw_only=True):
    """So many of so many (``evidence.statistics``)."""

    met: int
    unmet: int
    left_out: dict[str, int]
    """Why -> how many were left out of both."""
    value: float | None
    """met / (met + unmet); null where nothing was counted."""
    low: float | None
    """The Wilson interval of 95 % around it."""
    high: float | None

    @classmethod
    def of(cls, rate: Rate) -> RateShown:
        """*rate* as a message."""
        low, high = rate.interval or (None, None)
        left_out = {verdict.value: count for verdict, count in rate.left_out.items()}
        return cls(
            met=rate.met, unmet=rate.unmet, left_out=left_out, value=rate.value, low=low, high=high
        )

    @property
    def whole(self) -> int:
        """The denominator."""
        return self.met + self.unmet


class FiguresShown(Message, frozen=True, kw_only=True):
    """The figures of one unit, officer or period, or of all together."""

    name: str | None
    """Null: of what no unit, or no officer, is known of; or of all together."""
    since: str
    """The first day that was counted, YYYY-MM-DD."""
    until: str
    """The last one."""
    clips: int
    bytes: int
    duration_ms: int
    unmeasured: int
    """Recordings whose length is not known; they add nothing to ``duration_ms``."""
    officers: int
    rates: dict[str, RateShown]
    """``timeliness``, ``coverage``, ``link``, ``category``, ``review``."""
    delays: list[int]
    """Uploads within 1, 6, 12, 24, 48, 72 and 168 hours of the end of duty, and later ones."""

    @classmethod
    def of(cls, figures: Figures, name: str | None, since: str, until: str) -> FiguresShown:
        """*figures* as a message."""
        return cls(
            name=name,
            since=since,
            until=until,
            clips=figures.clips,
            bytes=figures.size,
            duration_ms=int(figures.duration.total_seconds() * 1000),
            unmeasured=figures.unmeasured,
            officers=figures.officers,
            rates={measure.value: RateShown.of(each) for measure, each in figures.rates.items()},
            delays=list(figures.delays),
        )


class StatisticsShown(Message, frozen=True, kw_only=True):
    """GET /v1/statistics."""

    by: str
    """``unit``, ``officer``, ``month`` or ``week``."""
    utc_offset_minutes: int
    """How far the days begin before those of UTC."""
    groups: list[FiguresShown]
    total: FiguresShown
    bases: dict[str, int]
    """What delays were measured from: ``duty`` or ``recording`` -> how many."""
    disposed: int | None
    """Clips received within these days that were disposed of since, and count for nothing; null
    for figures of one unit or officer, since whose they were is forgotten with them."""


class CountedClip(Message, frozen=True, kw_only=True):
    """A clip that a figure counts."""

    clip: str
    name: str
    officer: str | None
    unit: str | None
    at: str
    """By which it belongs to a day: its start, or its receipt."""
    received: str
    verdict: str | None
    delay_ms: int | None
    """Of the upload, from ``basis`` on."""
    basis: str | None


class CountedIncident(Message, frozen=True, kw_only=True):
    """An incident that a figure counts."""

    id: str
    number: str
    officer: str
    unit: str | None
    at: str
    """When it was dispatched."""
    verdict: str


class CountedPage(Message, frozen=True, kw_only=True):
    """GET /v1/statistics/counted: clips, or incidents where ``measure`` is ``coverage``."""

    clips: list[CountedClip]
    incidents: list[CountedIncident]
    total: int
    """How many there are on all pages: the figure itself."""
    next: str | None = None
