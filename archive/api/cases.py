"""Cases for people, and their word that one is closed."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, message_of, person_of, said
from archive.catalogue import closings, retentions
from archive.catalogue.catalogue import Transaction
from archive.catalogue.falling import let_fall
from evidence.law.rulebook import Rulebook
from evidence.wire import CaseClosed, CasePage, CaseShown

_AT_ONCE = 200


async def list_cases(request: web.Request) -> CasePage:
    """The cases that incidents name, by their numbers."""
    after = request.query.get("after", "")
    return await request.app[DESK].catalogue.run(closings.page, after, _AT_ONCE)


async def close_case(request: web.Request) -> CaseShown:
    """Put on record that a case is closed, and how long its footage is kept by that."""
    asked = await message_of(request, CaseClosed)
    reason, person, desk = said("reason", asked.reason), person_of(request).id, request.app[DESK]
    return await desk.catalogue.run(_close, person, asked.number, reason, desk.rulebook)


async def reopen_case(request: web.Request) -> CaseShown:
    """Put on record that a case is open again."""
    asked = await message_of(request, CaseClosed)
    reason, person = said("reason", asked.reason), person_of(request).id
    return await request.app[DESK].catalogue.run(_reopen, person, asked.number, reason)


def _close(tx: Transaction, person: str, number: str, reason: str, book: Rulebook) -> CaseShown:
    closings.close(tx, person, number, reason)
    retentions.follow(tx, closings.clips_in(tx, number), book)
    return closings.shown(tx, number)


def _reopen(tx: Transaction, person: str, number: str, reason: str) -> CaseShown:
    closings.reopen(tx, person, number, reason)
    let_fall(tx, person, closings.clips_in(tx, number), "a case that it is in was opened again")
    return closings.shown(tx, number)
