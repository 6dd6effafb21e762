"""What could be kept for less, for people; and what they propose of it."""

from __future__ import annotations

import asyncio

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, person_of, said
from archive.catalogue import shortenings
from archive.catalogue.shortenings import Word
from archive.impact import Impact
from evidence.digest import Sha256
from evidence.wire import (
    ClipShorteningWanted,
    ImpactPage,
    ProposalShown,
    ShorteningWanted,
    ShorterShown,
)

_AT_ONCE = 500


async def impact_now(request: web.Request) -> ImpactPage:
    """The clips that the law in force would keep for less, if two persons want it."""
    impact = await request.app[DESK].shortening.impact_now()
    return await _page(request, impact)


async def impact_of(request: web.Request) -> ImpactPage:
    """The list that a proposal is about."""
    proposal = request.match_info["proposal"]
    return await _page(request, await request.app[DESK].shortening.impact_of(proposal))


async def shorten_list(request: web.Request) -> ProposalShown:
    """Put on record that somebody wants the list that they saw."""
    asked = await message_of(request, ShorteningWanted)
    reason, person = said("reason", asked.reason), person_of(request).id
    return await request.app[DESK].shortening.propose(person, asked.impact, reason)


async def shorten_clip(request: web.Request) -> ProposalShown:
    """Put on record that somebody wants a clip to be something that is kept for less."""
    asked = await message_of(request, ClipShorteningWanted)
    desk, clip = request.app[DESK], request.match_info["clip"]
    word = Word(categories=asked.categories, reason=said("reason", asked.reason))
    person = person_of(request).id
    with bad_request():
        return await desk.catalogue.run(shortenings.propose_clip, person, clip, word, desk.rulebook)


async def _page(request: web.Request, impact: Impact) -> ImpactPage:
    with bad_request():
        first = int(request.query.get("after") or "0")
    data = await asyncio.to_thread(impact.to_bytes)
    end = first + _AT_ONCE
    return ImpactPage(
        sha256=Sha256.of(data).hex,
        law=impact.law,
        count=len(impact.clips),
        clips=[
            ShorterShown(
                clip=each.clip,
                now=each.now,
                now_rule=each.now_rule,
                then=each.then,
                then_rule=each.then_rule,
            )
            for each in impact.clips[first:end]
        ],
        next=str(end) if end < len(impact.clips) else None,
    )
