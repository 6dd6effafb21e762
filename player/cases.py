"""Cases and incidents: lists, the page that replays a course, what is put in, and work left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from yarl import URL

from evidence.linking import WHY_NOT
from evidence.rights import Action
from evidence.wire import CaseClosed, CaseNamed, ClipPlaced, Replay, WorkItem
from player.disposal import as_things_stand
from player.local import zone_name, zoned
from player.pages import language_of, page
from player.places import ARCHIVE, Reader
from player.session import reader, see_other
from player.shields import form_of
from player.stream import copied
from player.swimlanes import pictures
from player.timeline import Act, act

_WORK = "/worklists"
PAGE = 50
"""Things on one page of a work list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One custody entry of a course, in the agency's zone."""

    act: Act
    at: str
    clip: str | None


async def show_cases(request: web.Request) -> web.Response:
    """GET /cases?after=: every case that anything names."""
    who = await reader(request)
    if not who.may(Action.LIST_CASES):
        raise web.HTTPForbidden
    after = request.query.get("after", "")
    found = await request.app[ARCHIVE].cases(who.token, after)
    following = None if found.next is None else str(URL("/cases").with_query(after=found.next))
    return page(
        request,
        "cases",
        cases=found.cases,
        addresses={each.number: address("cases", each.number) for each in found.cases},
        first_page="/cases" if after else None,
        next_page=following,
    )


async def show_case(request: web.Request) -> web.Response:
    """GET /cases/{number}: the whole course of a case."""
    return await _course(request, "cases", Action.LIST_CASES)


async def show_incident(request: web.Request) -> web.Response:
    """GET /incidents/{number}: the whole course of an event."""
    return await _course(request, "incidents", Action.LIST_INCIDENTS)


async def _course(request: web.Request, of: str, right: Action) -> web.Response:
    who = await reader(request)
    if not who.may(right):
        raise web.HTTPForbidden
    number = request.match_info["number"]
    asked = {name: request.query.get(name, "") for name in ("recordings", "acts")}
    found = await request.app[ARCHIVE].replay(who.token, of, number, **asked)
    here = address(of, number)
    minutes = found.utc_offset_minutes
    return page(
        request,
        "course",
        course=found,
        case=found.case,
        here_address=here,
        cases={each.number: address("cases", each.number) for each in found.cases},
        events={each: address("incidents", each) for each in _events(found)},
        pictures=pictures(found.incidents, found.recordings, minutes),
        undated=[each for each in found.recordings if each.start is None],
        done=_done(request, found),
        zone=zone_name(minutes),
        in_zone=lambda stamped: zoned(stamped, minutes),
        may=_may(who, found),
        first_page=here if any(asked.values()) else None,
        more_recordings=_more(here, asked, "recordings", found.next_recordings),
        more_acts=_more(here, asked, "acts", found.next_acts),
    )


def _events(found: Replay) -> set[str]:
    """The numbers of the events that the page names: more may bring clips than are drawn."""
    named = {why.incident for each in found.recordings for why in each.why}
    return {each.number for each in found.incidents} | {each for each in named if each is not None}


def address(of: str, number: str) -> str:
    """Where the page of a case or an event is, whatever its number holds."""
    return f"/{of}/{quote(number, safe='')}"


def _more(here: str, asked: Mapping[str, str], name: str, following: str | None) -> str | None:
    if following is None:
        return None
    given = {key: value for key, value in {**asked, name: following}.items() if value}
    return str(URL(here, encoded=True).with_query(given)) + f"#{name}"


def _done(request: web.Request, found: Replay) -> list[Done]:
    words, minutes = language_of(request), found.utc_offset_minutes
    clips = {each.clip for each in found.recordings}
    return [
        Done(
            act=act(entry, words),
            at=zoned(entry.at, minutes),
            clip=next((clip for clip in clips if f'"{clip}"' in entry.text), None),
        )
        for entry in found.acts
    ]


def _may(who: Reader, found: Replay) -> Mapping[str, bool]:
    """What the reader may do here."""
    rights = {
        "place": Action.PLACE_CLIP,
        "document": Action.ADD_DOCUMENT,
        "read": Action.READ_DOCUMENT,
        "dossier": Action.MAKE_DOSSIER,
        "close": Action.CLOSE_CASE,
        "cases": Action.LIST_CASES,
    }
    about_case = found.case is not None
    return {name: about_case and who.may(right) for name, right in rights.items()} | {
        "cases": who.may(Action.LIST_CASES)
    }


