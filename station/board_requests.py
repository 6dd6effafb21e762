"""What pages of the board send to it, and in which language they are read."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from aiohttp import web

from station.words import LANGUAGES

Sent = TypeVar("Sent", bound=msgspec.Struct)


def language_of(request: web.Request) -> str:
    """The language that the page is in."""
    wanted = request.query.get("lang", LANGUAGES[0])
    return wanted if wanted in LANGUAGES else LANGUAGES[0]


async def sent(request: web.Request, kind: type[Sent]) -> Sent:
    """What this board's own page sends; the client's error otherwise."""
    if request.content_type != "application/json" or not _is_from_here(request):
        raise web.HTTPForbidden(text="only this board's own page may ask for this")
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.MsgspecError as error:
        raise web.HTTPBadRequest(text=f"that is no request: {error}") from error


def _is_from_here(request: web.Request) -> bool:
    """Whether a page of ours sent it: other sites' pages cannot leave these headers out."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return site == "same-origin" and origin in {None, f"{request.scheme}://{request.host}"}
