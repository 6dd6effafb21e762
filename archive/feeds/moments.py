"""Times as other systems write them, read without guessing.

A time without an offset is local to the zone that the feed is set to; without one it is a problem.
A local time that the clocks skipped (a summer time began) never was, and is a problem.  One that
they showed twice is a problem, too, unless the mapping says which of the two is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""What lies outside is a typing error, not a time of an incident."""
SECONDS, MILLISECONDS = "epoch", "epoch-ms"
"""Formats that are a number since 1970."""
_ISO = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}[T ][0-9]{2}:?[0-9]{2}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_NUMBER = re.compile(r"[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How a feed writes times."""

    formats: Sequence[str] = ()
    """As ``strptime`` takes them, tried in order before ISO 8601."""
    zone: tzinfo | None = None
    """Of times without an offset."""
    twice: Literal["problem", "earlier", "later"] = "problem"
    """What to make of a local time that was twice."""

    def moment(self, text: str, *, day: bool = False) -> datetime:
        """The moment that *text* names, in UTC; with *day* a date alone is its first moment.

        ValueError says, to stand behind the name of the column, what is wrong.
        """
        found = self._parsed(text, day=day)
        if found.tzinfo is None:
            found = self._local(found, text)
        try:
            moment = found.astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"{text!r} is beyond the calendar") from error
        if not EARLIEST <= moment < LATEST:
            raise ValueError(f"{text!r} is not between {EARLIEST.year} and {LATEST.year}")
        return moment

    def _parsed(self, text: str, *, day: bool) -> datetime:
        for form in self.formats:
            if form in {SECONDS, MILLISECONDS}:
                if _NUMBER.match(text):
                    since = timedelta(milliseconds=int(text) * (1000 if form == SECONDS else 1))
                    return datetime(1970, 1, 1, tzinfo=UTC) + min(since, timedelta(days=10**6))
                continue
            try:
                return datetime.strptime(text, form)  # noqa: DTZ007  a zone is laid on below
            except ValueError:
                continue
        try:
            if _ISO.match(text) or (day and _DAY.match(text)):
                return datetime.fromisoformat(text)
        except ValueError:
            pass
        ways = " or ".join([*map(repr, self.formats), "ISO 8601"])
        need = "" if self.zone is not None else " with a time zone"
        raise ValueError(f"{text[:60]!r} is not a date and time{need} as {ways}")

    def _local(self, found: datetime, text: str) -> datetime:
        if self.zone is None:
            raise ValueError(f"{text!r} is not a time with a time zone, and the feed has none set")
        first, second = (found.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() == second.utcoffset():
            return first
        back = first.astimezone(UTC).astimezone(self.zone)
        if back.replace(tzinfo=None) != found:
            raise ValueError(f"{text!r} never was: the clocks of {self.zone} skipped it")
        if self.twice == "problem":
            raise ValueError(f"{text!r} was twice: the clocks of {self.zone} were put back")
        return first if self.twice == "earlier" else second
