"""Links for people: what they say of one, and the cameras of an event."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, person_of
from archive.catalogue import grouped, rulings
from evidence.wire import EventGroups, LinkShown


async def confirm_link(request: web.Request) -> LinkShown:
    """Put on record that a clip belongs to an incident."""
    pair, person, desk = _pair(request), person_of(request).id, request.app[DESK]
    return await desk.catalogue.run(rulings.confirm, person, *pair, book=desk.rulebook)


async def reject_link(request: web.Request) -> LinkShown:
    """Put on record that it does not."""
    clip, incident = _pair(request)
    person = person_of(request).id
    return await request.app[DESK].catalogue.run(rulings.reject, person, clip, incident)


async def event_groups(request: web.Request) -> EventGroups:
    """The clips of an event that several cameras saw at one time and place."""
    event = request.query.get("event", "")
    return await request.app[DESK].catalogue.run(grouped.of_event, event)


def _pair(request: web.Request) -> tuple[str, str]:
    return request.match_info["clip"], request.match_info["incident"]
