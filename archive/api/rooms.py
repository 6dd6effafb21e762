"""Rooms at the archive's door: stays and what shows them, and when recorders were down."""

from __future__ import annotations

from aiohttp import web

from archive.api.coverage import MOST_SHOWN, span_of
from archive.api.desk import DESK, Desk, bad_request, message_of, number_of, person_of, said
from archive.catalogue import outages, roomed
from archive.catalogue.outages import OutageTold
from archive.catalogue.rooms import StaysAsked
from evidence.clock import unstamp
from evidence.coverage import Outcome
from evidence.wire import (
    OutageEnded,
    OutagePage,
    OutageShown,
    OutageWanted,
    StayCoverage,
    StayPage,
)


async def list_stays(request: web.Request) -> StayPage:
    """Every stay in a span of time, and what became of its recordings."""
    query, desk = request.query, request.app[DESK]
    with bad_request():
        most = number_of(query.get("limit", "50"), MOST_SHOWN)
        return await desk.catalogue.run(
            roomed.page, _asked(request), desk.coverage.rooms, query.get("after", ""), most
        )


async def one_stay(request: web.Request) -> StayCoverage:
    """One stay, and the files that show it."""
    desk, session = request.app[DESK], request.query.get("session", "")
    return await desk.catalogue.run(roomed.one, session, desk.coverage.rooms, _minutes(desk))


async def list_outages(request: web.Request) -> OutagePage:
    """When recorders were down, the newest first."""
    query, desk = request.query, request.app[DESK]
    with bad_request():
        most = number_of(query.get("limit", "50"), MOST_SHOWN)
        after, minutes = query.get("after", ""), _minutes(desk)
        return await desk.catalogue.run(outages.page, minutes, after, most)


async def say_outage(request: web.Request) -> OutageShown:
    """Put on record that recorders were, are or will be down."""
    asked, desk = await message_of(request, OutageWanted), request.app[DESK]
    reason = said("reason", asked.reason)
    with bad_request():
        told = OutageTold(
            what=asked.what,
            name=asked.name,
            code=asked.code,
            since=unstamp(asked.since),
            until=unstamp(asked.until),
            reason=reason,
        )
        person = person_of(request).id
        return await desk.catalogue.run(outages.say, person, told, desk.coverage.rooms)


async def agree_outage(request: web.Request) -> OutageShown:
    """Put on record that another person agrees."""
    run, outage = request.app[DESK].catalogue.run, request.match_info["outage"]
    return await run(outages.approve, person_of(request).id, outage)


async def end_outage(request: web.Request) -> OutageShown:
    """Put on record that it does not count, or no longer."""
    reason = said("reason", (await message_of(request, OutageEnded)).reason)
    run, outage = request.app[DESK].catalogue.run, request.match_info["outage"]
    return await run(outages.end, person_of(request).id, outage, reason)


def _minutes(desk: Desk) -> int:
    return round(desk.rulebook.utc_offset.total_seconds() / 60)


def _asked(request: web.Request) -> StaysAsked:
    """What the address asks for; ValueError for a span or an outcome that is none."""
    query = request.query
    since, until = span_of(request)
    outcome = query.get("outcome", "")
    if outcome not in {"", *Outcome}:
        raise ValueError(f"outcome={outcome[:40]!r} is none of {', '.join(Outcome)}")
    return StaysAsked(since=since, until=until, room=query.get("room", ""), outcome=outcome)
