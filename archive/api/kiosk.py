"""What a station asks for the officer who stands at its board."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of
from archive.catalogue import choices
from evidence.clock import unstamp
from evidence.wire import KioskAsked, KioskIncidents

LONGEST = timedelta(days=5)
_LONGEST_NUMBER = 64


async def officer_incidents(request: web.Request) -> KioskIncidents:
    """What an officer was sent to in a few days: numbers, times and kinds."""
    asked = await message_of(request, KioskAsked)
    with bad_request():
        since, until = unstamp(asked.since), unstamp(asked.until)
        if not timedelta(0) < until - since <= LONGEST:
            raise ValueError(f"since must lie before until, by no more than {LONGEST.days} days")
        if not 0 < len(asked.officer) <= _LONGEST_NUMBER:
            raise ValueError(f"officer: 1 to {_LONGEST_NUMBER} characters")
    run = request.app[DESK].catalogue.run
    return await run(choices.incidents_of, asked.officer, since, until)
