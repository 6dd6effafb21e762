"""The aiohttp application: routes behind the door, errors as problems."""

from __future__ import annotations

from functools import cache

from aiohttp import web

from archive.api.denials import DENIALS, Denials
from archive.api.desk import DESK, Desk
from archive.api.door import guarded
from archive.api.openapi import document
from archive.api.problems import problems
from archive.api.routes import ROUTES

#: Bytes of the largest request; footage does not pass through here.
LARGEST_REQUEST = 4 * 1024**2


def build(desk: Desk) -> web.Application:
    """The application that serves *desk*."""
    app = web.Application(middlewares=[problems], client_max_size=LARGEST_REQUEST)
    app[DESK] = desk
    app[DENIALS] = Denials(desk.clock)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, guarded(route))
    app.router.add_route("GET", "/v1/openapi.json", _openapi)
    return app


async def _openapi(_request: web.Request) -> web.Response:
    return web.Response(body=_described(), content_type="application/json")


@cache
def _described() -> bytes:
    return document(ROUTES)
