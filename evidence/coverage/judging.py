"""What became of a recording that should be there.

One rule: footage that is there counts, whichever camera it came from; that it came late, or shows a
part only, is told beside, never instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from evidence.coverage.expecting import Expected


class Outcome(StrEnum):
    """Of one expected recording, the worst last."""

    RECORDED = "recorded"
    EXCUSED = "excused"
    """Not whole, not in time or not there, and two persons answered why."""
    LATE = "late"
    """There, and docked too late."""
    PARTLY = "partly"
    """There, with a gap that is too long; it may be late, too."""
    MISSING = "missing"


_RANK = {outcome: rank for rank, outcome in enumerate(Outcome)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what recordings are judged; see :class:`evidence.coverage_settings.CoverageSettings`."""

    way: timedelta
    """The most of an incident's begin that may lack: the way there."""
    gap: timedelta
    """The longest gap that may be anywhere else."""
    late: timedelta
    """After the end of the duty, or of the incident, by when a camera is docked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A clip that counts as the incident's."""

    clip: str
    camera: str
    begin: datetime
    end: datetime | None
    """None: how long it lasts is not known."""
    docked: datetime
    """When a station first had it, by the station's clock."""
    is_confirmed: bool = False
    """A person says that it belongs there: then it counts whatever its clock says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One expected recording and what became of it."""

    expected: Expected
    outcome: Outcome
    clips: tuple[str, ...]
    gap: timedelta
    """The longest time that nothing shows, beyond what may lack; zero: none."""
    docked: datetime | None
    """When the last of its clips was docked; None without any."""
    is_late: bool
    is_other_camera: bool
    """Its clips are of a camera that was not issued for it."""
    awaited: bool
    """Something lacks, and the time within which cameras are docked is not over."""


def judge(
    wanted: Sequence[Expected],
    present: Iterable[Present],
    terms: Terms,
    now: datetime,
    *,
    excused: bool = False,
) -> list[Judged]:
    """What became of each of *wanted*, of one officer's part, by the clips that count for it.

    Clips of a camera that nobody expected stand in for the first recordings that have none.
    """
    first = min(each.since for each in wanted)
    last = max(each.until for each in wanted)
    counted = sorted(
        (each for each in present if each.is_confirmed or _overlaps(each, first, last)),
        key=lambda each: (each.begin, each.clip),
    )
    names = {each.camera for each in wanted}
    others: dict[str, list[Present]] = {}
    for clip in counted:
        if clip.camera not in names:
            others.setdefault(clip.camera, []).append(clip)
    found = []
    for each in wanted:
        own = [clip for clip in counted if clip.camera == each.camera]
        if each.camera is None:
            own, others = [clip for clips in others.values() for clip in clips], {}
        is_other = not own and bool(others)
        if is_other:
            own = others.pop(min(others))
        judged = _judged(each, own, terms, now, excused=excused)
        found.append(judged if not is_other else _of_other(judged))
    return found


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The one that says most of a part or an event."""
    return max(outcomes, key=_RANK.__getitem__)


def _judged(
    wanted: Expected, clips: Sequence[Present], terms: Terms, now: datetime, *, excused: bool
) -> Judged:
    limit = wanted.ended + terms.late
    docked = max((each.docked for each in clips), default=None)
    is_late = docked is not None and docked > limit
    gap = _gap(wanted, clips, terms) if clips else wanted.until - wanted.since
    outcome = Outcome.RECORDED
    if not clips:
        outcome = Outcome.MISSING
    elif gap:
        outcome = Outcome.PARTLY
    elif is_late:
        outcome = Outcome.LATE
    lacks = outcome in {Outcome.MISSING, Outcome.PARTLY}
    return Judged(
        expected=wanted,
        outcome=Outcome.EXCUSED if excused and outcome is not Outcome.RECORDED else outcome,
        clips=tuple(each.clip for each in clips),
        gap=gap,
        docked=docked,
        is_late=is_late,
        is_other_camera=False,
        awaited=lacks and not excused and now <= limit,
    )


def _of_other(judged: Judged) -> Judged:
    return Judged(
        expected=judged.expected,
        outcome=judged.outcome,
        clips=judged.clips,
        gap=judged.gap,
        docked=judged.docked,
        is_late=judged.is_late,
        is_other_camera=True,
        awaited=judged.awaited,
    )


def _overlaps(clip: Present, since: datetime, until: datetime) -> bool:
    """A clip of unknown length is there if it begins there."""
    if clip.end is None:
        return since <= clip.begin <= until
    return clip.begin <= until and clip.end >= since


def _gap(wanted: Expected, clips: Sequence[Present], terms: Terms) -> timedelta:
    """The longest stretch of the incident that no clip shows, if it is longer than it may be.

    A clip of unknown length may have shown all that comes behind its begin up to the next one:
    nobody is blamed for a gap that cannot be told from a recording.
    """
    shown_to, worst_gap = wanted.since, timedelta(0)
    allowed = terms.way
    for clip in clips:
        lacks = min(clip.begin, wanted.until) - shown_to
        if lacks > allowed:
            worst_gap = max(worst_gap, lacks)
        if clip.begin < wanted.until:
            allowed = terms.gap
        end = wanted.until if clip.end is None else clip.end
        shown_to = max(shown_to, end)
    lacks = wanted.until - shown_to
    return max(worst_gap, lacks) if lacks > terms.gap else worst_gap
