"""Findings at the archive's door.

One rule: an officer sees and answers their own, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, number_of, person_of, said
from archive.catalogue import findings, found
from archive.catalogue.catalogue import Transaction
from archive.catalogue.findings import NewFinding
from archive.catalogue.people import account
from archive.catalogue.tables import ClipRow
from evidence.clock import stamp, unstamp
from evidence.errors import NotKnown
from evidence.finding_code import CHOSEN
from evidence.rights import Action, Allowed, Role, decide
from evidence.wire import (
    FindingPage,
    FindingReopened,
    FindingSaid,
    FindingShown,
    FindingWanted,
)

MOST_SHOWN = 200
_OF: Mapping[str, bool | None] = {"": None, "open": False, "closed": True, "mine": False}


async def list_findings(request: web.Request) -> FindingPage:
    """What somebody must answer, the newest first."""
    query, person = request.query, person_of(request)
    with bad_request():
        most, after = number_of(query.get("limit", "50"), MOST_SHOWN), query.get("after", "")
        if after:
            number_of(after, 2**53)
        if (of := query.get("of", "")) not in _OF:
            raise ValueError(f"of={of[:40]!r} is none of {', '.join(filter(None, _OF))}")
    owner = person.id if of == "mine" else _only(request)
    return await request.app[DESK].catalogue.run(
        found.findings_made, after, most, owner=owner, closed=_OF[of], clip=query.get("clip")
    )


async def one_finding(request: web.Request) -> FindingShown:
    """One finding, and its course."""
    finding = request.match_info["finding"]
    return await request.app[DESK].catalogue.run(found.finding, finding, person_of(request).id)


async def open_finding(request: web.Request) -> FindingShown:
    """Put on record that somebody must answer something."""
    asked, desk = await message_of(request, FindingWanted), request.app[DESK]
    what, subject = said("what", asked.what), said("subject", asked.subject)
    with bad_request():
        due = stamp(unstamp(asked.due))
        findings.must_be_a_deadline(due, desk.clock.now())
        if asked.code not in CHOSEN:
            raise ValueError(f"code: choose one of {', '.join(CHOSEN)}")
        return await desk.catalogue.run(
            _open,
            person_of(request).id,
            asked,
            NewFinding(
                code=asked.code,
                about=asked.about,
                subject=subject,
                owner="",
                due=due,
                what=what,
            ),
        )


async def answer_finding(request: web.Request) -> FindingShown:
    """Put on record what its owner says."""
    text = said("text", (await message_of(request, FindingSaid)).text)
    run, finding = request.app[DESK].catalogue.run, request.match_info["finding"]
    person = person_of(request).id
    await run(findings.answer, person, finding, text)
    return await run(found.finding, finding, person)


async def close_finding(request: web.Request) -> FindingShown:
    """Put on record that it is settled."""
    text = said("text", (await message_of(request, FindingSaid)).text)
    run, finding = request.app[DESK].catalogue.run, request.match_info["finding"]
    await run(findings.close, person_of(request).id, finding, text)
    return await run(found.finding, finding)


async def reopen_finding(request: web.Request) -> FindingShown:
    """Put on record that it is not settled after all, and its new deadline."""
    asked, run = await message_of(request, FindingReopened), request.app[DESK].catalogue.run
    text, finding = said("text", asked.text), request.match_info["finding"]
    with bad_request():
        due = stamp(unstamp(asked.due))
        await run(findings.reopen, person_of(request).id, finding, text, due)
    return await run(found.finding, finding)


def _only(request: web.Request) -> str | None:
    """Whose findings the person may see; None: everybody's."""
    person = person_of(request)
    return person.id if person.role is Role.OFFICER else None


def _open(tx: Transaction, person: str, asked: FindingWanted, new: NewFinding) -> FindingShown:
    owner, clip = account(tx, asked.owner), asked.subject if asked.about == "clip" else None
    if owner is None or not isinstance(decide(owner.subject, Action.ANSWER_FINDING), Allowed):
        raise NotKnown(f"nobody called {asked.owner[:80]!r} can answer a finding")
    if clip is not None and tx.session.get(ClipRow, clip) is None:
        raise NotKnown(f"there is no archived clip {clip[:80]}")
    told = NewFinding(
        code=new.code,
        about=new.about,
        subject=new.subject,
        owner=owner.id,
        due=new.due,
        what=new.what,
        clip=clip,
    )
    return found.finding(tx, findings.open_(tx, person, told))
