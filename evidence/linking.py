"""Which incidents does a clip belong to?  Pure rules; the archive feeds them and keeps the answer.

Rule ``officer+window``: the clip's officer is the incident's officer and the recording *starts*
inside [dispatched - buffer, cleared + buffer], by the clip's corrected start.  Both orders of
arrival (clip first, incident first) give the same links.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.names import folded

#: How far outside the dispatch window a recording may start (the field's usual 4 to 5 minutes).
DEFAULT_BUFFER = timedelta(minutes=5)
#: A window this long is a feed error (an incident never cleared), not a fact to link by.
LONGEST_WINDOW = timedelta(hours=8)


class LinkReason(StrEnum):
    """Why a link was made; stated on every link."""

    INSIDE_WINDOW = "officer+window"
    """Same officer; the recording starts between dispatch and clearance."""
    NEAR_WINDOW = "officer+buffer"
    """Same officer; it starts outside the window but within the buffer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWindow:
    """What linking needs to know of an incident."""

    incident: str
    officer: str
    dispatched: datetime
    cleared: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipStart:
    """What linking needs to know of a clip: officer and start are claims of the camera."""

    clip: str
    officer: str
    started: datetime
    clock_offset: timedelta = timedelta(0)
    """Camera clock minus station clock, measured at the dock; zero when nothing was measured."""

    @property
    def corrected(self) -> datetime:
        """The start on the station's clock."""
        return self.started - self.clock_offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A clip belongs to an incident, and why.  Seconds are whole and never negative."""

    clip: str
    incident: str
    reason: LinkReason
    seconds_outside: int


def link(
    clip: ClipStart, windows: Iterable[IncidentWindow], buffer: timedelta = DEFAULT_BUFFER
) -> Iterator[Link]:
    """Every link the rule gives for *clip*, in the order of *windows*."""
    for window in windows:
        if folded(window.officer) != folded(clip.officer):
            continue
        before = window.dispatched - clip.corrected
        after = clip.corrected - window.cleared
        outside = max(before, after, timedelta(0))
        if outside <= buffer:
            reason = LinkReason.NEAR_WINDOW if outside else LinkReason.INSIDE_WINDOW
            yield Link(
                clip=clip.clip,
                incident=window.incident,
                reason=reason,
                seconds_outside=int(outside.total_seconds()),
            )


def window_problem(dispatched: datetime, cleared: datetime) -> str | None:
    """What is wrong with a dispatch window, in words, or None."""
    if cleared <= dispatched:
        return "cleared is not after dispatched"
    if cleared - dispatched >= LONGEST_WINDOW:
        return f"window of {cleared - dispatched} is not shorter than {LONGEST_WINDOW}"
    return None
