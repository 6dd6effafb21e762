"""The rule: what the clips of one camera are linked to, given what is known around them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from evidence.linking.facts import ClipSpan, IncidentSpan, Known
from evidence.linking.links import Link, LinkReason, Part, PartCode, Standing
from evidence.linking.places import nearest
from evidence.linking.points import NEIGHBOURHOOD, POINTS, part, standing_of, when, where
from evidence.linking.recordings import Recording, recordings, span_of
from evidence.linking.spans import Span
from evidence.linking.ties import Wearers

DEFAULT_BUFFER = timedelta(minutes=5)
"""How far outside the window a recording may lie (the field's usual 4 to 5 minutes)."""
_ABOUT_IT = 0.2
"""Which part of a recording must lie in the window before all its clips are linked alike."""
_DECIDES = 20
"""By so many points the places must differ to decide between two calls of the same time."""
_AS_STRONG = 5
"""A tie weaker by more takes nothing from another incident."""
_BY_CAMERA = {PartCode.CAMERA, PartCode.CAMERA_AGAINST}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An incident that a recording may show, before others are looked at."""

    incident: IncidentSpan
    tie: Part
    time: Part
    place: tuple[Part, ...]
    outside: int

    @property
    def place_points(self) -> int:
        return sum(each.points for each in self.place)


def judged(
    clips: Iterable[ClipSpan], known: Known, buffer: timedelta = DEFAULT_BUFFER
) -> list[Link]:
    """Every link that the rule gives for the *clips* of one camera.

    For a right answer about a clip, *clips* holds those of its camera that may be one recording
    with it, and *known* all of the incidents, assignments and duties that may matter to it.
    """
    return [
        link for recording in recordings(clips) for link in _of_recording(recording, known, buffer)
    ]


def _of_recording(recording: Recording, known: Known, buffer: timedelta) -> Iterator[Link]:
    wearers = Wearers.of(recording, known)
    whole = _links(recording, wearers, known, buffer)
    if len(recording) == 1:
        yield from whole
    elif _is_about_one(whole, span_of(recording), known):
        count = part(PartCode.RECORDING, len(recording))
        for clip in recording:
            yield from (replace(link, clip=clip.clip, parts=(*link.parts, count)) for link in whole)
    else:
        for clip in recording:
            yield from _links((clip,), wearers, known, buffer)


def _is_about_one(links: Sequence[Link], span: Span, known: Known) -> bool:
    """Whether a recording as a whole belongs to one event and lies mostly in its window."""
    named = {link.incident for link in links}
    windows = [each for each in known.incidents if each.incident in named]
    is_one = len({each.event for each in windows}) == 1
    is_sure = any(link.standing is Standing.AUTOMATIC for link in links)
    return is_one and is_sure and max(span.lies(each) for each in windows) >= _ABOUT_IT


def _links(recording: Recording, wearers: Wearers, known: Known, buffer: timedelta) -> list[Link]:
    """The links of *recording* taken as one, said of its first clip."""
    span = span_of(recording)
    found = _own_before_unit(list(_candidates(recording, span, wearers, known, buffer)))
    links = [
        (candidate, link)
        for candidate in found
        if (link := _link(recording[0].clip, candidate, found, span)) is not None
    ]
    return [link for candidate, link in links if not _is_said_better(candidate, link, links)]


def _candidates(
    recording: Recording, span: Span, wearers: Wearers, known: Known, buffer: timedelta
) -> Iterator[_Candidate]:
    places = [clip.place for clip in recording if clip.place is not None]
    for incident in known.incidents:
        tie = wearers.tie(incident)
        time = None if tie is None else when(span, incident, buffer)
        if tie is None or time is None:
            continue
        outside, away = span.outside(incident), nearest(places, incident.place)
        if tie is PartCode.UNIT and (outside or away is None or away > NEIGHBOURHOOD):
            continue
        yield _Candidate(
            incident=incident,
            tie=part(tie),
            time=time,
            place=where(away),
            outside=int(outside.total_seconds()),
        )


def _own_before_unit(found: list[_Candidate]) -> list[_Candidate]:
    """Without those tied by the unit to an event to which a wearer was sent."""
    own = {each.incident.event for each in found if each.tie.code is not PartCode.UNIT}
    return [
        each
        for each in found
        if each.tie.code is not PartCode.UNIT or each.incident.event not in own
    ]


def _link(
    clip: str, candidate: _Candidate, all_of_them: Sequence[_Candidate], span: Span
) -> Link | None:
    rival = _rival(candidate, all_of_them, span)
    parts = (candidate.tie, candidate.time, *candidate.place, *rival)
    points = sum(each.points for each in parts)
    standing = standing_of(points)
    if standing is None:
        return None
    return Link(
        clip=clip,
        incident=candidate.incident.incident,
        reason=_reason(candidate),
        standing=standing,
        seconds_outside=candidate.outside,
        points=points,
        parts=parts,
    )


def _rival(
    candidate: _Candidate, all_of_them: Sequence[_Candidate], span: Span
) -> tuple[Part, ...]:
    """What other events take from *candidate*: nothing, or the most that one of them does."""
    taken = Counter(
        code for other in all_of_them if (code := _taken_by(other, candidate, span)) is not None
    )
    worst = min(taken, key=lambda code: POINTS[code], default=None)
    return () if worst is None else (part(worst, taken[worst]),)


def _taken_by(other: _Candidate, candidate: _Candidate, span: Span) -> PartCode | None:
    """What the *other* takes from *candidate*; None: nothing.

    Two calls whose windows overlap share a recording out by what lies in one of them alone, then
    by the places, then by turns: calls are answered in the order in which they came.
    """
    mine, theirs = candidate.incident, other.incident
    if theirs.event == mine.event or other.tie.points < candidate.tie.points - _AS_STRONG:
        return None
    if span.shows_alone(mine, theirs):
        return None
    nearer = 0
    if candidate.place and other.place:
        nearer = candidate.place_points - other.place_points
    if span.shows_alone(theirs, mine) or nearer <= -_DECIDES:
        return PartCode.TAKEN
    if nearer >= _DECIDES:
        return None
    is_first = mine.dispatched < theirs.dispatched
    return PartCode.FIRST_OF_TWO if is_first else PartCode.CONTESTED


def _reason(candidate: _Candidate) -> LinkReason:
    if candidate.tie.code is PartCode.UNIT:
        return LinkReason.UNIT_AT_PLACE
    if candidate.tie.code in _BY_CAMERA:
        return LinkReason.ISSUED_NEAR if candidate.outside else LinkReason.ISSUED_INSIDE
    return LinkReason.NEAR_WINDOW if candidate.outside else LinkReason.INSIDE_WINDOW


def _is_said_better(
    candidate: _Candidate, link: Link, links: Sequence[tuple[_Candidate, Link]]
) -> bool:
    """Whether another part in the same event says more: one link tells of the event.

    A second dispatch of the same officer, or of the partner, is one that is sure as well.
    """
    others = [
        (other, held)
        for other, held in links
        if other.incident.event == candidate.incident.event and held is not link
    ]
    if candidate.tie.code is PartCode.UNIT:
        return any(_order(other, held) < _order(candidate, link) for other, held in others)
    if link.standing is Standing.AUTOMATIC:
        return False
    return any(held.standing is Standing.AUTOMATIC for _, held in others)


def _order(candidate: _Candidate, link: Link) -> tuple[int, str, str]:
    incident = candidate.incident
    return -link.points, incident.dispatched.isoformat(), incident.officer
