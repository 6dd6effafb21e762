"""The law that footage is kept by, for people; their word for what a clip is, and their holds."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, person_of
from archive.catalogue import classifications, holds
from evidence.wire import (
    CategoryShown,
    ClassifiedShown,
    Classify,
    HoldLifted,
    HoldShown,
    HoldWanted,
    LawShown,
    PackShown,
)

_LONGEST = 2000


async def rules(request: web.Request) -> LawShown:
    """The packs that count here, and the words in which a clip can be classified."""
    book = request.app[DESK].rulebook
    packs = (book.law, *book.rule_sets)
    categories: dict[str, CategoryShown] = {}
    for pack in packs:
        for each in pack.categories.values():
            shown = CategoryShown(
                id=each.id, title=each.title, title_zh=each.title_zh, pack=pack.reference
            )
            categories.setdefault(each.id, shown)
    return LawShown(
        packs=[
            PackShown(
                pack=each.reference,
                title=each.title,
                title_zh=each.title_zh,
                citation=each.citation,
            )
            for each in packs
        ],
        categories=list(categories.values()),
    )


async def classify(request: web.Request) -> ClassifiedShown:
    """Put on record what a clip is, and how long it is kept by that."""
    desk = request.app[DESK]
    asked = await message_of(request, Classify)
    person, clip = person_of(request).id, request.match_info["clip"]
    with bad_request():
        said = await desk.catalogue.run(
            classifications.classify, person, clip, asked.categories, desk.rulebook
        )
    return ClassifiedShown(
        clip=said.clip,
        categories=list(said.categories),
        retain_until=said.retain_until,
        retain_rule=said.retain_rule,
    )


async def hold(request: web.Request) -> HoldShown:
    """Put on record that a clip is kept whatever the date."""
    asked = await message_of(request, HoldWanted)
    authority = _text("authority", asked.authority)
    reason = _text("reason", asked.reason)
    person, clip = person_of(request).id, request.match_info["clip"]
    return await request.app[DESK].catalogue.run(holds.set_hold, person, clip, authority, reason)


async def lift(request: web.Request) -> HoldShown:
    """Put on record that a hold ends."""
    reason = _text("reason", (await message_of(request, HoldLifted)).reason)
    person, clip = person_of(request).id, request.match_info["clip"]
    held = request.match_info["hold"]
    return await request.app[DESK].catalogue.run(holds.lift, person, clip, held, reason)


def _text(name: str, said: str) -> str:
    """*said* without blanks around it; a bad request if it says nothing, or too much."""
    text = said.strip()
    if not 0 < len(text) <= _LONGEST:
        raise web.HTTPBadRequest(text=f"{name}: say it, in at most {_LONGEST} characters")
    return text
