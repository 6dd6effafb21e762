"""Media on its way from the vault to the reader's browser.

One rule: no byte leaves without a grant that is still good, asked for by the session it was given
to; and a grant exists only after the archive has logged the view.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from aiohttp import web
from yarl import URL

from evidence.errors import VaultUnreachable
from evidence.wire import WireRequest
from player.grants import Expired, Grant, Unknown
from player.places import GRANTS, SESSION_COOKIE, VAULT

LOG = logging.getLogger(__name__)

_BLOCK = 1 << 18
_RANGE = re.compile(r"bytes=(\d+-\d*|-\d+)")
"""One range, as players ask for it; several at once would need a multipart answer."""
_PASSED_ON = ("Content-Length", "Content-Range")

#: What a derived object is, by the end of its name; the store's own opinion is not asked.
_TYPES: Mapping[str, str] = {
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """One object of a grant, or a part of it."""

    name: str
    signed: WireRequest
    range: str | None


async def media(request: web.Request) -> web.StreamResponse:
    """GET /media/{grant}/{name}, whole or one byte range (RFC 9110, section 14)."""
    wanted = _wanted(request)
    signed = wanted.signed
    headers = signed.headers | ({"Range": wanted.range} if wanted.range else {})
    try:
        # The address is signed as it is written: yarl must not normalise it.
        async with request.app[VAULT].request(
            signed.method, URL(signed.url, encoded=True), headers=headers, allow_redirects=False
        ) as answer:
            return await _passed_on(request, wanted, answer)
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise VaultUnreachable(f"the store does not answer for {wanted.name}: {error}") from error


def _wanted(request: web.Request) -> _Wanted:
    """What the request asks for; an HTTP error if this session may not have it."""
    grant = _grant(request)
    name = request.match_info["name"]
    signed = grant.objects.get(name)
    if signed is None:
        raise web.HTTPNotFound
    asked = request.headers.get("Range")
    if asked is not None and _RANGE.fullmatch(asked) is None:
        raise web.HTTPRequestRangeNotSatisfiable
    return _Wanted(name=name, signed=signed, range=asked)


def _grant(request: web.Request) -> Grant:
    found = request.app[GRANTS].find(
        request.match_info["grant"], token=request.cookies.get(SESSION_COOKIE)
    )
    match found:
        case Grant():
            return found
        case Expired():
            raise web.HTTPForbidden
        case Unknown():
            raise web.HTTPNotFound


async def _passed_on(
    request: web.Request, wanted: _Wanted, answer: aiohttp.ClientResponse
) -> web.StreamResponse:
    if answer.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise web.HTTPRequestRangeNotSatisfiable
    if answer.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        raise VaultUnreachable(f"the store answers {answer.status} for {wanted.name}")
    response = web.StreamResponse(status=answer.status)
    response.headers.update({k: answer.headers[k] for k in _PASSED_ON if k in answer.headers})
    response.headers["Accept-Ranges"] = "bytes"
    response.content_type = next(
        (kind for end, kind in _TYPES.items() if wanted.name.endswith(end)),
        "application/octet-stream",
    )
    await copied(request, response, answer)
    return response


async def copied(
    request: web.Request, response: web.StreamResponse, answer: aiohttp.ClientResponse
) -> None:
    """Pass on the blocks of *answer* as the body of *response*; cut short if they end early."""
    try:
        await response.prepare(request)
        async for block in answer.content.iter_chunked(_BLOCK):
            await response.write(block)
        await response.write_eof()
    except ConnectionResetError:
        # Browsers drop ranges with every seek; there is nobody left to tell.
        LOG.debug("%s: the browser went away", request.path)
    except (aiohttp.ClientError, TimeoutError) as error:
        # Headers are gone already: cut the connection, so that the browser sees a short answer.
        LOG.warning("%s: it ended early: %r", request.path, error)
        if request.transport is not None:
            request.transport.abort()
