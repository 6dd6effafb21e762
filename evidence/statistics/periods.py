"""Spans of days, and the weeks and months in them, where days begin as the archive's settings say.

One rule: a moment belongs to one period of a kind and to no other; spans hold their first day and
their last one, as people write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from evidence.statistics.facts import OLDEST

_DAY = timedelta(days=1)
LONGEST = 3660
"""Days that one question may span: ten years."""


class By(StrEnum):
    """What figures are told apart by."""

    UNIT = "unit"
    OFFICER = "officer"
    MONTH = "month"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From the beginning of one day to the end of another."""

    first: date
    last: date
    minutes: int = 0
    """How far days begin before those of UTC: ``[archive] utc_offset_minutes``."""

    @classmethod
    def told(cls, first: str, last: str, minutes: int) -> Span:
        """That of two days as YYYY-MM-DD; ValueError for what is none, or too long."""
        try:
            made = cls(first=_day(first), last=_day(last), minutes=minutes)
            _ = made.since - OLDEST, made.until + OLDEST  # starts are looked for that far around
        except OverflowError as error:
            raise ValueError(f"{first} to {last} does not fit into the calendar") from error
        if made.last < made.first:
            raise ValueError(f"the last day, {last}, is before the first, {first}")
        if (made.last - made.first).days >= LONGEST:
            raise ValueError(f"{first} to {last} is more than {LONGEST} days")
        return made

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return self._begins(self.first)

    @property
    def until(self) -> datetime:
        """The first moment behind it."""
        return self._begins(self.last + _DAY)

    def months(self) -> Iterator[Span]:
        """The months that it touches, the first and the last one cut to it."""
        first = self.first
        while first <= self.last:
            following = (first.replace(day=1) + timedelta(days=31)).replace(day=1)
            yield self._part(first, following - _DAY)
            first = following

    def weeks(self) -> Iterator[Span]:
        """The weeks (ISO 8601: from Monday) that it touches, cut likewise."""
        first = self.first
        while first <= self.last:
            following = first + timedelta(days=7 - first.weekday())
            yield self._part(first, following - _DAY)
            first = following

    def parts(self, by: By) -> list[Span]:
        """Its months or weeks, if figures are told apart *by* those; else itself."""
        match by:
            case By.MONTH:
                return list(self.months())
            case By.WEEK:
                return list(self.weeks())
            case _:
                return [self]

    def name(self, by: By) -> str:
        """How a period is called that is one of :meth:`parts`: 2026-11, or 2026-W48."""
        if by is By.WEEK:
            year, week, _ = self.first.isocalendar()
            return f"{year:04}-W{week:02}"
        return f"{self.first:%Y-%m}" if by is By.MONTH else f"{self.first}/{self.last}"

    def _part(self, first: date, last: date) -> Span:
        return Span(first=first, last=min(last, self.last), minutes=self.minutes)

    def _begins(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(minutes=self.minutes)


def day_at(moment: datetime, minutes: int) -> date:
    """The day of *moment* where days begin *minutes* before those of UTC."""
    return (moment + timedelta(minutes=minutes)).date()


def _day(text: str) -> date:
    problem = f"{text[:40]!r} is no day as YYYY-MM-DD"
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(problem) from error
    if day.isoformat() != text:  # other ways of ISO 8601 to write one, such as a week
        raise ValueError(problem)
    return day
