"""How long from when: whole days, months and years, counted by the calendar of the agency.

One rule: whatever is not exact is made longer.  A day that a month does not have is the first of
the next one, and a period ends with the local day it ends on, not with its hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, timedelta, timezone

_TEXT = re.compile(r"([1-9][0-9]{0,3}) (day|month|year)s?\Z")
_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A number of days, months or years; written ``"31 days"``, ``"6 months"``, ``"2 years"``."""

    days: int = 0
    months: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period that *text* writes; ValueError if it is none."""
        found = _TEXT.match(text)
        if found is None:
            raise ValueError(f"{text!r} is no period: write '31 days', '6 months' or '2 years'")
        number, unit = int(found[1]), found[2]
        if unit == "day":
            return cls(days=number)
        return cls(months=number * (_MONTHS if unit == "year" else 1))

    def __str__(self) -> str:
        number, unit = (self.days, "day") if self.days else (self.months, "month")
        return f"{number} {unit}{'' if number == 1 else 's'}"

    def after(self, base: datetime, utc_offset: timedelta) -> datetime | None:
        """When the period from *base* on has ended, in UTC; None if the calendar ends before.

        *utc_offset* says what a day is where the agency lies.  Both datetimes are aware.
        """
        here = timezone(utc_offset)
        try:
            day = _later(base.astimezone(here).date(), self.months) + timedelta(days=self.days + 1)
            return datetime(day.year, day.month, day.day, tzinfo=here).astimezone(UTC)
        except OverflowError:
            return None


def _later(day: date, months: int) -> date:
    """The same day *months* later; the first of the next month where there is none."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    year = day.year + years
    if year > MAXYEAR:
        raise OverflowError
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return _later(date(day.year, day.month, 1), months + 1)
