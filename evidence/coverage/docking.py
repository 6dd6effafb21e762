"""Cameras that were issued and have not come back to a dock.

One rule: a camera is missed from the end of the duty on for which it was out; where no duty is
known, from a number of days after it was last seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

EARLY = timedelta(hours=2)
"""Cameras that are docked so long before the end of a duty came back from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wearing:
    """A camera was out with an officer; keys are folded."""

    camera: str
    officer: str
    since: datetime
    until: datetime | None
    """None: it is issued still."""
    duty_ended: datetime | None
    """The end of the officer's last duty within that time that is over; None: none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undocked:
    """A camera that is missed."""

    camera: str
    officer: str | None
    """To whom it was issued; None: nobody told."""
    seen: datetime | None
    """When it was last docked; None: never."""
    missed_since: datetime
    by_duty: bool
    """Whether that is the end of a duty."""


def undocked(
    worn: Iterable[Wearing],
    seen: Mapping[str, datetime],
    now: datetime,
    *,
    late: timedelta,
    days: timedelta,
) -> list[Undocked]:
    """The cameras that are missed *now*, the longest first; of each, its last wearing counts.

    *seen*: camera -> when it was last docked.  *late*: how long after a duty a camera may be
    docked.  *days*: how long one may stay away where no duty is known, issued or not.
    """
    last: dict[str, Wearing] = {}
    for each in sorted(worn, key=lambda each: (each.since, each.officer)):
        last[each.camera] = each
    found = [
        missed
        for each in last.values()
        if (missed := _missed(each, seen.get(each.camera), now, late, days)) is not None
    ]
    found += [
        Undocked(camera=camera, officer=None, seen=at, missed_since=at + days, by_duty=False)
        for camera, at in seen.items()
        if camera not in last and now > at + days
    ]
    return sorted(found, key=lambda each: (each.missed_since, each.camera))


def _missed(
    each: Wearing, at: datetime | None, now: datetime, late: timedelta, days: timedelta
) -> Undocked | None:
    if each.duty_ended is not None:
        is_back = at is not None and at >= each.duty_ended - EARLY
        since, by_duty = each.duty_ended + late, True
    else:
        out = each.since if at is None else max(at, each.since)
        ended = out if each.until is None else max(out, each.until)
        is_back = at is not None and each.until is not None and at >= each.until
        since, by_duty = ended + days, False
    if is_back or now <= since:
        return None
    return Undocked(
        camera=each.camera, officer=each.officer, seen=at, missed_since=since, by_duty=by_duty
    )
