"""Stations: enrolment and journals."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, station_of
from evidence.wire import EnrolStation, JournalAccepted, JournalPush, StationEnrolled, Successions

MOST_ACTS = 1000


async def enrol(request: web.Request) -> StationEnrolled:
    """Enrol the station that shows a one-time code."""
    desk = request.app[DESK]
    wanted = await message_of(request, EnrolStation)
    with bad_request():
        station = await desk.stations.enrol(wanted)
    return StationEnrolled(
        station=station,
        agency=desk.agency,
        log_key=str(desk.log.key),
        policy=desk.witnesses.published,
    )


async def push(request: web.Request) -> JournalAccepted:
    """Take in the next entries of the station's journal, all or none."""
    pushed = await message_of(request, JournalPush)
    if len(pushed.acts) > MOST_ACTS:
        raise web.HTTPBadRequest(text=f"send at most {MOST_ACTS} acts at a time")
    with bad_request():
        through = await request.app[DESK].stations.push(station_of(request), pushed)
    return JournalAccepted(through=through)


async def through(request: web.Request) -> JournalAccepted:
    """Tell the station from where on its journal is wanted."""
    known = await request.app[DESK].stations.through(station_of(request))
    return JournalAccepted(through=known)


async def successions(request: web.Request) -> Successions:
    """How the log's key changed, for whoever trusts one of them; nothing in it is secret."""
    return Successions(statements=list(request.app[DESK].successions))
