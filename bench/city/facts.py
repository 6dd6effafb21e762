"""What the city's systems tell, as the rules of linking take it."""

from __future__ import annotations

from datetime import timedelta

from bench.city.told import CityClip, CityIncident, Issue, Roster
from evidence.linking import Assignment, ClipSpan, Duty, IncidentSpan, Place


def clip_span(clip: CityClip, *, with_place: bool = True) -> ClipSpan:
    """Its begin on the station's clock, as far as anybody measured."""
    begin = clip.started - (clip.offset or timedelta(0))
    place = Place.told(clip.latitude, clip.longitude) if with_place else None
    return ClipSpan(
        clip=clip.id,
        camera=clip.camera,
        officer=clip.officer,
        begin=begin,
        end=None if clip.duration is None else begin + clip.duration,
        place=place,
    )


def incident_span(incident: CityIncident) -> IncidentSpan:
    """Known by number and officer."""
    return IncidentSpan(
        incident=f"{incident.number}/{incident.officer}",
        event=incident.number,
        officer=incident.officer,
        dispatched=incident.dispatched,
        cleared=incident.cleared,
        unit=incident.unit,
        place=Place.told(incident.latitude, incident.longitude),
    )


def assignment(issue: Issue) -> Assignment:
    """The same."""
    return Assignment(
        camera=issue.camera, officer=issue.officer, since=issue.since, until=issue.until
    )


def duty(roster: Roster) -> Duty:
    """The same."""
    return Duty(officer=roster.officer, unit=roster.unit, since=roster.since, until=roster.until)
