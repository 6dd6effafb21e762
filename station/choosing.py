"""What is said at the board of a clip: which event it belongs to, or what it shows.  No I/O.

One rule: it is the word of whoever holds a badge.  Nothing of it is believed more than that, and
nothing of a clip is shown for it but when it was recorded, and by which camera.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.clock import unstamp
from evidence.wire import KioskIncident

AROUND = timedelta(hours=12)
"""An incident of the same shift was dispatched no longer before or after a recording."""
_MOST = 3
"""As many events beside a recording as fit on a panel."""
_LONGEST = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing that was said: an incident that was chosen, a number that was typed, or a code."""

    clip: str
    officer: str
    """Whose badge it was."""
    incident: str | None = None
    number: str | None = None
    """Of the event: typed, or that of the incident."""
    code: str | None = None
    """Of a marker on the clip as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnClip:
    """A recording of an officer, as the board shows it."""

    clip: str
    camera: str
    begins: datetime | None
    """On this station's clock; None: nothing tells."""
    numbers: tuple[str, ...] = ()
    """Of the events that were said of it here."""
    codes: tuple[str, ...] = ()


def near(clip: OwnClip, incidents: Iterable[KioskIncident]) -> list[KioskIncident]:
    """Those of *incidents* that *clip* may belong to, the nearest first.

    Without a start the newest.  What was said of it already is left out.
    """
    left = [each for each in incidents if each.number not in clip.numbers]
    begins = clip.begins
    if begins is None:
        return sorted(left, key=lambda each: each.dispatched, reverse=True)[:_MOST]
    fitting = [each for each in left if abs(unstamp(each.dispatched) - begins) <= AROUND]
    return sorted(fitting, key=lambda each: (_away(begins, each), each.incident))[:_MOST]


def typed(text: str) -> str | None:
    """The number of an event in what somebody typed; None if it is none."""
    number = text.strip()
    return number if 0 < len(number) <= _LONGEST and number.isprintable() else None


def _away(begins: datetime, incident: KioskIncident) -> timedelta:
    """How far *begins* lies outside of the incident's window."""
    first, last = unstamp(incident.dispatched), unstamp(incident.cleared)
    return max(first - begins, begins - last, timedelta(0))
