"""Signing in and out, and who is reading.

One rule: the token lives in the reader's cookie and in the archive, and nowhere between.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web
from yarl import URL

from evidence.wire import Problem
from player.archive import ArchiveSaidNo
from player.languages import LANGUAGES
from player.pages import page
from player.places import (
    ARCHIVE,
    GRANTS,
    LANGUAGE_COOKIE,
    READER,
    SESSION_COOKIE,
    Reader,
    set_cookie,
)
from player.shields import form_of

SIGN_IN = "/sign-in"
_SIGN_IN_PROBLEMS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "wrong",
    HTTPStatus.FORBIDDEN: "wrong",
    HTTPStatus.TOO_MANY_REQUESTS: "locked",
}
_LONGEST = 1024
"""Characters of a name or password that are passed on."""


async def reader(request: web.Request) -> Reader:
    """Who is reading, as the archive says; ArchiveSaidNo (401) for a stranger."""
    token = request.cookies.get(SESSION_COOKIE)
    if token is None:
        raise ArchiveSaidNo(Problem(title="signed out", status=HTTPStatus.UNAUTHORIZED, detail=""))
    request[READER] = Reader(token=token, person=await request.app[ARCHIVE].who(token))
    return request[READER]


def see_other(location: str) -> web.Response:
    """Send the reader on to *location*."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


def to_sign_in(request: web.Request) -> web.Response:
    """The way of somebody without a session: to the sign-in page, then back to where they were."""
    response = see_other(str(URL(SIGN_IN).with_query({"next": request.path_qs})))
    response.del_cookie(SESSION_COOKIE, path="/")
    return response


async def show_sign_in(request: web.Request) -> web.Response:
    """GET /sign-in."""
    return page(
        request,
        "sign_in",
        next=local(request.query.get("next")),
        name="",
        problem=None,
        minutes=None,
    )


async def sign_in(request: web.Request) -> web.Response:
    """POST /sign-in: a session cookie and the page the reader wanted, or why not."""
    form = await form_of(request)
    name, password = (str(form.get(field, ""))[:_LONGEST] for field in ("name", "password"))
    onward = local(str(form.get("next", "/")))
    try:
        session = await request.app[ARCHIVE].sign_in(name, password)
    except ArchiveSaidNo as said:
        return _not_signed_in(request, said, name=name, onward=onward)
    response = see_other(onward)
    set_cookie(request, response, SESSION_COOKIE, session.token)
    return response


def _not_signed_in(
    request: web.Request, said: ArchiveSaidNo, *, name: str, onward: str
) -> web.Response:
    words = _SIGN_IN_PROBLEMS.get(said.problem.status)
    if words is None:
        raise said
    return page(
        request,
        "sign_in",
        status=said.problem.status,
        next=onward,
        name=name,
        problem=words,
        minutes=_minutes(said.retry_after),
    )


def _minutes(retry_after: str | None) -> int | None:
    """Whole minutes, rounded up, of a Retry-After in seconds (RFC 9110, section 10.2.3)."""
    if retry_after is None or not retry_after.isdecimal():
        return None
    return -(-int(retry_after) // 60)


async def sign_out(request: web.Request) -> web.Response:
    """POST /sign-out: the session ends at the archive, and everything granted to it here."""
    token = request.cookies.get(SESSION_COOKIE)
    response = see_other(SIGN_IN)
    if token is not None:
        request.app[GRANTS].forget(token=token)
        try:
            await request.app[ARCHIVE].sign_out(token)
        except ArchiveSaidNo as said:
            if said.problem.status != HTTPStatus.UNAUTHORIZED:
                raise
        response.del_cookie(SESSION_COOKIE, path="/")
    return response


async def choose_language(request: web.Request) -> web.Response:
    """POST /language: remember the choice and go back to the page it was made on."""
    form = await form_of(request)
    code = str(form.get("language"))
    if code not in LANGUAGES:
        raise web.HTTPBadRequest
    response = see_other(local(str(form.get("back", "/"))))
    set_cookie(request, response, LANGUAGE_COOKIE, code, days=365)
    return response


def local(address: str | None) -> str:
    """*address* if it is a page of ours, else the first page: nobody is sent to another site."""
    if address is None or not address.startswith("/") or address.startswith(("//", "/\\")):
        return "/"
    return address if address.isprintable() else "/"
