"""What the cameras of a shift record: when buttons are pressed, what that shows, how it is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bench.city.calls import Attendance
from bench.city.people import Worker
from bench.city.places import UNIT, Spot
from bench.city.rates import Rates
from bench.city.told import CityClip

_SHOWS = timedelta(seconds=30)
"""So much of an event makes a clip one about it; of a shorter clip, half of it."""
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Recording:
    """From button to button."""

    begin: datetime
    end: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A file of a recording."""

    begin: datetime
    end: datetime


class Filming:
    """What one officer's camera records in a shift."""

    def __init__(
        self,
        chance: Random,
        rates: Rates,
        worker: Worker,
        attended: Sequence[Attendance],
        middle: Spot,
    ) -> None:
        self._chance = chance
        self._rates = rates
        self._worker = worker
        self._attended = sorted(attended, key=lambda each: each.set_off)
        self._middle = middle
        self._count = 0

    def clips(self) -> Iterator[tuple[CityClip, bool]]:
        """Every clip, and whether it is withheld."""
        docked = self._docked()
        recordings = sorted(self._recordings(), key=lambda each: each.begin)
        ended = None
        for each in recordings:
            begin = each.begin if ended is None else max(each.begin, ended + timedelta(seconds=10))
            if each.end - begin < timedelta(seconds=3):
                continue
            ended = each.end
            recording = _Recording(begin=begin, end=each.end, kind=each.kind)
            withheld = self._happens(self._rates.withheld)
            yield from ((clip, withheld) for clip in self._cut(recording, docked))

    def _recordings(self) -> Iterator[_Recording]:
        if self._worker.always_on:
            until = max([self._worker.until, *(each.left for each in self._attended)])
            yield _Recording(begin=self._worker.since, end=until, kind="always")
            return
        if self._happens(self._rates.test):
            begin = self._worker.since + self._seconds(10, 600)
            yield _Recording(begin=begin, end=begin + self._seconds(5, 20), kind="test")
        yield from self._of_calls()
        while self._happens(self._rates.patrol / (1 + self._rates.patrol)):
            yield from self._patrol()

    def _of_calls(self) -> Iterator[_Recording]:
        going: _Recording | None = None
        for number, call in enumerate(self._attended):
            last = going
            going = None
            if last is None and self._happens(self._rates.missing):
                continue
            begin = self._begin(call) if last is None else last.begin
            kind = "call" if call.is_listed else "backup"
            following = self._attended[number + 1 :][:1]
            is_next = bool(following) and following[0].set_off - call.left < timedelta(minutes=3)
            if is_next and self._happens(self._rates.runs_through):
                going = _Recording(begin=begin, end=begin, kind=kind)
                continue
            yield _Recording(begin=begin, end=max(self._end(call), begin), kind=kind)

    def _begin(self, call: Attendance) -> datetime:
        share = self._chance.random()
        if share < self._rates.en_route:
            return call.set_off + (call.arrived - call.set_off) * self._chance.random()
        if share < self._rates.en_route + self._rates.late_start:
            return call.arrived + self._seconds(60, 360)
        return call.arrived - self._seconds(0, 60)

    def _end(self, call: Attendance) -> datetime:
        share = self._chance.random()
        if share < self._rates.early_stop:
            return call.arrived + (call.left - call.arrived) * self._chance.uniform(0.3, 0.9)
        if share < self._rates.early_stop + self._rates.forgot_to_stop:
            return call.left + self._seconds(300, 1500)
        return call.left + self._seconds(0, 90)

    def _patrol(self) -> Iterator[_Recording]:
        """At a time when the officer is on no call."""
        shift = (self._worker.until - self._worker.since).total_seconds()
        begin = self._worker.since + self._seconds(0, shift)
        end = begin + self._seconds(60, 600)
        if all(end < call.set_off or begin > call.left for call in self._attended):
            yield _Recording(begin=begin, end=end, kind="patrol")

    def _cut(self, recording: _Recording, docked: datetime) -> Iterator[CityClip]:
        shown = [call for call in self._attended if _shows(call, recording.begin, recording.end)]
        for piece in self._pieces(recording):
            about = [call.event for call in shown]
            if len(shown) > 1 or recording.kind == "always":
                about = [call.event for call in shown if _shows(call, piece.begin, piece.end)]
            if recording.kind in {"patrol", "test"}:
                about = []
            yield self._clip(piece, frozenset(about), recording.kind, docked)

    def _pieces(self, recording: _Recording) -> Iterator[_Piece]:
        begin, cut = recording.begin, self._worker.camera.cut
        if recording.kind == "always" and cut is None:
            cut = timedelta(minutes=30)
        while cut is not None and begin + cut < recording.end:
            yield _Piece(begin, begin + cut)
            begin += cut
        yield _Piece(begin, recording.end)

    def _clip(self, piece: _Piece, about: frozenset[str], kind: str, docked: datetime) -> CityClip:
        self._count += 1
        camera = self._worker.camera
        place = self._fix(piece.begin)
        started = (piece.begin + camera.error).replace(microsecond=0)
        length = piece.end - piece.begin
        return CityClip(
            id=f"{camera.name}-{self._worker.since:%m%d%H}-{self._count:03d}",
            camera=camera.name,
            officer=self._worker.claim,
            started=started,
            offset=camera.offset,
            duration=None if self._happens(self._rates.length_unknown) else length,
            latitude=None if place is None else place[0],
            longitude=None if place is None else place[1],
            arrives=docked,
            wearer=self._worker.officer,
            about=about,
            kind=kind,
        )

    def _fix(self, at: datetime) -> tuple[float, float] | None:
        """What the receiver says at the begin of a clip."""
        if not self._worker.camera.has_receiver or self._happens(self._rates.no_fix):
            return None
        if self._happens(self._rates.stale_fix):
            at -= _QUARTER
        error = self._rates.fix_error
        if self._happens(self._rates.street_canyon):
            error = 120.0
        return self._spot(at).near(self._chance, error).degrees

    def _spot(self, at: datetime) -> Spot:
        """Where the officer is."""
        last = None
        for call in self._attended:
            if call.set_off > at:
                break
            last = call
        if last is None or at > last.left + _QUARTER:
            return self._middle.near(self._chance, UNIT)
        if at >= last.arrived:
            return last.spot
        return last.came_from.towards(
            last.spot, (at - last.set_off) / (last.arrived - last.set_off)
        )

    def _docked(self) -> datetime:
        late = self._happens(self._rates.late_clips)
        after = self._seconds(86_400, 200_000) if late else self._seconds(300, 3600)
        last = max([self._worker.until, *(each.left for each in self._attended)])
        return last + after

    def _happens(self, rate: float) -> bool:
        return self._chance.random() < rate

    def _seconds(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=self._chance.uniform(least, most))


def _shows(call: Attendance, begin: datetime, end: datetime) -> bool:
    """Whether what is recorded from *begin* to *end* is about the *call*."""
    overlap = min(end, call.left) - max(begin, call.set_off)
    return overlap >= min(_SHOWS, (end - begin) / 2)
