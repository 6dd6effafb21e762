"""What is assumed of the city, each with its reason.  Shares are of 1, times in seconds.

Sizes follow Xiamen (notes on sizing: 1,650 to 1,890 police incidents and some 15,000 clips a day,
74 reception areas).  Where no source is named a figure is a guess, meant to be on the hard side of
what audits tell; change one with ``dataclasses.replace`` to see what hangs on it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The assumptions."""

    units: int = 74
    """Reception areas (the seed report's)."""
    events_a_day: float = 1800
    """Of the whole city."""
    by_shift: tuple[float, float, float] = (0.2, 0.37, 0.43)
    """Night, day and evening: calls peak in the evening."""
    crews: int = 2
    """On duty in a unit at a time, of two officers each: busy a quarter of their time."""
    alone: float = 0.1
    """Crews of which one officer only is sent."""
    second_crew: float = 0.15
    """Events to which a second crew is sent, with rows of its own in the feed."""
    unrecorded_backup: float = 0.01
    """Events to which an officer goes whom dispatch never lists: tied by unit and place alone."""
    stacked: float = 0.35
    """Calls given to a crew that has not cleared the one before, if all are busy: they overlap."""
    late_clear: float = 0.25
    """Calls cleared 3 to 9 minutes after the crew has left."""
    early_clear: float = 0.12
    """Calls cleared 1 to 4 minutes before."""

    missing: float = 0.05
    """An officer's part without any recording: 12 to 20 % in US audits of the first years (Kansas
    City, Atlanta); Xiamen claims full coverage."""
    withheld: float = 0.004
    """Recordings that were made and never handed in."""
    en_route: float = 0.2
    """Recordings begun on the way: the first fix is not the incident's place."""
    late_start: float = 0.1
    """Begun 1 to 6 minutes after arrival."""
    early_stop: float = 0.1
    forgot_to_stop: float = 0.05
    """Ended 5 to 25 minutes after leaving."""
    runs_through: float = 0.3
    """Where the next call is waiting: recorded in one go through both."""
    always_on: float = 0.01
    """Officers who record the whole shift."""
    patrol: float = 0.5
    """Recordings a shift that belong to no incident: stops, checks, talks."""
    test: float = 0.6
    """Test recordings a shift, of seconds, at its beginning."""

    cuts: tuple[tuple[float, int | None], ...] = (
        (0.65, 300),
        (0.2, 600),
        (0.05, 1800),
        (0.1, None),
    )
    """Share of cameras, and after how many seconds they begin a new file (None: never)."""
    length_unknown: float = 0.02
    """Clips of which no rendition could be made: only their start is known."""

    pool: float = 0.2
    """Officers who take a camera from the pool; the others have one of their own."""
    wrong_claim_own: float = 0.016
    wrong_claim_pool: float = 0.06
    """Shifts in which the camera names another officer: 2.5 % of all.  A stale name is the usual
    error of pool cameras."""
    partner_swap: float = 0.3
    """Of those, the partner is named: the two took each other's camera."""
    no_claim: float = 0.015
    """Cameras that name nobody."""
    issue_known: float = 0.96
    """Shifts of which somebody recorded who wears the camera."""
    issue_wrong: float = 0.1
    """Of shifts with a wrong claim: the record of the issue is as wrong."""

    drift: float = 2.0
    """Seconds a day by which a camera's clock goes astray (standard deviation; 23 ppm)."""
    offset_noise: float = 0.5
    """Of the measurement at the dock."""
    gross_clock: float = 0.015
    """Cameras that are hours or years off: a wrong zone, an empty battery."""
    unmeasured: float = 0.03
    """Cameras whose offset nobody measures."""
    unmeasured_error: float = 40.0
    """Seconds (standard deviation) by which those are off: set by hand now and then."""

    no_receiver: float = 0.25
    """Cameras without GPS."""
    no_fix: float = 0.25
    """Clips without a fix: indoors, or begun before there was one."""
    fix_error: float = 15.0
    """Metres (standard deviation, each way)."""
    street_canyon: float = 0.06
    """Fixes that are 120 m off instead."""
    stale_fix: float = 0.03
    """Fixes of an earlier place."""
    no_address: float = 0.12
    """Incidents without coordinates."""
    address_error: float = 50.0
    """Metres (standard deviation, each way)."""
    wrong_address: float = 0.03
    """Incidents whose coordinates are 1 to 8 km off: another road of the same name."""

    late_clips: float = 0.07
    """Docked more than a day late (Kansas City: 7 %)."""
    late_rows: float = 0.02
    """Incidents that the feed tells a day late."""
