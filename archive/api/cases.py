"""Cases for people: which there are, what is put into them, and their word that one is closed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, number_of, person_of, said
from archive.api.files import sent
from archive.catalogue import cases, closings, placings, replays, worklists
from archive.catalogue.catalogue import Transaction
from archive.catalogue.falling import let_fall
from archive.catalogue.replays import Part
from evidence.errors import Refused
from evidence.wire import (
    CaseClosed,
    CaseNamed,
    CasePage,
    CaseShown,
    ClipPlaced,
    ClipPlacedShown,
    DocumentShown,
    DossierShown,
    Replay,
    WorkCounts,
    WorkPage,
)

_AT_ONCE = 200
_LONGEST_NUMBER = 512
_LONGEST_NAME = 255


async def list_cases(request: web.Request) -> CasePage:
    """The cases that anything names, by their numbers."""
    after = request.query.get("after", "")
    return await request.app[DESK].catalogue.run(closings.page, after, _AT_ONCE)


async def close_case(request: web.Request) -> CaseShown:
    """Put on record that a case is closed, with its dossier, and how long its footage is kept."""
    asked = await message_of(request, CaseClosed)
    reason, person, desk = said("reason", asked.reason), person_of(request).id, request.app[DESK]
    await desk.dossiers.close(person, asked.number, reason)
    return await desk.catalogue.run(closings.shown, asked.number)


async def reopen_case(request: web.Request) -> CaseShown:
    """Put on record that a case is open again."""
    asked = await message_of(request, CaseClosed)
    reason, person = said("reason", asked.reason), person_of(request).id
    return await request.app[DESK].catalogue.run(_reopen, person, asked.number, reason)


def _reopen(tx: Transaction, person: str, number: str, reason: str) -> CaseShown:
    closings.reopen(tx, person, number, reason)
    let_fall(tx, person, cases.clips_of(tx, number), "a case that it is in was opened again")
    return closings.shown(tx, number)


async def placed_clip(request: web.Request) -> Sequence[str]:
    """The clip that is to be placed in a case, or taken out."""
    return [(await message_of(request, ClipPlaced)).clip]


async def place_clip(request: web.Request) -> ClipPlacedShown:
    """Put on record that a clip is in a case, whatever incidents say."""
    asked, desk = await message_of(request, ClipPlaced), request.app[DESK]
    reason, person = said("reason", asked.reason), person_of(request).id
    told = person, asked.number, asked.clip, reason
    entry = await desk.catalogue.run(placings.place, *told, book=desk.rulebook)
    return ClipPlacedShown(number=asked.number, clip=asked.clip, entry=entry)


async def take_out_clip(request: web.Request) -> ClipPlacedShown:
    """Put on record that a clip is in a case by no person's word any more."""
    asked = await message_of(request, ClipPlaced)
    reason, person = said("reason", asked.reason), person_of(request).id
    told = person, asked.number, asked.clip, reason
    entry = await request.app[DESK].catalogue.run(placings.take_out, *told)
    return ClipPlacedShown(number=asked.number, clip=asked.clip, entry=entry)


async def make_dossier(request: web.Request) -> DossierShown:
    """Make the next version of a case's dossier."""
    asked, person = await message_of(request, CaseNamed), person_of(request).id
    return await request.app[DESK].dossiers.make(person, asked.number)


async def add_document(request: web.Request) -> DocumentShown:
    """Take in a document of a case: its bytes are the body, its names percent-encoded headers."""
    number = _header(request, "Evidock-Case", _LONGEST_NUMBER)
    name = _header(request, "Evidock-Name", _LONGEST_NAME)
    title = said("title", _header(request, "Evidock-Title", 2000))
    desk, person = request.app[DESK], person_of(request).id
    blocks = request.content.iter_any()
    try:
        return await desk.documents.add(person, number, title, name, blocks)
    except Refused as error:
        raise web.HTTPBadRequest(text=str(error)) from error


async def give_document(request: web.Request) -> web.StreamResponse:
    """Record that a document is given, then give its bytes: to be kept, never to be shown."""
    desk, person = request.app[DESK], person_of(request).id
    async with desk.documents.given(person, request.match_info["document"]) as (shown, file):
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(shown.name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return await sent(request, file, headers, desk.documents.patience)


async def replay_case(request: web.Request) -> Replay:
    """The whole course of a case, in order of time."""
    return await _replayed(request, replays.of_case)


async def replay_incident(request: web.Request) -> Replay:
    """The whole course of an event, in order of time."""
    return await _replayed(request, replays.of_event)


async def count_work(request: web.Request) -> WorkCounts:
    """How long each work list is."""
    return await request.app[DESK].catalogue.run(worklists.counted)


async def list_work(request: web.Request) -> WorkPage:
    """One part of a work list."""
    name, after = request.match_info["list"], request.query.get("after", "")
    with bad_request():
        limit = number_of(request.query.get("limit", "50"), _AT_ONCE)
        if name != "cases" and after:
            number_of(after, 2**53)
    return await request.app[DESK].catalogue.run(worklists.page, name, after, limit)


async def _replayed(request: web.Request, of: replays.Replayed) -> Replay:
    query, desk = request.query, request.app[DESK]
    minutes = round(desk.rulebook.utc_offset.total_seconds() / 60)
    with bad_request():
        part = Part(recordings=_index(query.get("recordings")), acts=_index(query.get("acts")))
    return await desk.catalogue.run(of, query.get("number", ""), part, minutes)


def _index(text: str | None) -> int:
    """The log index in *text*, a cursor; -1 for none."""
    return -1 if not text else number_of(text, 2**53)


def _header(request: web.Request, name: str, most: int) -> str:
    """A percent-encoded text in a header; answers 400 if it lacks, or is too long or none."""
    with bad_request():
        text = unquote(request.headers.get(name, ""), errors="strict").strip()
        if not 0 < len(text) <= most or not text.isprintable():
            raise ValueError(f"{name}: say it percent-encoded, in 1 to {most} characters")
    return text
