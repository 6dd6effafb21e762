"""Which rooms were recorded while somebody was in them, and when recorders were down: the pages.

One rule: an outage is said by one person and agreed to by another.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from yarl import URL

from evidence.clock import stamp
from evidence.coverage import OUTAGE_CODES, Down
from evidence.rights import Action
from evidence.wire import OutageEnded, OutageWanted
from player.coverage import HERE, PAGE, days_of
from player.disposal import as_things_stand
from player.local import zone_name, zoned
from player.pages import page
from player.places import ARCHIVE, GRANTS, Reader
from player.room_lanes import picture_of
from player.session import local, reader, see_other
from player.shields import form_of

ROOMS, OUTAGES = f"{HERE}/rooms", f"{HERE}/outages"
TABS = ("all", "missing", "partly", "late", "excused", "recorded")
_ASKED = ("since", "until", "room")


async def show(request: web.Request) -> web.Response:
    """GET /coverage/rooms?show=&since=&until=&room=&after=: stays, the newest first."""
    who = await _sees(request)
    tab, after = request.query.get("show", TABS[0]), request.query.get("after", "")
    if tab not in TABS:
        raise web.HTTPNotFound
    asked = {name: request.query.get(name, "").strip() for name in _ASKED}
    since, until = days_of(asked, request.app[GRANTS].clock.now())
    found = await request.app[ARCHIVE].stays(
        who.token,
        {
            "since": stamp(since),
            "until": stamp(until + timedelta(days=1)),
            "room": asked["room"],
            "outcome": "" if tab == "all" else tab,
            "after": after,
            "limit": str(PAGE),
        },
    )
    given = {"since": f"{since:%Y-%m-%d}", "until": f"{until:%Y-%m-%d}"}
    given |= {"room": asked["room"]} if asked["room"] else {}
    return page(
        request,
        "rooms",
        tab=tab,
        tabs={each: _address({"show": each, **given}) for each in TABS},
        asked=asked | given,
        found=found,
        pages={each.session: _stay(each.session) for each in found.stays},
        first_page=_address({"show": tab, **given}) if after else None,
        next_page=None
        if found.next is None
        else _address({"show": tab, **given, "after": found.next}),
    )


async def show_stay(request: web.Request) -> web.Response:
    """GET /coverage/rooms/stay?session=: one stay, a lane for each room."""
    who = await _sees(request)
    found = await request.app[ARCHIVE].stay(who.token, request.query.get("session", ""))
    minutes = found.utc_offset_minutes
    left = max(each.looked_until for each in found.stay.spans)
    return page(
        request,
        "stay",
        found=found,
        picture=picture_of(found),
        spans={each.span: each for each in found.stay.spans},
        **_may(who, minutes),
        first=_typed(found.stay.since, minutes),
        last=_typed(left, minutes),
    )


async def show_outages(request: web.Request) -> web.Response:
    """GET /coverage/outages?after=: when recorders were down, the newest first."""
    who, after = await _sees(request), request.query.get("after", "")
    found = await request.app[ARCHIVE].outages(who.token, after)
    more = None if found.next is None else str(URL(OUTAGES).with_query({"after": found.next}))
    return page(
        request,
        "outages",
        found=found,
        **_may(who, found.utc_offset_minutes),
        first="",
        last="",
        first_page=OUTAGES if after else None,
        next_page=more,
    )


async def say(request: web.Request) -> web.Response:
    """POST /coverage/outages: recorders were down."""
    who, form = await reader(request), await form_of(request)
    told = {name: str(form.get(name, "")).strip() for name in ("what", "name", "code", "reason")}
    try:
        minutes = int(str(form.get("minutes", "")))
        since, until = (_moment(str(form.get(name)), minutes) for name in ("since", "until"))
    except (ValueError, OverflowError) as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    wanted = OutageWanted(since=since, until=until, **told)
    with as_things_stand(who, Action.SAY_OUTAGE):
        await request.app[ARCHIVE].say_outage(who.token, wanted)
    return see_other(local(str(form.get("back", OUTAGES))))


async def agree(request: web.Request) -> web.Response:
    """POST /outages/{outage}/approve: another person agrees."""
    who, form = await reader(request), await form_of(request)
    with as_things_stand(who, Action.AGREE_OUTAGE):
        await request.app[ARCHIVE].agree_outage(who.token, request.match_info["outage"])
    return see_other(local(str(form.get("back", OUTAGES))))


async def end(request: web.Request) -> web.Response:
    """POST /outages/{outage}/end: it does not count, or no longer."""
    who, form = await reader(request), await form_of(request)
    told = OutageEnded(reason=str(form.get("reason", "")))
    with as_things_stand(who, Action.END_OUTAGE):
        await request.app[ARCHIVE].end_outage(who.token, request.match_info["outage"], told)
    return see_other(local(str(form.get("back", OUTAGES))))


async def _sees(request: web.Request) -> Reader:
    who = await reader(request)
    if not who.may(Action.SEE_COVERAGE):
        raise web.HTTPForbidden
    return who


def _may(who: Reader, minutes: int) -> dict[str, Any]:
    """What every page with outages needs."""
    return {
        "codes": [*OUTAGE_CODES],
        "kinds": [each.value for each in Down],
        "may_say": who.may(Action.SAY_OUTAGE),
        "may_agree": who.may(Action.AGREE_OUTAGE),
        "person": who.person.id,
        "minutes": minutes,
        "zone": zone_name(minutes),
        "in_zone": lambda stamped: zoned(stamped, minutes),
    }


def _typed(stamped: str, minutes: int) -> str:
    """A time as a field for times holds it."""
    return zoned(stamped, minutes).replace(" ", "T")


def _moment(typed: str, minutes: int) -> str:
    """A time that was typed in the zone *minutes* ahead of UTC; ValueError if it is none."""
    local_time = datetime.fromisoformat(typed)
    if local_time.tzinfo is not None:
        raise ValueError(f"{typed[:40]!r} names a zone of its own")
    return stamp((local_time - timedelta(minutes=minutes)).replace(tzinfo=UTC))


def _stay(session: str) -> str:
    return str(URL(f"{ROOMS}/stay").with_query({"session": session}))


def _address(query: Mapping[str, str]) -> str:
    return str(URL(ROOMS).with_query(query))
