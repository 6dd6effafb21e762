"""The fleet: what stations tell of themselves and of their cameras, and who asks for it."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, message_of, station_of
from archive.catalogue import fleet
from evidence.wire import FleetPage, StateHeard, StationState


async def tell(request: web.Request) -> StateHeard:
    """Keep how the station and its cameras are."""
    told = await message_of(request, StationState)
    desk = request.app[DESK]
    at = await desk.catalogue.run(fleet.take, station_of(request), told)
    best = desk.witnesses.cosigned.newest()
    return StateHeard(at=at, witnessed="" if best is None else best.note.decode("utf-8"))


async def overview(request: web.Request) -> FleetPage:
    """All stations and cameras, as they were last told of."""
    return await request.app[DESK].catalogue.run(fleet.page)
