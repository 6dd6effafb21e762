"""Finding things: the list of clips, and the incidents with and without footage."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from yarl import URL

from evidence import marking
from evidence.clip import ClipClass
from evidence.clock import unstamp
from evidence.rights import Action
from evidence.wire import ClipSummary
from player.archive import WITHOUT, ClipQuery
from player.cases import address
from player.pages import page
from player.places import ARCHIVE, GRANTS, Reader
from player.session import reader

PAGE = 24
"""Clips on one page of the list."""


async def clips(request: web.Request) -> web.Response:
    """GET /: the clips the reader may see, newest first, narrowed as asked."""
    who = await reader(request)
    if not who.may(Action.LIST_CLIPS):
        raise web.HTTPForbidden
    query = ClipQuery.of(request.query)
    found = await request.app[ARCHIVE].clips(who.token, query, limit=PAGE)
    narrowed = {name: value for name, value in query.given().items() if name != "after"}
    return page(
        request,
        "clips",
        found=found,
        query=query,
        marker_codes=[*marking.CODES],
        without=WITHOUT,
        classes=[kind.value for kind in ClipClass],
        thumbnails=await _thumbnails(request, who, found.clips),
        first_page=_address(narrowed),
        next_page=_address(narrowed | {"after": found.next}) if found.next else None,
    )


async def incidents(request: web.Request) -> web.Response:
    """GET /incidents: every incident of dispatch; ``?without`` shows those without clips."""
    who = await reader(request)
    found = (await request.app[ARCHIVE].incidents(who.token)).incidents
    bare = [incident for incident in found if incident.clips == 0]
    only_bare = "without" in request.query
    return page(
        request,
        "incidents",
        incidents=bare if only_bare else found,
        addresses={each.number: address("incidents", each.number) for each in found},
        only_bare=only_bare,
        total=len(found),
        bare=len(bare),
    )


def _address(query: Mapping[str, str]) -> str:
    return str(URL("/").with_query(query))


async def _thumbnails(
    request: web.Request, who: Reader, shown: list[ClipSummary]
) -> Mapping[str, str]:
    """Clip id -> address of its thumbnail, for the clips this reader may watch."""
    wanted = [
        clip.id for clip in shown if clip.has_thumbnail and who.may(Action.WATCH_CLIP, clip.officer)
    ]
    if not wanted:
        return {}
    granted = await request.app[ARCHIVE].thumbnails(who.token, wanted)
    if not granted.objects:
        return {}
    grant = request.app[GRANTS].give(
        token=who.token,
        objects={f"{clip}.jpg": signed for clip, signed in granted.objects.items()},
        expires=min(unstamp(signed.expires) for signed in granted.objects.values()),
    )
    return {clip: f"/media/{grant.id}/{clip}.jpg" for clip in granted.objects}
