"""Links for people: what they say of one, what a clip may belong to, the cameras of an event."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, number_of, person_of
from archive.catalogue import candidates, grouped, mine, rulings
from archive.catalogue.candidates import Looked
from archive.catalogue.mine import Mine
from evidence.rights import Action, Allowed, decide
from evidence.wire import CandidatePage, EventGroups, LinkRejected, LinkShown, MinePage

_LONGEST_NUMBER = 512
_MOST_DAYS = 90
_MOST_SHOWN = 200


async def confirm_link(request: web.Request) -> LinkShown:
    """Put on record that a clip belongs to an incident."""
    pair, person, desk = _pair(request), person_of(request).id, request.app[DESK]
    return await desk.catalogue.run(rulings.confirm, person, *pair, book=desk.rulebook)


async def reject_link(request: web.Request) -> LinkShown:
    """Put on record that it does not, and why."""
    why = (await message_of(request, LinkRejected)).why
    told, run = (person_of(request).id, *_pair(request)), request.app[DESK].catalogue.run
    with bad_request():
        return await run(rulings.reject, *told, why)


async def list_candidates(request: web.Request) -> CandidatePage:
    """The incidents that a clip may belong to: of its officer that day, or by their number."""
    number = request.query.get("number", "").strip()
    with bad_request():
        if len(number) > _LONGEST_NUMBER:
            raise ValueError(f"number: at most {_LONGEST_NUMBER} characters")
    sees = decide(person_of(request).subject, Action.LIST_INCIDENTS)
    looked = Looked(number=number, lists_incidents=isinstance(sees, Allowed))
    run, clip = request.app[DESK].catalogue.run, request.match_info["clip"]
    return await run(candidates.of_clip, clip, looked)


async def list_mine(request: web.Request) -> MinePage:
    """The recordings of whoever asks, and whether anybody has said what they belong to."""
    query, desk = request.query, request.app[DESK]
    officer = person_of(request).subject.officer
    with bad_request():
        days = number_of(query.get("days", "7"), _MOST_DAYS)
        before = number_of(query["after"], 2**53) if query.get("after") else None
        limit = number_of(query.get("limit", "50"), _MOST_SHOWN)
        part = query.get("of", mine.OPEN)
        if part not in mine.PARTS:
            raise ValueError(f"of={part[:40]!r} is none of {', '.join(mine.PARTS)}")
    if officer is None:
        return MinePage(officer=None, clips=[], total=0)
    since = desk.clock.now() - timedelta(days=days)
    wanted = Mine(officer=officer, part=part, since=since, before=before, limit=limit)
    return await desk.catalogue.run(mine.page, wanted)


async def event_groups(request: web.Request) -> EventGroups:
    """The clips of an event that several cameras saw at one time and place."""
    event = request.query.get("event", "")
    return await request.app[DESK].catalogue.run(grouped.of_event, event)


def _pair(request: web.Request) -> tuple[str, str]:
    return request.match_info["clip"], request.match_info["incident"]
