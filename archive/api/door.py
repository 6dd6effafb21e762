"""The door: who asks, and may they?  One function stands before every handler.

A station is known by its signature, a person by the token of an open session; rights come from
``evidence.rights`` alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from archive.api.desk import CALLER, DESK, Caller, without_nul
from archive.api.route import Route, Who
from archive.catalogue import clips
from archive.catalogue.people import Account
from evidence.errors import Refused
from evidence.request_signature import RequestLine
from evidence.rights import Action, Denied, Object, decide
from evidence.wire import Message

_BEARER = "Bearer "


def guarded(route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of *route*, behind the door."""

    async def handle(request: web.Request) -> web.StreamResponse:
        request[CALLER] = Caller()
        without_nul(request)
        request[CALLER] = caller = await _identified(route.who, request)
        if caller.person is not None and route.action is not None:
            await _permit(request, route, caller.person, route.action)
        answer = await route.handler(request)
        return _response(answer, route.status)

    return handle


async def _identified(who: Who, request: web.Request) -> Caller:
    signed = "Signature-Input" in request.headers
    if who is Who.ANYONE or (who is Who.LOG and request.app[DESK].public_log):
        return Caller()
    if who is Who.STATION or (who in {Who.EITHER, Who.LOG} and signed):
        return await _station(request)
    return await (_feed(request) if who is Who.FEED else _person(request))


async def _feed(request: web.Request) -> Caller:
    key = _token(request)
    known = await request.app[DESK].feeds.pushes.whose(key) if key else None
    if known is None:
        raise web.HTTPUnauthorized(
            text="this is no key of a feed that counts: evidock feeds key makes one",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return Caller(feed=known)


async def _station(request: web.Request) -> Caller:
    path, _, query = request.raw_path.partition("?")
    if not request.raw_path.isascii():
        raise web.HTTPBadRequest(text="the request path is not ASCII")
    line = RequestLine(method=request.method, path=path, query=query)
    body = await request.read()
    station = await request.app[DESK].stations.identify(line, body, request.headers)
    return Caller(station=station)


async def _person(request: web.Request) -> Caller:
    token = _token(request)
    person = await request.app[DESK].people.of_token(token) if token else None
    if person is None:
        raise web.HTTPUnauthorized(
            text="sign in first: there is no open session with this token",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return Caller(person=person, token=token)


def _token(request: web.Request) -> str:
    """The bearer token that *request* shows; empty: none."""
    given = request.headers.get("Authorization", "")
    return given.removeprefix(_BEARER).strip() if given.startswith(_BEARER) else ""


async def _permit(request: web.Request, route: Route, person: Account, action: Action) -> None:
    """Return if *person* may do *action* to every clip the request is about; else Refused."""
    catalogue = request.app[DESK].catalogue
    named = await route.about(request)
    things = [Object(officer=await catalogue.run(clips.officer_of, clip)) for clip in named]
    for thing in things or [Object()]:
        decision = decide(person.subject, action, thing)
        if isinstance(decision, Denied):
            raise Refused(decision.reason)


def _response(answer: Message | web.StreamResponse, status: int) -> web.StreamResponse:
    if isinstance(answer, Message):
        body = msgspec.json.encode(answer)
        answer = web.Response(body=body, status=status, content_type="application/json")
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer
