"""Who links a city's clips to its events: the product's rule, and the peer's."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.city import Day, assignment, clip_span, duty, incident_span
from evidence.linking import (
    DEFAULT_BUFFER,
    LONGEST_RECORDING,
    LONGEST_WINDOW,
    Assignment,
    ClipSpan,
    IncidentSpan,
    Known,
    Standing,
    judged,
)

_APART = timedelta(hours=2)
"""Clips of a camera that are further apart are judged in turns: nothing joins them."""


@dataclass(frozen=True, slots=True)
class Said:
    """That a clip is about an event."""

    clip: str
    event: str
    points: int
    is_sure: bool


class Unit:
    """All that was told of one unit, found by time and name."""

    def __init__(self, days: Sequence[Day], *, with_places: bool = True) -> None:
        incidents = [incident_span(row) for day in days for row in day.incidents]
        self._incidents = sorted(incidents, key=lambda each: each.dispatched)
        self._dispatched = [each.dispatched for each in self._incidents]
        self._events = {each.incident: each.event for each in self._incidents}
        self._clips = [
            clip_span(clip, with_place=with_places) for day in days for clip in day.clips
        ]
        self._issued: dict[str, list[Assignment]] = defaultdict(list)
        for issue in (assignment(issue) for day in days for issue in day.issues):
            self._issued[issue.camera].append(issue)
        self._duties = [duty(roster) for day in days for roster in day.duties]

    def ours(self) -> Iterator[Said]:
        """What the product's rule says: an event once for a clip, at its best."""
        for turn in self._turns():
            best: dict[tuple[str, str], Said] = {}
            for link in judged(turn, self._known(turn)):
                pair = link.clip, self._events[link.incident]
                if pair not in best or best[pair].points < link.points:
                    sure = link.standing is Standing.AUTOMATIC
                    best[pair] = Said(*pair, link.points, sure)
            yield from best.values()

    def plain(self) -> Iterator[Said]:
        """What the plain join says: same officer, begun in the window or within the buffer."""
        windows: dict[str, list[IncidentSpan]] = defaultdict(list)
        for each in self._incidents:
            windows[each.officer].append(each)
        for clip in self._clips:
            early, late = clip.begin - DEFAULT_BUFFER, clip.begin + DEFAULT_BUFFER
            of_officer = windows.get(clip.officer or "", [])
            found = {w.event for w in of_officer if w.dispatched <= late and early <= w.cleared}
            yield from (Said(clip.clip, event, 0, is_sure=True) for event in sorted(found))

    def _turns(self) -> Iterator[list[ClipSpan]]:
        """The clips of a camera that are near each other."""
        of_camera: dict[str, list[ClipSpan]] = defaultdict(list)
        for clip in self._clips:
            of_camera[clip.camera].append(clip)
        for clips in of_camera.values():
            clips.sort(key=lambda each: each.begin)
            turn: list[ClipSpan] = []
            for clip in clips:
                if turn and clip.begin - (turn[-1].end or turn[-1].begin) > _APART:
                    yield turn
                    turn = []
                turn.append(clip)
            yield turn

    def _known(self, turn: Sequence[ClipSpan]) -> Known:
        """What may matter to the clips of a turn."""
        begin, end = turn[0].begin, turn[-1].begin + LONGEST_RECORDING
        first = bisect_left(self._dispatched, begin - LONGEST_WINDOW - DEFAULT_BUFFER)
        last = bisect_right(self._dispatched, end + DEFAULT_BUFFER)
        return Known(
            incidents=[each for each in self._incidents[first:last] if _reaches(each, turn)],
            assignments=[each for each in self._issued[turn[0].camera] if _is_of(each, turn)],
            duties=[each for each in self._duties if each.since <= end and begin < each.until],
        )


def _reaches(incident: IncidentSpan, turn: Iterable[ClipSpan]) -> bool:
    """Whether its window, with the buffer, touches any of the clips."""
    early = incident.dispatched - DEFAULT_BUFFER
    late = incident.cleared + DEFAULT_BUFFER
    return any((clip.end or clip.begin) >= early and clip.begin <= late for clip in turn)


def _is_of(issue: Assignment, turn: Sequence[ClipSpan]) -> bool:
    return any(issue.covers(clip.begin) for clip in turn)