async def place_clip(request: web.Request) -> web.Response:
    """POST /cases/{number}/clips: a clip is placed in the case."""
    who, told = await reader(request), await _placed(request)
    with as_things_stand(who, Action.PLACE_CLIP):
        await request.app[ARCHIVE].place_clip(who.token, told)
    return see_other(address("cases", told.number))


async def take_out_clip(request: web.Request) -> web.Response:
    """POST /cases/{number}/clips/take-out: and taken out again."""
    who, told = await reader(request), await _placed(request)
    with as_things_stand(who, Action.PLACE_CLIP):
        await request.app[ARCHIVE].take_out_clip(who.token, told)
    return see_other(address("cases", told.number))


async def _placed(request: web.Request) -> ClipPlaced:
    form = await form_of(request)
    return ClipPlaced(
        number=request.match_info["number"],
        clip=str(form.get("clip", "")).strip(),
        reason=str(form.get("reason", "")),
    )


async def make_dossier(request: web.Request) -> web.Response:
    """POST /cases/{number}/dossier: the next version is made."""
    who, number = await reader(request), request.match_info["number"]
    await request.app[ARCHIVE].make_dossier(who.token, CaseNamed(number=number))
    return see_other(address("cases", number) + "#dossiers")


async def close_case(request: web.Request) -> web.Response:
    """POST /cases/{number}/close: it is closed, with its dossier."""
    who, told = await reader(request), await _said(request)
    await request.app[ARCHIVE].close_case(who.token, told)
    return see_other(address("cases", told.number))


async def reopen_case(request: web.Request) -> web.Response:
    """POST /cases/{number}/reopen: it is open again."""
    who, told = await reader(request), await _said(request)
    await request.app[ARCHIVE].reopen_case(who.token, told)
    return see_other(address("cases", told.number))


async def _said(request: web.Request) -> CaseClosed:
    reason = str((await form_of(request)).get("reason", ""))
    return CaseClosed(number=request.match_info["number"], reason=reason)


async def add_document(request: web.Request) -> web.Response:
    """POST /cases/{number}/documents: the bytes of a file, passed on as they come."""
    who = await reader(request)
    if not who.may(Action.ADD_DOCUMENT):
        raise web.HTTPForbidden
    told = {name: request.headers.get(name, "") for name in ("Evidock-Title", "Evidock-Name")} | {
        "Evidock-Case": quote(request.match_info["number"], safe="")
    }
    await request.app[ARCHIVE].add_document(who.token, told, request.content.iter_any())
    return web.Response(status=HTTPStatus.CREATED)


async def give_document(request: web.Request) -> web.StreamResponse:
    """POST /documents/{document}: a file to keep; nothing of it is ever shown as a page."""
    who = await reader(request)
    wanted = who.token, request.match_info["document"]
    async with request.app[ARCHIVE].document(*wanted) as given:
        response = web.StreamResponse()
        response.content_type = "application/octet-stream"
        response.content_length = given.content_length
        disposition = given.headers.get("Content-Disposition", "attachment")
        response.headers["Content-Disposition"] = disposition
        await copied(request, response, given)
        return response


async def show_work(request: web.Request) -> web.Response:
    """GET /worklists?list=&after=: what somebody should look at."""
    who = await reader(request)
    if not who.may(Action.LIST_CASES):
        raise web.HTTPForbidden
    archive = request.app[ARCHIVE]
    counts = (await archive.work_counts(who.token)).lists
    chosen, after = request.query.get("list", counts[0].name), request.query.get("after", "")
    if chosen not in {each.name for each in counts}:
        raise web.HTTPNotFound
    found = await archive.work(who.token, chosen, after, limit=PAGE)
    first = {"list": chosen}
    return page(
        request,
        "worklists",
        counts=counts,
        chosen=chosen,
        may_confirm=who.may(Action.CONFIRM_LINK),
        may_reject=who.may(Action.REJECT_LINK),
        why_not=[*WHY_NOT],
        items=[(each, _address_of(each)) for each in found.items],
        first_page=str(URL(_WORK).with_query(first)) if after else None,
        next_page=None
        if found.next is None
        else str(URL(_WORK).with_query(first | {"after": found.next})),
    )


def _address_of(item: WorkItem) -> str:
    if item.kind in {"clip", "link"}:
        return f"/clips/{item.id}"
    return address("cases" if item.kind == "case" else "incidents", item.number)
