"""What is destroyed, by whom, and how long it can still be restored: the page of disposals.

One rule: one form is about one clip.  There is nothing to tick, and no button for several.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

import msgspec
from aiohttp import web
from yarl import URL

from evidence.rights import Action
from evidence.wire import DisposalWanted, ProposalPage, ProposalWithdrawn
from player.archive import ArchiveSaidNo
from player.going import Going, going_of
from player.pages import page
from player.places import ARCHIVE, GRANTS, Reader
from player.session import local, reader, see_other
from player.shields import form_of

PAGE = 24
"""Clips on one page."""
_OTHERS = 200
"""Proposals to keep footage for less that are shown beside the first of them."""
HERE = "/disposal"
_WAITING, _DUE, _DONE = "waiting", "due", "done"
TABS = (_WAITING, _DUE, _DONE)


async def show(request: web.Request) -> web.Response:
    """GET /disposal?show=&after=: what waits for a person, what is due, or what was done."""
    who = await reader(request)
    if not who.may(Action.SEE_DISPOSALS):
        raise web.HTTPForbidden
    tab, after = request.query.get("show", _WAITING), request.query.get("after", "")
    if tab not in TABS:
        raise web.HTTPNotFound
    archive, now = request.app[ARCHIVE], request.app[GRANTS].clock.now()
    found = await archive.queue(
        who.token, proposed=tab != _DUE, after="" if tab == _DONE else after, limit=PAGE
    )
    made = ProposalPage(proposals=[])
    if tab == _DONE:
        made = await archive.proposals(who.token, of="ended", after=after, limit=str(PAGE))
    elif tab == _WAITING:
        made = await archive.proposals(who.token, of="shorter", limit=str(_OTHERS))
    rows = [going_of(each, who, now) for each in found.clips]
    following = made.next if tab == _DONE else found.next
    return page(
        request,
        "disposal",
        tab=tab,
        queue=found,
        groups=_grouped(rows, tab),
        ended=made.proposals if tab == _DONE else [],
        others=made.proposals if tab == _WAITING else [],
        may_approve=who.may(Action.APPROVE_PROPOSAL),
        may_withdraw=who.may(Action.WITHDRAW_PROPOSAL),
        next_page=None if following is None else _address({"show": tab, "after": following}),
        first_page=_address({"show": tab}) if after else None,
    )


def _grouped(rows: list[Going], tab: str) -> Mapping[str, list[Going]]:
    """The rows of a tab under the headings they stand below; headings without rows are left out."""
    stages = {
        _WAITING: ("waits", "restorable", "over"),
        _DUE: ("due", "soon", "held", "waits", "restorable", "over"),
        _DONE: (),
    }[tab]
    groups = {stage: [row for row in rows if row.stage == stage] for stage in stages}
    return {stage: found for stage, found in groups.items() if found}


def _address(query: Mapping[str, str]) -> str:
    return str(URL(HERE).with_query(query))


async def impact(request: web.Request) -> web.Response:
    """GET /proposals/{proposal}/impact?after=: the clips that would be kept for less."""
    who, proposal = await reader(request), request.match_info["proposal"]
    after = request.query.get("after", "")
    found = await request.app[ARCHIVE].impact(who.token, proposal, after)
    here = f"/proposals/{proposal}/impact"
    following = None if found.next is None else str(URL(here).with_query({"after": found.next}))
    return page(
        request,
        "impact",
        impact=found,
        first_page=here if after else None,
        next_page=following,
    )


async def propose(request: web.Request) -> web.Response:
    """POST /clips/{clip}/disposal: one person wants it destroyed; an order names its authority."""
    who, clip, form = await reader(request), request.match_info["clip"], await form_of(request)
    authority = form.get("authority")
    wanted = DisposalWanted(
        reason=str(form.get("reason", "")), authority=None if authority is None else str(authority)
    )
    right = Action.PROPOSE_DISPOSAL if authority is None else Action.ORDER_DESTRUCTION
    with as_things_stand(who, right):
        await request.app[ARCHIVE].propose(who.token, clip, wanted)
    return see_other(local(str(form.get("back", f"/clips/{clip}"))))


async def approve(request: web.Request) -> web.Response:
    """POST /proposals/{proposal}/approve: another person agrees."""
    who, form = await reader(request), await form_of(request)
    with as_things_stand(who, Action.APPROVE_PROPOSAL):
        await request.app[ARCHIVE].approve(who.token, request.match_info["proposal"])
    return see_other(local(str(form.get("back", HERE))))


async def withdraw(request: web.Request) -> web.Response:
    """POST /proposals/{proposal}/withdraw: it is not to be, so the clip is as it was."""
    who, form = await reader(request), await form_of(request)
    said = ProposalWithdrawn(reason=str(form.get("reason", "")))
    await request.app[ARCHIVE].withdraw(who.token, request.match_info["proposal"], said)
    return see_other(local(str(form.get("back", HERE))))


@contextmanager
def as_things_stand(who: Reader, right: Action) -> Iterator[None]:
    """Whoever has the *right* and is refused all the same is not told that they lack it.

    The clip is held, say, or they proposed it themselves; the archive's own words say which.
    """
    try:
        yield
    except ArchiveSaidNo as no:
        if no.problem.status != HTTPStatus.FORBIDDEN or not who.may(right):
            raise
        problem = msgspec.structs.replace(no.problem, status=int(HTTPStatus.CONFLICT))
        raise ArchiveSaidNo(problem) from no
