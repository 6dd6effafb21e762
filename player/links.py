"""Which event a clip belongs to, in at most three taps: one's own footage, and what people decide.

One rule: the pages ask nothing twice.  What is confirmed is on record with the tap; a reviewer can
take it back.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from yarl import URL

from evidence.linking import WHY_NOT
from evidence.rights import Action
from evidence.wire import LinkRejected
from player.disposal import as_things_stand
from player.pages import page
from player.places import ARCHIVE
from player.session import local, reader, see_other
from player.shields import form_of

MINE = "/mine"
PAGE = 30
TABS = ("open", "settled")
DAYS = ("7", "30", "90")


async def show_mine(request: web.Request) -> web.Response:
    """GET /mine?show=&days=&after=: the reader's own recordings, those that want a word first."""
    who = await reader(request)
    if not who.may(Action.LIST_CLIPS):
        raise web.HTTPForbidden
    asked = {name: request.query.get(name, "") for name in ("show", "days", "after")}
    tab, days = asked["show"] or TABS[0], asked["days"] or DAYS[0]
    if tab not in TABS or days not in DAYS:
        raise web.HTTPNotFound
    found = await request.app[ARCHIVE].mine(
        who.token, {"of": tab, "days": days, "after": asked["after"], "limit": str(PAGE)}
    )
    here = {"show": tab, "days": days}
    return page(
        request,
        "mine",
        found=found,
        tab=tab,
        tabs={each: _address({"show": each, "days": days}) for each in TABS},
        days=days,
        spans={each: _address({"show": tab, "days": each}) for each in DAYS},
        may_confirm=who.may(Action.CONFIRM_LINK, who.person.officer),
        first_page=_address(here) if asked["after"] else None,
        next_page=None if found.next is None else _address(here | {"after": found.next}),
    )


async def choose(request: web.Request) -> web.Response:
    """GET /clips/{clip}/event?number=&back=: the events that it may belong to."""
    who, clip = await reader(request), request.match_info["clip"]
    archive, number = request.app[ARCHIVE], request.query.get("number", "").strip()
    shown = await archive.clip(who.token, clip)
    if not who.may(Action.CONFIRM_LINK, shown.summary.officer):
        raise web.HTTPForbidden
    return page(
        request,
        "event",
        summary=shown.summary,
        found=await archive.candidates(who.token, clip, number),
        number=number,
        back=local(request.query.get("back") or f"/clips/{clip}#links"),
        lists_incidents=who.may(Action.LIST_INCIDENTS),
    )


async def confirm(request: web.Request) -> web.Response:
    """POST /clips/{clip}/links/{incident}/confirm: it belongs to that event."""
    who, form = await reader(request), await form_of(request)
    clip, incident = request.match_info["clip"], request.match_info["incident"]
    with as_things_stand(who, Action.CONFIRM_LINK):
        await request.app[ARCHIVE].confirm_link(who.token, clip, incident)
    return see_other(_back(form.get("back"), clip))


async def reject(request: web.Request) -> web.Response:
    """POST /clips/{clip}/links/{incident}/reject: it does not, and why."""
    who, form = await reader(request), await form_of(request)
    clip, incident = request.match_info["clip"], request.match_info["incident"]
    told = LinkRejected(why=str(form.get("why", "")))
    if told.why not in WHY_NOT:
        raise web.HTTPBadRequest(text="say why it does not belong to that event")
    with as_things_stand(who, Action.REJECT_LINK):
        await request.app[ARCHIVE].reject_link(who.token, clip, incident, told)
    return see_other(_back(form.get("back"), clip))


def _back(told: object, clip: str) -> str:
    return local(str(told)) if told else f"/clips/{clip}#links"


def _address(query: Mapping[str, str]) -> str:
    return str(URL(MINE).with_query(query))
