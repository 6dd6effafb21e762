"""What was drawn at random, and the sheets of who looks: the pages of reviews.

One rule: one form is one person's one step; nobody enters a seed for two.
"""

from __future__ import annotations

import msgspec
from aiohttp import web

from evidence.rights import Action
from evidence.sheet import VOID, Answered
from evidence.wire import DrawAbandoned, ReviewVoided, SeedConfirmed, SeedValue, SheetFilled
from player.disposal import as_things_stand
from player.local import moment_of, zone_of
from player.pages import page
from player.places import ARCHIVE
from player.session import reader, see_other
from player.shields import form_of

HERE = "/reviews"
PAGE = 20


async def show(request: web.Request) -> web.Response:
    """GET /reviews?after=: what this reader was drawn to look at, and the draws."""
    who = await reader(request)
    if not who.may(Action.SEE_REVIEWS):
        raise web.HTTPForbidden
    archive, after = request.app[ARCHIVE], request.query.get("after", "")
    made = await archive.draws(who.token, after, PAGE)
    mine = None if after else await archive.reviews(who.token, request.query.get("mine", ""))
    return page(
        request,
        "reviews",
        mine=[] if mine is None else mine.reviews,
        mine_next=None if mine is None or mine.next is None else f"{HERE}?mine={mine.next}",
        draws=made.draws,
        zone=zone_of(request),
        may_seed=who.may(Action.SEED_DRAW),
        may_abandon=who.may(Action.COMMIT_DRAW),
        first_page=HERE if after else None,
        next_page=None if made.next is None else f"{HERE}?after={made.next}",
    )


async def show_draw(request: web.Request) -> web.Response:
    """GET /draws/{draw}: one draw, all that it drew, and what came of it."""
    who, draw = await reader(request), request.match_info["draw"]
    archive = request.app[ARCHIVE]
    made = await archive.draw(who.token, draw)
    given = await archive.reviews(who.token, request.query.get("after", ""), draw)
    return page(
        request,
        "draw",
        draw=made,
        zone=zone_of(request),
        given=given.reviews,
        next_page=None if given.next is None else f"/draws/{draw}?after={given.next}",
        may_seed=who.may(Action.SEED_DRAW),
        may_abandon=who.may(Action.COMMIT_DRAW),
    )


async def draw_file(request: web.Request) -> web.Response:
    """GET /draws/{draw}/file: the file with which a stranger recomputes it."""
    who, draw = await reader(request), request.match_info["draw"]
    data = await request.app[ARCHIVE].draw_file(who.token, draw)
    named = {"Content-Disposition": f'attachment; filename="{draw}.json"'}
    return web.Response(body=data, content_type="application/json", headers=named)


async def enter(request: web.Request) -> web.Response:
    """POST /draws/{draw}/seed and /confirm: the value that the seed had."""
    who, form, draw = await reader(request), await form_of(request), request.match_info["draw"]
    step = request.path.rpartition("/")[2]
    with as_things_stand(who, Action.SEED_DRAW):
        value = str(form.get("value", ""))
        if step == "seed":
            await request.app[ARCHIVE].enter_seed(who.token, draw, SeedValue(value=value))
        else:
            typed = str(form.get("drawn_at", ""))
            when = moment_of(request, "drawn at", typed) if typed else None
            told = SeedConfirmed(value=value, drawn_at=when)
            await request.app[ARCHIVE].confirm_seed(who.token, draw, told)
    return see_other(f"/draws/{draw}")


async def abandon(request: web.Request) -> web.Response:
    """POST /draws/{draw}/abandon: nothing is drawn by it."""
    who, form, draw = await reader(request), await form_of(request), request.match_info["draw"]
    said = DrawAbandoned(reason=str(form.get("reason", "")))
    await request.app[ARCHIVE].abandon_draw(who.token, draw, said)
    return see_other(f"/draws/{draw}")


async def show_sheet(request: web.Request) -> web.Response:
    """GET /reviews/{review}: one sheet, to fill in or to read."""
    who, review = await reader(request), request.match_info["review"]
    made = await request.app[ARCHIVE].review(who.token, review)
    said = {} if made.sheet is None else {each.point: each for each in made.sheet.answers}
    is_mine = made.checker == who.person.id
    is_to_do = made.sheet is None and made.void is None
    return page(
        request,
        "sheet",
        review=made,
        said=said,
        may_fill=is_mine and is_to_do,
        may_void=not is_mine and is_to_do and who.may(Action.COMMIT_DRAW),
        codes=VOID,
    )


async def fill(request: web.Request) -> web.Response:
    """POST /reviews/{review}/sheet: what the checker found."""
    who, form = await reader(request), await form_of(request)
    archive, review = request.app[ARCHIVE], request.match_info["review"]
    points = (await archive.review(who.token, review)).points
    answers = [
        {
            "point": point.id,
            "verdict": str(form.get(f"verdict-{point.id}", "")),
            "note": str(form.get(f"note-{point.id}", "")).strip(),
        }
        for point in points
    ]
    try:
        told = SheetFilled(answers=msgspec.convert(answers, list[Answered]))
    except msgspec.ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    with as_things_stand(who, Action.FILL_SHEET):
        await archive.fill_sheet(who.token, review, told)
    return see_other(f"{HERE}/{review}")


async def void(request: web.Request) -> web.Response:
    """POST /reviews/{review}/void: nobody can do it, as another person than its checker says."""
    who, form, review = await reader(request), await form_of(request), request.match_info["review"]
    asked = {"code": str(form.get("code", "")), "reason": str(form.get("reason", ""))}
    try:
        told = msgspec.convert(asked, ReviewVoided)
    except msgspec.ValidationError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
    with as_things_stand(who, Action.COMMIT_DRAW):
        await request.app[ARCHIVE].void_review(who.token, review, told)
    return see_other(f"{HERE}/{review}")
