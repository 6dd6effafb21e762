"""What somebody must answer: the pages of findings.

One rule: who owns a finding answers it, and another person closes it; each has a form of their own.
"""

from __future__ import annotations

from aiohttp import web
from yarl import URL

from evidence.rights import Action
from evidence.wire import FindingReopened, FindingSaid
from player.disposal import as_things_stand
from player.local import end_of_day
from player.pages import page
from player.places import ARCHIVE
from player.session import reader, see_other
from player.shields import form_of

HERE = "/findings"
PAGE = 30
TABS = ("open", "mine", "closed")


async def show(request: web.Request) -> web.Response:
    """GET /findings?show=&after=: the open ones, one's own, or those that are closed."""
    who = await reader(request)
    if not who.may(Action.SEE_FINDINGS):
        raise web.HTTPForbidden
    tab, after = request.query.get("show", TABS[0]), request.query.get("after", "")
    if tab not in TABS:
        raise web.HTTPNotFound
    made = await request.app[ARCHIVE].findings(who.token, tab, after, PAGE)
    here = {"show": tab}
    return page(
        request,
        "findings",
        tab=tab,
        findings=made.findings,
        first_page=_address(here) if after else None,
        next_page=None if made.next is None else _address({**here, "after": made.next}),
    )


async def show_one(request: web.Request) -> web.Response:
    """GET /findings/{finding}: one, and its course."""
    who, finding = await reader(request), request.match_info["finding"]
    made = await request.app[ARCHIVE].finding(who.token, finding)
    is_mine = made.owner == who.person.id
    return page(
        request,
        "finding",
        finding=made,
        may_answer=is_mine and not made.closed and who.may(Action.ANSWER_FINDING),
        may_close=not is_mine
        and made.by != who.person.id
        and made.answered
        and who.may(Action.CLOSE_FINDING),
        may_reopen=not is_mine and made.closed and who.may(Action.CLOSE_FINDING),
    )


async def act(request: web.Request) -> web.Response:
    """POST /findings/{finding}/answer and /close: what its owner, or another person, says."""
    who, form = await reader(request), await form_of(request)
    finding, step = request.match_info["finding"], request.path.rpartition("/")[2]
    right = Action.ANSWER_FINDING if step == "answer" else Action.CLOSE_FINDING
    said = FindingSaid(text=str(form.get("text", "")))
    with as_things_stand(who, right):
        await request.app[ARCHIVE].say_of_finding(who.token, finding, step, said)
    return see_other(f"{HERE}/{finding}")


async def reopen(request: web.Request) -> web.Response:
    """POST /findings/{finding}/reopen: it is not settled, and has to be by the end of a day."""
    who, form = await reader(request), await form_of(request)
    finding = request.match_info["finding"]
    told = FindingReopened(
        text=str(form.get("text", "")),
        due=end_of_day(request, "the new deadline", str(form.get("due", ""))),
    )
    with as_things_stand(who, Action.CLOSE_FINDING):
        await request.app[ARCHIVE].reopen_finding(who.token, finding, told)
    return see_other(f"{HERE}/{finding}")


def _address(query: dict[str, str]) -> str:
    return str(URL(HERE).with_query(query))
