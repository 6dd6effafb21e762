"""A synthetic city with ground truth: what dispatch, rosters and cameras tell, and what was so.

It is drawn, not measured.  Whoever quotes a figure that was found on it says so: it shows that
rules do what they are for where the world is as assumed below, and how they differ from others on
the same days; how a real agency's days differ from these is known only there.

One rule: the same seed gives the same city, whatever part of it is looked at; every assumption is
a named number of :mod:`bench.city.rates`, with its reason.

    for unit in city.units():
        for day in range(30):
            shift_day = city.day(unit, day)     # incidents, clips, duties, assignments, truth

What is true: a clip is *about* an event if it shows its wearer's own time on it, from setting off
to leaving.  Of a recording (button to button) that shows one event, all clips are about it, as a
person would file it; of one that shows several, each clip is about what it shows for at least 30 s,
or half of it.  Patrol and test recordings are about none.
"""

from bench.city.city import City
from bench.city.facts import assignment, clip_span, duty, incident_span
from bench.city.rates import Rates
from bench.city.told import CityClip, CityIncident, Day, Issue, Roster

__all__ = [
    "City",
    "CityClip",
    "CityIncident",
    "Day",
    "Issue",
    "Rates",
    "Roster",
    "assignment",
    "clip_span",
    "duty",
    "incident_span",
]
