"""Feeds: what other systems told, what of it could not be used, and which numbers are missing."""

from __future__ import annotations

from aiohttp import web

from evidence.rights import Action
from player.pages import page
from player.places import ARCHIVE, Reader
from player.session import reader

SHOWN = 200
"""Rows of a list; the CSV has all."""


async def show(request: web.Request) -> web.Response:
    """GET /feeds."""
    who = await _reader(request)
    found = await request.app[ARCHIVE].feeds(who.token)
    return page(
        request,
        "feeds",
        feeds=found.feeds,
        problems=found.problems[:SHOWN],
        more_problems=len(found.problems) > SHOWN,
        gaps=found.gaps[:SHOWN],
        more_gaps=len(found.gaps) > SHOWN,
        shown=SHOWN,
    )


async def problems(request: web.Request) -> web.Response:
    """GET /feeds/problems.csv."""
    who = await _reader(request)
    body = await request.app[ARCHIVE].feed_problems(who.token)
    name = {"Content-Disposition": 'attachment; filename="feed-problems.csv"'}
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=name)


async def _reader(request: web.Request) -> Reader:
    who = await reader(request)
    if not who.may(Action.SEE_FEEDS):
        raise web.HTTPForbidden
    return who
