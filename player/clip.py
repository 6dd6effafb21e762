"""One clip: its page, the leave to watch it, its receipt."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from aiohttp import web

from evidence import marking
from evidence.clock import unstamp
from evidence.linking import WHY_NOT
from evidence.rights import Action
from evidence.wire import CaseClosed, ClipDetail, HoldLifted, HoldWanted
from player.archive import ArchiveSaidNo
from player.ending import ending
from player.hints import strips
from player.markers import rows
from player.pages import duration, language_of, page
from player.places import ARCHIVE, GRANTS, Reader
from player.retention import card
from player.session import reader, see_other
from player.shields import form_of
from player.timeline import Act, act


class Watching(msgspec.Struct, frozen=True, kw_only=True):
    """What the page's script learns when the player opens."""

    folder: str
    """Address below which the objects lie."""
    objects: list[str]
    expires_in_ms: int
    act: Act | None
    """The ``view`` entry that was written for it."""


_MOST = 100
"""Boxes of a form that are looked at."""
_WHY_NOT = {
    HTTPStatus.BAD_REQUEST: "unknown",
    HTTPStatus.FORBIDDEN: "shorter",
}
"""Why the archive does not take what a clip is said to be."""


async def show(request: web.Request) -> web.Response:
    """GET /clips/{clip}: facts and custody entries; the player in it asks to watch."""
    return await _shown(request, await reader(request))


async def classify(request: web.Request) -> web.Response:
    """POST /clips/{clip}/classification: what the reader says that it is; the page if it cannot."""
    who = await reader(request)
    clip = request.match_info["clip"]
    said = [str(each) for each in (await form_of(request)).getall("category", [])][:_MOST]
    try:
        await request.app[ARCHIVE].classify(who.token, clip, said)
    except ArchiveSaidNo as no:
        if no.problem.status not in _WHY_NOT or not who.may(Action.SEE_CLIP):
            raise
        return await _shown(request, who, no.problem.status)
    return see_other(f"/clips/{clip}#retention")


async def hold(request: web.Request) -> web.Response:
    """POST /clips/{clip}/holds: the clip is kept whatever the date."""
    who, clip, form = await reader(request), request.match_info["clip"], await form_of(request)
    said = HoldWanted(authority=str(form.get("authority", "")), reason=str(form.get("reason", "")))
    await request.app[ARCHIVE].hold(who.token, clip, said)
    return see_other(f"/clips/{clip}#retention")


async def lift(request: web.Request) -> web.Response:
    """POST /clips/{clip}/holds/{hold}/lift: and no longer."""
    who, clip = await reader(request), request.match_info["clip"]
    said = HoldLifted(reason=str((await form_of(request)).get("reason", "")))
    await request.app[ARCHIVE].lift(who.token, clip, request.match_info["hold"], said)
    return see_other(f"/clips/{clip}#retention")


async def close_case(request: web.Request) -> web.Response:
    """POST /clips/{clip}/case/close: a case that the clip is in is closed."""
    who, told = await reader(request), await _of_case(request)
    await request.app[ARCHIVE].close_case(who.token, told)
    return see_other(f"/clips/{request.match_info['clip']}#retention")


async def reopen_case(request: web.Request) -> web.Response:
    """POST /clips/{clip}/case/reopen: it is open again."""
    who, told = await reader(request), await _of_case(request)
    await request.app[ARCHIVE].reopen_case(who.token, told)
    return see_other(f"/clips/{request.match_info['clip']}#retention")


async def _of_case(request: web.Request) -> CaseClosed:
    form = await form_of(request)
    return CaseClosed(number=str(form.get("number", "")), reason=str(form.get("reason", "")))


async def _shown(request: web.Request, who: Reader, status: int = HTTPStatus.OK) -> web.Response:
    """The page of a clip; with a *status* of refusal it says why that was refused."""
    archive = request.app[ARCHIVE]
    clip = await archive.clip(who.token, request.match_info["clip"])
    law = await archive.law(who.token)
    made = []
    if who.may(Action.SEE_DISPOSALS):
        made = (await archive.proposals(who.token, clip=clip.summary.id)).proposals
    end = ending(clip, made, who, request.app[GRANTS].clock.now())
    words = language_of(request)
    problem = _WHY_NOT.get(HTTPStatus(status))
    rendition = clip.summary.rendition
    hints = strips(clip.quality, (rendition and rendition.duration_ms) or 0)
    return page(
        request,
        "clip",
        status=status,
        clip=clip,
        retention=card(clip, law, who, words, problem),
        ending=end,
        **_said(clip, who),
        summary=clip.summary,
        rendition=rendition,
        length=duration(rendition.duration_ms) if rendition and rendition.duration_ms else None,
        watchable=bool(rendition and rendition.objects)
        and not end.is_sealed
        and who.may(Action.WATCH_CLIP, clip.summary.officer),
        may_watch=who.may(Action.WATCH_CLIP, clip.summary.officer),
        quality=clip.quality,
        hints=hints,
        lanes=list(dict.fromkeys(hint.kind for hint in hints)),
        differs=words("player.part.and").join(
            words.coded("player.part", what)
            for what in (rendition.check.differs if rendition and rendition.check else ())
        ),
        acts=[act(entry, words) for entry in clip.entries],
        player_words=msgspec.json.encode(words.family("player")).decode(),
    )


def _said(clip: ClipDetail, who: Reader) -> dict[str, object]:
    """What people say of the clip, and what *who* may."""
    officer = clip.summary.officer
    return {
        "may_confirm": who.may(Action.CONFIRM_LINK, officer),
        "may_reject": who.may(Action.REJECT_LINK),
        "why_not": [*WHY_NOT],
        "markers": rows(clip.markers, who),
        "marker_codes": [*marking.CODES],
        "may_mark": who.may(Action.MARK_CLIP, officer),
    }


async def watch(request: web.Request) -> web.Response:
    """POST /clips/{clip}/views: the archive writes the ``view`` entry, then the media is open."""
    who = await reader(request)
    archive, clip = request.app[ARCHIVE], request.match_info["clip"]
    granted = await archive.watch(who.token, clip)
    grants = request.app[GRANTS]
    grant = grants.give(token=who.token, objects=granted.objects, expires=unstamp(granted.expires))
    entries = (await archive.clip(who.token, clip)).entries
    words = language_of(request)
    watching = Watching(
        folder=f"/media/{grant.id}/",
        objects=sorted(granted.objects),
        expires_in_ms=int((grant.expires - grants.clock.now()).total_seconds() * 1000),
        act=next((act(entry, words) for entry in entries if entry.index == granted.entry), None),
    )
    return web.Response(
        body=msgspec.json.encode(watching),
        status=HTTPStatus.CREATED,
        content_type="application/json",
    )


async def receipt(request: web.Request) -> web.Response:
    """GET /clips/{clip}/receipt, or receipts/{entry}: the tlog-proof, as a file to keep."""
    who = await reader(request)
    clip, entry = request.match_info["clip"], request.match_info.get("entry")
    about = None if entry is None else int(entry)
    proof = await request.app[ARCHIVE].receipt(who.token, clip, about)
    name = clip if about is None else f"{clip}-{about}"
    return web.Response(
        body=proof,
        content_type="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{name}.tlog-proof"'},
    )
