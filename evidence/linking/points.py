"""What each reason is worth.  Fixed: calibrated once on synthetic days (ADR 32), never learnt.

Points add up.  A clip that names the officer, of a camera issued to the same, that lies in the
window has 70; 60 make a link of themselves, 35 a proposal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from evidence.linking.facts import IncidentSpan
from evidence.linking.links import Part, PartCode, Standing
from evidence.linking.spans import Span

AUTOMATIC: Final = 60
PROPOSED: Final = 35

POINTS: Final[Mapping[PartCode, int]] = {
    PartCode.OFFICER_AND_CAMERA: 40,
    PartCode.OFFICER: 35,
    PartCode.CAMERA: 35,
    PartCode.CAMERA_AGAINST: 30,
    PartCode.OFFICER_AGAINST: 10,
    PartCode.UNIT: 10,
    PartCode.MOST: 30,
    PartCode.HALF: 25,
    PartCode.SOME: 20,
    PartCode.CLOSE: 20,
    PartCode.NEAR: 10,
    PartCode.AT_PLACE: 20,
    PartCode.BY_PLACE: 10,
    PartCode.AROUND_PLACE: 0,
    PartCode.FAR: -5,
    PartCode.ELSEWHERE: -10,
    PartCode.FIRST_OF_TWO: -5,
    PartCode.CONTESTED: -20,
    PartCode.TAKEN: -30,
    PartCode.RECORDING: 0,
}

_FILLS: Final = ((0.75, PartCode.MOST), (0.35, PartCode.HALF), (0.0, PartCode.SOME))
"""From which part on that lies in the window, or is filled of it."""
_CLOSE: Final = timedelta(minutes=1)
_METRES: Final = (
    (150, PartCode.AT_PLACE),
    (500, PartCode.BY_PLACE),
    (2000, PartCode.AROUND_PLACE),
    (6000, PartCode.FAR),
)
"""Up to how many.  An address is some 60 m off, a fix in a street canyon 30; who records on the way
there has begun somewhere else, so that distance alone says little before it is kilometres."""
NEIGHBOURHOOD: Final = 500
"""Metres from the incident's place within which the unit alone ties a clip to it."""


def standing_of(points: int) -> Standing | None:
    """What so many points make; None: nothing."""
    if points >= AUTOMATIC:
        return Standing.AUTOMATIC
    return Standing.PROPOSED if points >= PROPOSED else None


def part(code: PartCode, value: int = 0) -> Part:
    """A reason with the points of the table."""
    return Part(code, POINTS[code], value)


def when(span: Span, window: IncidentSpan, buffer: timedelta) -> Part | None:
    """How well *span* lies in the *window*; None: further away than *buffer*."""
    outside = span.outside(window)
    if outside > buffer:
        return None
    if outside:
        code = PartCode.CLOSE if outside <= _CLOSE else PartCode.NEAR
        return part(code, int(outside.total_seconds()))
    filled = span.fills(window)
    code = next(code for least, code in _FILLS if filled >= least)
    return part(code, int(span.inside(window).total_seconds()))


def where(metres: int | None) -> tuple[Part, ...]:
    """How well the places agree; where one is not known it says nothing."""
    if metres is None:
        return ()
    code = next((code for most, code in _METRES if metres <= most), PartCode.ELSEWHERE)
    return (part(code, metres),)
