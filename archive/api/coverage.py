"""Coverage at the archive's door: what lacks, and who answers why.

One rule: nothing is answered for several at once; each excuse is about one officer's part.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, number_of, person_of, said
from archive.catalogue import accounted, excuses, withheld
from archive.catalogue.accounted import WITHOUT
from archive.catalogue.coverage import Asked
from evidence.clock import unstamp
from evidence.coverage import Outcome
from evidence.wire import (
    CoveragePage,
    EventCoverage,
    ExcuseEnded,
    ExcuseShown,
    ExcuseWanted,
    WithheldPage,
)

MOST_SHOWN = 200
SPAN = timedelta(days=7)
"""What is told of where nothing else is asked for."""
LONGEST = timedelta(days=366)


async def list_coverage(request: web.Request) -> CoveragePage:
    """Every part that was sent out in a span of time, and what became of its recordings."""
    query, desk = request.query, request.app[DESK]
    with bad_request():
        most = number_of(query.get("limit", "50"), MOST_SHOWN)
        return await desk.catalogue.run(
            accounted.page,
            _asked(request),
            desk.coverage.judging,
            query.get("after", ""),
            most,
        )


async def one_event(request: web.Request) -> EventCoverage:
    """Everybody who was sent to one event."""
    desk, number = request.app[DESK], request.query.get("number", "")
    return await desk.catalogue.run(accounted.event, number, desk.coverage.judging)


async def list_withheld(request: web.Request) -> WithheldPage:
    """Numbers, cameras and clips that lack."""
    desk = request.app[DESK]
    with bad_request():
        told = request.query.get("since", "")
        since = unstamp(told) if told else desk.clock.now() - desk.coverage.look_back
    return await desk.catalogue.run(withheld.page, since, desk.coverage.docking)


async def ask_excuse(request: web.Request) -> ExcuseShown:
    """Put on record why there is no recording."""
    asked = await message_of(request, ExcuseWanted)
    reason, run = said("reason", asked.reason), request.app[DESK].catalogue.run
    with bad_request():
        return await run(excuses.ask, person_of(request), asked.incident, asked.code, reason)


async def approve_excuse(request: web.Request) -> ExcuseShown:
    """Put on record that another person agrees."""
    run, excuse = request.app[DESK].catalogue.run, request.match_info["excuse"]
    return await run(excuses.approve, person_of(request).id, excuse)


async def end_excuse(request: web.Request) -> ExcuseShown:
    """Put on record that it does not count, or no longer."""
    reason = said("reason", (await message_of(request, ExcuseEnded)).reason)
    run, excuse = request.app[DESK].catalogue.run, request.match_info["excuse"]
    return await run(excuses.end, person_of(request).id, excuse, reason)


def _asked(request: web.Request) -> Asked:
    """What the address asks for; ValueError for a span or an outcome that is none."""
    query = request.query
    since, until = span_of(request)
    outcome = query.get("outcome", "")
    if outcome not in {"", WITHOUT, *Outcome}:
        raise ValueError(f"outcome={outcome[:40]!r} is none of {', '.join([WITHOUT, *Outcome])}")
    return Asked(
        since=since,
        until=until,
        unit=query.get("unit", ""),
        officer=query.get("officer", ""),
        event=query.get("event", ""),
        outcome=outcome,
    )


def span_of(request: web.Request) -> tuple[datetime, datetime]:
    """What the address names with ``since`` and ``until``; ValueError for what is no such span."""
    query, now = request.query, request.app[DESK].clock.now()
    until = unstamp(query["until"]) if query.get("until") else now
    since = unstamp(query["since"]) if query.get("since") else until - SPAN
    if not timedelta(0) < until - since <= LONGEST:
        raise ValueError(f"since must lie before until, by no more than {LONGEST.days} days")
    return since, until
