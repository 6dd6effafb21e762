"""Whether the rooms that a person was in were recorded all the while, or why not.

A *stay* is one person's time in a case-handling area, from entry to exit, as spans in rooms.  One
rule: every moment of a span is either shown by a recording of its room or part of a gap, and a gap
is explained only by outages that two persons stand by.  Rooms and channels are keys: folded for
comparison by whoever makes these.  All times are on the archive's clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from evidence.coverage.judging import Outcome, worst

Times = tuple[datetime, datetime]
"""From, to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTerms:
    """By what stays are judged; see :class:`evidence.coverage_settings.CoverageSettings`."""

    join: timedelta
    """What may lack between two files of a recorder, and at either end of a span."""
    move: timedelta
    """How long a person may be on the way from one room to another."""
    late: timedelta
    """After the end of a span, by when its recordings are imported."""
    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Room -> the channels that record it, as ``recorder/channel``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSpan:
    """A person was in a room."""

    span: str
    """Its id."""
    room: str
    since: datetime
    until: datetime | None
    """None: nobody told yet that he left.  Never before *since*."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRecording:
    """A file of a recorder."""

    clip: str
    room: str
    begin: datetime
    end: datetime | None
    """None: how long it lasts is not known (yet), so it shows nothing."""
    came: datetime
    """When a station first had it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Recorders were known to be down."""

    outage: str
    """Its id."""
    since: datetime
    until: datetime
    channels: frozenset[str] | None
    """Which; None: the whole area."""
    agreed: bool
    """Whether another person agreed and nobody ended it; if not, it explains nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomGap:
    """A time that nothing shows."""

    since: datetime
    until: datetime
    outages: tuple[str, ...]
    """Those that explain it; empty: nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanJudged:
    """One span in a room and what became of it."""

    span: RoomSpan
    until: datetime
    """Up to when it was looked at: its end, or now."""
    outcome: Outcome
    clips: tuple[str, ...]
    """Those that show some of it, in order of time."""
    unmeasured: tuple[str, ...]
    """Those that begin in it and whose length is not known."""
    gaps: tuple[RoomGap, ...]
    """In order of time, and apart from each other."""
    came: datetime | None
    """When the last of its clips came; None without any."""
    is_late: bool
    """Without what came too late more would lack: what was imported twice is not late by that."""
    due: datetime
    """By when its recordings are to be here; of who is still there, those that lack first."""
    awaited: bool
    """Something lacks, and that time is not over."""
    is_mapped: bool
    """Whether any recorder is said to record that room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StayJudged:
    """A stay and what became of it."""

    spans: tuple[SpanJudged, ...]
    """In order of time."""
    untold: tuple[Times, ...]
    """Times between entry and exit of which nobody told where the person was."""
    outcome: Outcome
    awaited: bool


def judge_stay(
    spans: Sequence[RoomSpan],
    recordings: Iterable[RoomRecording],
    outages: Iterable[Outage],
    terms: RoomTerms,
    now: datetime,
) -> StayJudged:
    """What became of the stay that is made of *spans*, of which there is one at least.

    *recordings* and *outages* may be of any rooms and times.
    """
    held, down = list(recordings), list(outages)
    found = tuple(
        judge_span(each, held, down, terms, now)
        for each in sorted(spans, key=lambda each: (each.since, each.room, each.span))
    )
    untold = tuple(_untold(found, terms.move))
    outcomes = [each.outcome for each in found] + [Outcome.PARTLY] * bool(untold)
    lacking = [each for each in found if each.outcome in {Outcome.MISSING, Outcome.PARTLY}]
    awaited = bool(lacking) and all(each.awaited for each in lacking) and not untold
    return StayJudged(spans=found, untold=untold, outcome=worst(outcomes), awaited=awaited)


def judge_span(
    span: RoomSpan,
    recordings: Iterable[RoomRecording],
    outages: Iterable[Outage],
    terms: RoomTerms,
    now: datetime,
) -> SpanJudged:
    """What became of one *span*; a person who is still there is looked at up to *now*."""
    whole = (span.since, max(span.since, span.until or now))
    touching = _touching(span.room, whole, recordings)
    shown = [each for each in touching if each.end is not None]
    channels = terms.channels.get(span.room, frozenset())
    due, down = whole[1] + terms.late, [*outages]

    def gaps_of(some: Iterable[RoomRecording]) -> tuple[RoomGap, ...]:
        holes = _holes(whole, [_times(each) for each in some], terms.join)
        return tuple(_explained(holes, down, channels, terms.join))

    gaps = gaps_of(shown)
    open_gaps = _open(gaps)
    in_time = gaps if span.until is None else gaps_of(e for e in shown if e.came <= due)
    is_late = _open(in_time) != open_gaps
    if span.until is None and open_gaps:  # who stays for days does not put off what lacks
        due = open_gaps[0].since + terms.late
    return SpanJudged(
        span=span,
        until=whole[1],
        outcome=_outcome(shown, gaps, open_gaps, is_late=is_late),
        clips=tuple(each.clip for each in shown),
        unmeasured=tuple(each.clip for each in touching if each.end is None),
        gaps=gaps,
        came=max((each.came for each in shown), default=None),
        is_late=is_late,
        due=due,
        awaited=bool(open_gaps) and now <= due,
        is_mapped=bool(channels),
    )


