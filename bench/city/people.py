"""Who is on duty, with which camera, and what camera and records say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bench.city.rates import Rates
from bench.city.told import Issue, Roster

SHIFT = timedelta(hours=8)
_ZONES = 0.6
"""Of clocks that are far off, those set by another zone."""
TEAMS = 4
"""Of each unit; three of them work on a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera, and what it does to times and places."""

    name: str
    cut: timedelta | None
    """After how long it begins a new file."""
    error: timedelta
    """Its clock less the true time."""
    offset: timedelta | None
    """The same as measured at the dock."""
    has_receiver: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """An officer in one shift."""

    officer: str
    partner: str
    camera: Camera
    claim: str | None
    """Whom the camera names."""
    since: datetime
    until: datetime
    always_on: bool


def officer(unit: int, team: int, number: int) -> str:
    """An officer's number."""
    return f"{unit:02d}{team}{number:03d}"


def workers(
    seed: int, chance: Random, rates: Rates, place: tuple[int, int], since: datetime
) -> tuple[list[Worker], list[Roster], list[Issue]]:
    """Unit and team of a *place*, at work from *since* on, and what was told about them."""
    unit, team = place
    until = since + SHIFT
    size = rates.crews * 2
    people = [officer(unit, team, number) for number in range(size)]
    found, issues = [], []
    for number, name in enumerate(people):
        partner = people[number ^ 1]
        from_pool = _Fixed(f"{seed}/{name}").share("pool") < rates.pool
        camera = _camera(seed, chance, rates, (unit, team, number), from_pool=from_pool)
        wrong = chance.random() < (rates.wrong_claim_pool if from_pool else rates.wrong_claim_own)
        other = partner
        if chance.random() >= rates.partner_swap:
            other = _other(chance, unit, name, size)
        named = other if wrong else name
        claim = None if chance.random() < rates.no_claim else named
        if chance.random() < rates.issue_known:
            recorded = other if wrong and chance.random() < rates.issue_wrong else name
            issues.append(_issue(camera, recorded, since, until, from_pool=from_pool))
        found.append(
            Worker(
                officer=name,
                partner=partner,
                camera=camera,
                claim=claim,
                since=since,
                until=until,
                always_on=chance.random() < rates.always_on,
            )
        )
    name_of_unit = f"U{unit:02d}"
    rosters = [Roster(officer=name, unit=name_of_unit, since=since, until=until) for name in people]
    return found, rosters, issues


def _other(chance: Random, unit: int, name: str, size: int) -> str:
    """Another officer of the unit."""
    while (found := officer(unit, chance.randrange(TEAMS), chance.randrange(size))) == name:
        pass
    return found


def _issue(
    camera: Camera, name: str, since: datetime, until: datetime, *, from_pool: bool
) -> Issue:
    """Of the pool: taken before the shift, given back after it.  One's own: for the day."""
    before, after = (20, 50) if from_pool else (120, 240)
    return Issue(
        camera=camera.name,
        officer=name,
        since=since - timedelta(minutes=before),
        until=until + timedelta(minutes=after),
    )


def _camera(
    seed: int, chance: Random, rates: Rates, place: tuple[int, int, int], *, from_pool: bool
) -> Camera:
    """One's own, or one that all teams share: what it is stays the same from day to day."""
    unit, team, number = place
    letter = "P" if from_pool else "C"
    key = f"{letter}{unit:02d}{'' if from_pool else team}{number}"
    of_it = _Fixed(f"{seed}/{key}")
    astray = of_it.gross if of_it.share("gross") < rates.gross_clock else timedelta(0)
    if of_it.share("unmeasured") < rates.unmeasured:
        error = astray + timedelta(seconds=chance.gauss(0, rates.unmeasured_error))
        offset = None
    else:
        error = astray + timedelta(seconds=chance.gauss(0, rates.drift))
        noise = timedelta(seconds=chance.gauss(0, rates.offset_noise))
        offset = timedelta(seconds=round((error + noise).total_seconds(), 3))
    return Camera(
        name=key,
        cut=_cut(rates, of_it.share("cut")),
        error=error,
        offset=offset,
        has_receiver=of_it.share("receiver") >= rates.no_receiver,
    )


def _cut(rates: Rates, share: float) -> timedelta | None:
    for part, seconds in rates.cuts:
        share -= part
        if share < 0:
            return None if seconds is None else timedelta(seconds=seconds)
    return None


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What stays the same of a camera."""

    key: str

    def share(self, what: str) -> float:
        return Random(f"{self.key}/{what}").random()

    @property
    def gross(self) -> timedelta:
        """A wrong zone, or a clock that began anew."""
        years = timedelta(days=-2100 - 300 * self.share("years"))
        return timedelta(hours=-8) if self.share("zone") < _ZONES else years
