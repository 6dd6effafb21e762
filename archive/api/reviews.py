"""Draws and sheets at the archive's door."""

from __future__ import annotations

from aiohttp import web

from archive.api.desk import DESK, bad_request, message_of, number_of, person_of, said
from archive.catalogue import draws, found, reviewed, reviews
from archive.reviewing.committing import commit, confirmed
from archive.reviewing.file import file_of
from evidence.sheet import Answered
from evidence.wire import (
    DrawAbandoned,
    DrawCommitted,
    DrawPage,
    DrawShown,
    ReviewPage,
    ReviewShown,
    ReviewVoided,
    SeedConfirmed,
    SeedValue,
    SheetFilled,
    SheetOffered,
    SheetsOffered,
)

MOST_SHOWN = 100


async def list_draws(request: web.Request) -> DrawPage:
    """The draws that were ever committed to, the newest first."""
    query = request.query
    with bad_request():
        most, after = number_of(query.get("limit", "50"), MOST_SHOWN), query.get("after", "")
        if after:
            number_of(after, 2**53)
    return await request.app[DESK].catalogue.run(found.draws_made, after, most)


async def one_draw(request: web.Request) -> DrawShown:
    """One draw, and what came of it."""
    return await request.app[DESK].catalogue.run(found.draw, request.match_info["draw"])


async def draw_file(request: web.Request) -> web.Response:
    """The file of a draw, which a stranger checks (``evidock review verify``)."""
    desk = request.app[DESK]
    made = await file_of(
        request.match_info["draw"], desk.catalogue, desk.log, desk.sequencer, desk.witnesses
    )
    return web.Response(body=made.to_bytes(), content_type="application/json")


async def sheets(request: web.Request) -> SheetsOffered:
    """The sheets that a draw may be made with."""
    known = request.app[DESK].reviews.sheets
    return SheetsOffered(
        sheets=[
            SheetOffered(id=name, title=each.title, title_zh=each.title_zh)
            for name, each in sorted(known.items())
        ]
    )


async def commit_draw(request: web.Request) -> DrawShown:
    """Step 1: put on record what is drawn from, by what rules, and which seed will be used."""
    asked, desk = await message_of(request, DrawCommitted), request.app[DESK]
    with bad_request():
        return await commit(desk.catalogue, desk.reviews, person_of(request).id, asked)


async def seed_draw(request: web.Request) -> DrawShown:
    """Step 2: one person enters which value the seed had."""
    asked, desk = await message_of(request, SeedValue), request.app[DESK]
    person, draw = person_of(request).id, request.match_info["draw"]
    with bad_request():
        await desk.catalogue.run(draws.seed, person, draw, asked.value)
    return await desk.catalogue.run(found.draw, draw)


async def confirm_draw(request: web.Request) -> DrawShown:
    """Steps 3 and 4: another person enters the same, and that draws."""
    asked, desk = await message_of(request, SeedConfirmed), request.app[DESK]
    person, draw, within = person_of(request).id, request.match_info["draw"], desk.reviews.within
    with bad_request():
        await desk.catalogue.run(draws.confirm, person, draw, confirmed(asked), within)
    return await desk.catalogue.run(found.draw, draw)


async def abandon_draw(request: web.Request) -> DrawShown:
    """Put on record that nothing is drawn by it."""
    asked, desk = await message_of(request, DrawAbandoned), request.app[DESK]
    person, draw, reason = person_of(request).id, request.match_info["draw"], asked.reason
    await desk.catalogue.run(draws.abandon, person, draw, said("reason", reason))
    return await desk.catalogue.run(found.draw, draw)


async def list_reviews(request: web.Request) -> ReviewPage:
    """What a draw drew; without one, what the person was drawn to look at."""
    run, person, query = request.app[DESK].catalogue.run, person_of(request).id, request.query
    draw, after = query.get("draw"), query.get("after", "")
    with bad_request():
        most = number_of(query.get("limit", "100"), MOST_SHOWN)
        if draw is None:
            return await run(reviewed.of_person, person, after, most)
        if after:
            number_of(after, 2**53)
        return await run(reviewed.of_draw, draw, person, after, most)


async def one_review(request: web.Request) -> ReviewShown:
    """One review, with the questions of its sheet."""
    review, person = request.match_info["review"], person_of(request).id
    return await request.app[DESK].catalogue.run(reviewed.shown, review, person)


async def fill_sheet(request: web.Request) -> ReviewShown:
    """Put on record what the checker found."""
    asked, run = await message_of(request, SheetFilled), request.app[DESK].catalogue.run
    person, review = person_of(request).id, request.match_info["review"]
    answers = [
        Answered(point=each.point, verdict=each.verdict, note=each.note.strip())
        for each in asked.answers
    ]
    with bad_request():
        await run(reviews.fill, person, review, answers)
    return await run(reviewed.shown, review, person)


async def void_review(request: web.Request) -> ReviewShown:
    """Put on record that nobody can do it."""
    asked, run = await message_of(request, ReviewVoided), request.app[DESK].catalogue.run
    person, review, reason = (
        person_of(request).id,
        request.match_info["review"],
        said("reason", asked.reason),
    )
    await run(reviews.void, person, review, asked.code, reason)
    return await run(reviewed.shown, review, person)
