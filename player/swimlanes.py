"""A course in time as swim-lanes: dispatches and recordings of each camera, and the gaps between.

One rule: what is drawn stands in the table beneath, gaps by name; nothing is told by the picture
alone.  Times of recordings are by the station's clock, in the agency's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import pairwise
from typing import Literal

from evidence.clock import unstamp
from evidence.wire import IncidentReplayed, RecordingShown
from player.pages import duration

WIDTH = 1000
"""Of a lane, in the picture's own units."""
GAP = timedelta(seconds=2)
"""What is shorter is no gap: cameras take so long to begin a new file."""
APART = timedelta(hours=6)
"""After so long without anything a new picture begins: a case may go on for months."""
_MOMENT = timedelta(seconds=1)
_TICKS = 4
_STEPS = [timedelta(minutes=each) for each in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)]
Kind = Literal[
    "incident", "recording", "before", "between", "after", "stay", "unshown", "explained"
]
"""What takes time.

``before``, ``between`` and ``after`` are gaps: after a dispatch, inside, and until it was cleared;
so are ``unshown`` and ``explained``, of a stay in a room.
"""
_SPANS = frozenset({"incident", "stay"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Something that took time."""

    kind: Kind
    lane: str
    """Camera, or number of the event."""
    begin: datetime
    end: datetime
    length: timedelta | None
    """None: nobody knows."""
    officer: str | None = None
    name: str = ""
    clip: str | None = None

    @property
    def is_gap(self) -> bool:
        return self.kind not in {*_SPANS, "recording"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A piece as it is drawn."""

    kind: Kind
    x: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One camera, or one officer's part in an event."""

    name: str
    officer: str | None
    is_camera: bool
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A piece in words."""

    kind: Kind
    is_gap: bool
    lane: str
    officer: str | None
    begin: str
    end: str | None
    """None: not known."""
    length: str | None
    name: str
    clip: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One stretch of time without a long pause."""

    day: str
    ticks: tuple[str, ...]
    grid: tuple[float, ...]
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]


def pictures(
    incidents: Sequence[IncidentReplayed], recordings: Sequence[RecordingShown], minutes: int
) -> list[Picture]:
    """The course in the zone that is *minutes* ahead of UTC, the first stretch first.

    Recordings of which nobody knows the time are in none.
    """
    zone = timezone(timedelta(minutes=minutes))
    pieces = [_of_incident(each, zone) for each in incidents]
    pieces += [_of_recording(each, zone) for each in recordings if each.start is not None]
    windows = {
        each.clip: [why.incident for why in each.why if why.incident is not None]
        for each in recordings
    }
    return [_picture(some, windows) for some in _stretches(pieces)]


def _of_incident(told: IncidentReplayed, zone: timezone) -> Piece:
    begin, end = unstamp(told.dispatched), unstamp(told.cleared)
    return Piece(
        kind="incident",
        lane=told.number,
        begin=begin.astimezone(zone),
        end=max(begin, end).astimezone(zone),
        length=max(end - begin, timedelta(0)),
        officer=told.officer,
        name=told.call_type or "",
    )


def _of_recording(shown: RecordingShown, zone: timezone) -> Piece:
    begin = unstamp(shown.start or "").astimezone(zone)
    length = None if shown.length_ms is None else timedelta(milliseconds=shown.length_ms)
    return Piece(
        kind="recording",
        lane=shown.camera,
        begin=begin,
        end=begin + (length or timedelta(0)),
        length=length,
        officer=shown.officer,
        name=shown.name,
        clip=shown.clip,
    )


def _stretches(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """The pieces in order of time, cut where nothing is for long."""
    part: list[Piece] = []
    until: datetime | None = None
    for piece in sorted(pieces, key=lambda each: (each.begin, each.lane)):
        if until is not None and piece.begin - until > APART:
            yield part
            part = []
        part.append(piece)
        until = piece.end if until is None else max(until, piece.end)
    if part:
        yield part


def _picture(pieces: Sequence[Piece], windows: Mapping[str, Sequence[str]]) -> Picture:
    incidents = sorted(
        (each for each in pieces if each.kind == "incident"),
        key=lambda each: (each.begin, each.lane, each.officer or ""),
    )
    by_camera: dict[str, list[Piece]] = {}
    for piece in pieces:
        if piece.kind == "recording":
            by_camera.setdefault(piece.lane, []).append(piece)
    gaps = [gap for part in by_camera.values() for gap in _gaps(part, incidents, windows)]
    every = sorted([*pieces, *gaps], key=lambda each: (each.begin, each.kind, each.lane))
    lanes = [[each] for each in incidents]
    lanes += [
        [each for each in every if each.lane == name and each.kind != "incident"]
        for name in sorted(by_camera)
    ]
    return drawn(every, lanes)


def drawn(every: Sequence[Piece], lanes: Iterable[Sequence[Piece]]) -> Picture:
    """The picture of *lanes*, and *every* piece in words; there is one at least."""
    step, begin = _scale(min(p.begin for p in every), max(p.end for p in every))
    days = {f"{begin:%Y-%m-%d}", f"{begin + step * _TICKS:%Y-%m-%d}"}
    return Picture(
        day=" – ".join(sorted(days)),
        ticks=tuple(f"{begin + step * n:%H:%M}" for n in range(_TICKS + 1)),
        grid=tuple(WIDTH / _TICKS * n for n in range(1, _TICKS)),
        lanes=tuple(_lane(each, begin, step) for each in lanes),
        rows=tuple(_row(each) for each in every),
    )


def _gaps(
    part: Sequence[Piece], incidents: Sequence[Piece], windows: Mapping[str, Sequence[str]]
) -> Iterator[Piece]:
    """Where one camera did not record between its recordings, or while its officer was out."""
    officers = {each.officer for each in part}
    events = {number for each in part for number in windows.get(each.clip or "", ())}
    out = [each for each in incidents if each.lane in events and each.officer in officers]
    ends = _ends(part)
    for (_, end), (later, _) in pairwise(ends):
        if later - end > GAP:
            yield _gap(part[0], "between", end, later)
    if not out or not ends:
        return
    since, until = min(each.begin for each in out), max(each.end for each in out)
    if ends[0][0] - since > GAP:
        yield _gap(part[0], "before", since, ends[0][0])
    knows = max(part, key=lambda each: each.begin).length is not None
    if knows and until - ends[-1][1] > GAP:
        yield _gap(part[0], "after", ends[-1][1], until)


def _ends(part: Sequence[Piece]) -> list[tuple[datetime, datetime]]:
    """Spans in which the camera recorded, those that overlap joined."""
    spans: list[tuple[datetime, datetime]] = []
    for piece in sorted(part, key=lambda each: each.begin):
        if spans and piece.begin <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], piece.end)
        else:
            spans.append((piece.begin, piece.end))
    return spans


