"""The hours in which footage is sent, where the line is needed for other things by day.

One rule: hours are those of the clock on the wall.  A span that ends before it begins goes on past
midnight; when the clock is put forward or back, a span is an hour shorter or longer, as on the
wall.  It does no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

_SPAN = re.compile(r"([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """From one minute of the day up to another, which is left out."""

    begin: time
    end: time

    def holds(self, now: time) -> bool:
        """Whether *now*, on the wall, lies in it."""
        if self.begin < self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of a day; none: always."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, text: str) -> Hours:
        """The hours in *text*, such as ``20:00-06:00`` or ``12:00-13:00, 22:00-05:30``.

        ValueError if it is none.  Empty: always.
        """
        return cls(tuple(_spans(text)))

    def are_open(self, now: time) -> bool:
        """Whether it may be sent at *now*."""
        return not self.spans or any(span.holds(now) for span in self.spans)

    def opens_at(self, now: time) -> time | None:
        """When they are open next; None if they are."""
        if self.are_open(now):
            return None
        later = [span.begin for span in self.spans if span.begin > now]
        return min(later or [span.begin for span in self.spans])


def _spans(text: str) -> Iterator[Span]:
    for part in text.split(",") if text.strip() else ():
        found = _SPAN.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"{part.strip()!r} is no span such as 20:00-06:00")
        begin, minute, end, last = map(int, found.groups())
        try:
            span = Span(time(begin, minute), time(end, last))
        except ValueError as error:
            raise ValueError(f"{part.strip()!r} names an hour that is none") from error
        if span.begin == span.end:
            raise ValueError(f"{part.strip()!r} begins and ends at once; leave it out for always")
        yield span
