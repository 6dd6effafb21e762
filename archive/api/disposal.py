"""What is to be destroyed, who wants it, and who agrees.

One rule: each request is about one clip or one proposal.  No route takes a list.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, number_of, person_of, said
from archive.catalogue import proposals, proposed
from evidence.errors import Refused
from evidence.rights import Action, Denied, Object, decide
from evidence.wire import (
    DisposalWanted,
    ProposalPage,
    ProposalShown,
    ProposalWithdrawn,
    QueuePage,
)

MOST_SHOWN = 200
_OF: Mapping[str, tuple[bool | None, str | None]] = {
    "": (None, None),
    "open": (True, None),
    "ended": (False, None),
    "shorter": (True, "shorten"),
}
"""What of proposals is asked for -> whether they are open, and what they want; None: either."""
_PROPOSED = "proposed"


async def queue(request: web.Request) -> QueuePage:
    """The clips whose time is over, or is within the days of notice; or those proposed to go."""
    desk, query = request.app[DESK], request.query
    with bad_request():
        most, of = number_of(query.get("limit", "50"), MOST_SHOWN), query.get("of", "")
        if of not in {"", _PROPOSED}:
            raise ValueError(f"of={of[:40]!r} is not {_PROPOSED}")
    until = None if of == _PROPOSED else desk.clock.now() + desk.disposer.rules.terms.notice
    found = await desk.catalogue.run(proposed.queue, until, query.get("after", ""), most)
    standing = await desk.disposer.standing()
    outside = standing.outside
    return QueuePage(
        clips=found.clips,
        next=found.next,
        outside_at=None if outside is None else outside.at,
        outside_by=None if outside is None else outside.name,
        done_today=standing.done_today,
        limit_today=standing.limit_today,
        stopped=standing.stopped,
    )


async def proposals_made(request: web.Request) -> ProposalPage:
    """What was proposed, the newest first: all, or what is open, has ended or is about a clip."""
    query = request.query
    with bad_request():
        most, after = number_of(query.get("limit", "50"), MOST_SHOWN), query.get("after", "")
        if after:
            number_of(after, 2**53)
        if (of := query.get("of", "")) not in _OF:
            raise ValueError(f"of={of[:40]!r} is none of {', '.join(filter(None, _OF))}")
    is_open, act = _OF[of]
    return await request.app[DESK].catalogue.run(
        proposed.shown, after, most, is_open=is_open, clip=query.get("clip"), act=act
    )


async def propose(request: web.Request) -> ProposalShown:
    """Put on record that somebody wants one clip destroyed, its time being over or by an order."""
    asked, person = await message_of(request, DisposalWanted), person_of(request)
    reason, authority = said("reason", asked.reason), None
    if asked.authority is not None:
        authority = said("authority", asked.authority)
        decision = decide(person.subject, Action.ORDER_DESTRUCTION, Object())
        if isinstance(decision, Denied):
            raise Refused(decision.reason)
    act = "dispose" if authority is None else "destroy"
    clip = request.match_info["clip"]
    return await request.app[DESK].catalogue.run(
        proposals.propose, person.id, clip, act, reason, authority=authority
    )


async def approve(request: web.Request) -> ProposalShown:
    """Put on record that another person agrees; from then on its clip is sealed."""
    desk = request.app[DESK]
    person, proposal = person_of(request).id, request.match_info["proposal"]
    return await desk.catalogue.run(
        proposals.approve, person, proposal, desk.disposer.rules.terms.restore
    )


async def withdraw(request: web.Request) -> ProposalShown:
    """Put on record that what was proposed is not to be."""
    reason = said("reason", (await message_of(request, ProposalWithdrawn)).reason)
    return await request.app[DESK].catalogue.run(
        proposals.withdraw, person_of(request).id, request.match_info["proposal"], reason
    )