def _touching(room: str, whole: Times, recordings: Iterable[RoomRecording]) -> list[RoomRecording]:
    """Those of *room* that run or begin in that time, in order."""
    found = [each for each in recordings if each.room == room and _touch(_times(each), whole)]
    return sorted(found, key=lambda each: (each.begin, each.clip))


def _outcome(
    shown: Sequence[RoomRecording],
    gaps: Sequence[RoomGap],
    open_gaps: Sequence[RoomGap],
    *,
    is_late: bool,
) -> Outcome:
    if open_gaps:
        return Outcome.PARTLY if shown else Outcome.MISSING
    if is_late:
        return Outcome.LATE
    return Outcome.EXCUSED if gaps else Outcome.RECORDED


def _open(gaps: Iterable[RoomGap]) -> list[RoomGap]:
    return [each for each in gaps if not each.outages]


def _untold(found: Sequence[SpanJudged], move: timedelta) -> Iterable[Times]:
    """Where no span is, between the first and the last, for longer than a way takes."""
    told = _merged((each.span.since, each.until) for each in found)
    for (_, left), (entered, _) in pairwise(told):
        if entered - left > move:
            yield left, entered


def _holes(whole: Times, shown: Iterable[Times], join: timedelta) -> list[Times]:
    """What of *whole* is not in *shown*, but for what is no longer than *join*."""
    if whole[0] == whole[1]:
        return _minus([whole], _merged((begin - join, end + join) for begin, end in shown))
    holes = _minus([whole], _merged(shown))
    return [(since, until) for since, until in holes if until - since > join]


def _explained(
    holes: Iterable[Times], outages: Sequence[Outage], channels: Collection[str], join: timedelta
) -> Iterable[RoomGap]:
    """The *holes*, each cut into what outages explain and what they do not.

    A room is down only while each of its channels is: another one should have recorded.  What an
    outage misses by no more than *join* at either end belongs to it.
    """
    ours = [
        each
        for each in outages
        if each.agreed and (each.channels is None or not each.channels.isdisjoint(channels))
    ]
    of_channels = [
        _merged(
            (each.since - join, each.until + join)
            for each in ours
            if each.channels is None or channel in each.channels
        )
        for channel in (sorted(channels) or [""])
    ]
    down = of_channels[0]
    for more in of_channels[1:]:
        down = _met(down, more)
    for hole in holes:
        found = [(piece, True) for piece in _met([hole], down)]
        found += [(piece, False) for piece in _minus([hole], down)]
        for piece, is_down in sorted(found):
            by = [
                each.outage
                for each in ours
                if is_down and _touch((each.since - join, each.until + join), piece)
            ]
            yield RoomGap(since=piece[0], until=piece[1], outages=tuple(sorted(by)))


def _times(each: RoomRecording) -> Times:
    return each.begin, each.begin if each.end is None else max(each.begin, each.end)


def _within(moment: datetime, whole: Times) -> bool:
    return whole[0] <= moment <= whole[1]


def _touch(one: Times, other: Times) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _merged(some: Iterable[Times]) -> list[Times]:
    """*some* in order, those that touch joined."""
    found: list[Times] = []
    for since, until in sorted(some):
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], until)
        else:
            found.append((since, until))
    return found


def _minus(some: Iterable[Times], others: Sequence[Times]) -> list[Times]:
    """What of *some* is in none of *others*, which are merged; a moment is in what touches it."""
    found: list[Times] = []
    for since, until in some:
        if since == until:
            found += [] if any(_within(since, each) for each in others) else [(since, until)]
            continue
        left = since
        for gone, back in others:
            if left < until and gone > left:
                found.append((left, min(gone, until)))
            left = max(left, back)
        if left < until:
            found.append((left, until))
    return found


def _met(some: Iterable[Times], others: Sequence[Times]) -> list[Times]:
    """What of *some* is in *others*, which are merged."""
    return [
        (max(since, gone), min(until, back))
        for since, until in some
        for gone, back in others
        if max(since, gone) < min(until, back) or (since == until and gone <= since <= back)
    ]
