"""The law that footage is kept by, for people; and their word for what a clip is."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, person_of
from archive.catalogue import classifications
from evidence.wire import CategoryShown, ClassifiedShown, Classify, LawShown, PackShown


async def show(request: web.Request) -> LawShown:
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
