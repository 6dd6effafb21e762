"""The fleet: how stations and cameras are, for those who keep them working.  No footage."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from evidence.clock import unstamp
from evidence.rights import Action
from evidence.wire import FleetPage, StationShown
from player.pages import page
from player.places import ARCHIVE
from player.session import reader

SILENT_AFTER = timedelta(minutes=5)
"""A station tells every minute; one that did not for so long is called silent."""


async def show(request: web.Request) -> web.Response:
    """GET /fleet."""
    who = await reader(request)
    if not who.may(Action.SEE_FLEET):
        raise web.HTTPForbidden
    found = await request.app[ARCHIVE].fleet(who.token)
    return page(
        request,
        "fleet",
        stations=found.stations,
        cameras=found.cameras,
        silent={each.id for each in found.stations if is_silent(found, each)},
    )


def is_silent(found: FleetPage, station: StationShown) -> bool:
    """Whether *station* has not told for longer than it should."""
    return station.heard is None or unstamp(found.at) - unstamp(station.heard) > SILENT_AFTER
