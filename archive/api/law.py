"""The law that footage is kept by, for people; their word for what a clip is, and their holds."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, person_of, said
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
        told = await desk.catalogue.run(
            classifications.classify, person, clip, asked.categories, desk.rulebook
        )
    return ClassifiedShown(
        clip=told.clip,
        categories=list(told.categories),
        retain_until=told.retain_until,
        retain_rule=told.retain_rule,
    )


async def hold(request: web.Request) -> HoldShown:
    """Put on record that a clip is kept whatever the date."""
    asked = await message_of(request, HoldWanted)
    authority = said("authority", asked.authority)
    reason = said("reason", asked.reason)
    person, clip = person_of(request).id, request.match_info["clip"]
    return await request.app[DESK].catalogue.run(holds.set_hold, person, clip, authority, reason)


async def lift(request: web.Request) -> HoldShown:
    """Put on record that a hold ends."""
    reason = said("reason", (await message_of(request, HoldLifted)).reason)
    person, clip = person_of(request).id, request.match_info["clip"]
    held = request.match_info["hold"]
    return await request.app[DESK].catalogue.run(holds.lift, person, clip, held, reason)
