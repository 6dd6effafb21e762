"""Which incidents have their footage, what lacks, and who answers why: the pages of coverage.

One rule: an excuse is about one officer's part, asked for by one person and agreed to by another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiohttp import web
from yarl import URL

from evidence.clock import stamp
from evidence.coverage import CODES
from evidence.rights import Action
from evidence.wire import ExcuseEnded, ExcuseWanted
from player.disposal import as_things_stand
from player.pages import page
from player.places import ARCHIVE, GRANTS
from player.session import local, reader, see_other
from player.shields import form_of

HERE = "/coverage"
PAGE = 40
SPAN = timedelta(days=7)
TABS = ("without", "missing", "partly", "late", "excused", "recorded", "all")
_ASKED = ("since", "until", "unit", "officer")


async def show(request: web.Request) -> web.Response:
    """GET /coverage?show=&since=&until=&unit=&officer=&after=: a span of days, the newest first."""
    who = await reader(request)
    if not who.may(Action.SEE_COVERAGE):
        raise web.HTTPForbidden
    tab, after = request.query.get("show", TABS[0]), request.query.get("after", "")
    if tab not in TABS:
        raise web.HTTPNotFound
    asked = {name: request.query.get(name, "").strip() for name in _ASKED}
    days = days_of(asked, request.app[GRANTS].clock.now())
    found = await request.app[ARCHIVE].coverage(
        who.token,
        {
            "since": stamp(days[0]),
            "until": stamp(days[1] + timedelta(days=1)),
            "unit": asked["unit"],
            "officer": asked["officer"],
            "outcome": "" if tab == "all" else tab,
            "after": after,
            "limit": str(PAGE),
        },
    )
    given = {"since": f"{days[0]:%Y-%m-%d}", "until": f"{days[1]:%Y-%m-%d}"}
    given |= {name: asked[name] for name in ("unit", "officer") if asked[name]}
    return page(
        request,
        "coverage",
        tab=tab,
        tabs={each: _address({"show": each, **given}) for each in TABS},
        asked=asked | given,
        found=found,
        events={each.event: _event(each.event) for each in found.parts},
        first_page=_address({"show": tab, **given}) if after else None,
        next_page=None
        if found.next is None
        else _address({"show": tab, **given, "after": found.next}),
    )


async def show_event(request: web.Request) -> web.Response:
    """GET /coverage/event?number=: everybody who was sent, and what should be there."""
    who = await reader(request)
    number = request.query.get("number", "")
    found = await request.app[ARCHIVE].event_coverage(who.token, number)
    return page(
        request,
        "covered",
        found=found,
        codes=[*CODES],
        may_ask=who.may(Action.ASK_EXCUSE),
        may_approve=who.may(Action.APPROVE_EXCUSE),
        person=who.person.id,
    )


async def show_withheld(request: web.Request) -> web.Response:
    """GET /coverage/withheld: numbers, cameras and clips that lack."""
    who = await reader(request)
    found = await request.app[ARCHIVE].withheld(who.token)
    return page(request, "withheld", found=found)


async def ask(request: web.Request) -> web.Response:
    """POST /coverage/excuses: why there is no recording."""
    who, form = await reader(request), await form_of(request)
    wanted = ExcuseWanted(
        incident=str(form.get("incident", "")),
        code=str(form.get("code", "")),
        reason=str(form.get("reason", "")),
    )
    with as_things_stand(who, Action.ASK_EXCUSE):
        await request.app[ARCHIVE].ask_excuse(who.token, wanted)
    return see_other(local(str(form.get("back", HERE))))


async def approve(request: web.Request) -> web.Response:
    """POST /excuses/{excuse}/approve: another person agrees."""
    who, form = await reader(request), await form_of(request)
    with as_things_stand(who, Action.APPROVE_EXCUSE):
        await request.app[ARCHIVE].approve_excuse(who.token, request.match_info["excuse"])
    return see_other(local(str(form.get("back", HERE))))


async def end(request: web.Request) -> web.Response:
    """POST /excuses/{excuse}/end: it does not count, or no longer."""
    who, form = await reader(request), await form_of(request)
    told = ExcuseEnded(reason=str(form.get("reason", "")))
    with as_things_stand(who, Action.END_EXCUSE):
        await request.app[ARCHIVE].end_excuse(who.token, request.match_info["excuse"], told)
    return see_other(local(str(form.get("back", HERE))))


def days_of(asked: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """The first and the last day asked for; answers 400 for what is no day."""
    try:
        until = _day(asked["until"]) if asked["until"] else _day(f"{now:%Y-%m-%d}")
        return (_day(asked["since"]) if asked["since"] else until - SPAN), until
    except (ValueError, OverflowError) as error:
        raise web.HTTPBadRequest(text=str(error)) from error


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)


def _event(number: str) -> str:
    return str(URL(f"{HERE}/event").with_query({"number": number}))


def _address(query: Mapping[str, str]) -> str:
    return str(URL(HERE).with_query(query))