def _gap(of: Piece, kind: Kind, begin: datetime, end: datetime) -> Piece:
    return Piece(
        kind=kind, lane=of.lane, begin=begin, end=end, length=end - begin, officer=of.officer
    )


def _scale(first: datetime, last: datetime) -> tuple[timedelta, datetime]:
    """The time between two ticks, and the moment of the first one."""
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    for step in _STEPS:
        begin = midnight + (first - midnight) // step * step
        if begin + step * _TICKS >= last:
            return step, begin
    days = (last - midnight) // timedelta(days=_TICKS) + 1
    return timedelta(days=days), midnight


def _lane(pieces: Sequence[Piece], begin: datetime, step: timedelta) -> Lane:
    whole = step * _TICKS
    bars = []
    for piece in pieces:
        x = (piece.begin - begin) / whole * WIDTH
        width = max((piece.end - piece.begin) / whole * WIDTH, 3.0)
        bars.append(Bar(kind=piece.kind, x=round(x, 1), width=round(width, 1)))
    return Lane(
        name=pieces[0].lane,
        officer=pieces[0].officer,
        is_camera=pieces[0].kind not in _SPANS,
        bars=tuple(bars),
    )


def _row(piece: Piece) -> Row:
    known = piece.length is not None
    return Row(
        kind=piece.kind,
        is_gap=piece.is_gap,
        lane=piece.lane,
        officer=piece.officer,
        begin=f"{piece.begin:%Y-%m-%d %H:%M:%S}",
        end=f"{piece.end:%Y-%m-%d %H:%M:%S}" if known else None,
        length=duration(round((piece.length or _MOMENT) / timedelta(milliseconds=1)))
        if known
        else None,
        name=piece.name,
        clip=piece.clip,
    )
