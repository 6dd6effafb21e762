"""What a reader is told when something is not there, not allowed, or not working.

One rule: clear words with the right status, never a trace and never an empty page.
"""

from __future__ import annotations

import logging
from http import HTTPStatus

import msgspec
from aiohttp import web

from evidence.errors import EvidenceError, Refused, TemporaryError
from evidence.wire import Problem
from player.archive import ArchiveSaidNo
from player.pages import language_of, page
from player.places import wants_json
from player.session import to_sign_in
from player.shields import Handler

LOG = logging.getLogger(__name__)

_WORDED = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.CONFLICT,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""Statuses the catalogues have words for."""


@web.middleware
async def trouble_in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what stopped a request into a page, or into a problem for our own scripts."""
    try:
        return await handler(request)
    except ArchiveSaidNo as said:
        return _said_no(request, said.problem)
    except web.HTTPException as stopped:
        return _told(request, stopped.status, "")
    except Refused as refused:
        return _told(request, HTTPStatus.FORBIDDEN, f"{refused} {refused.advice}")
    except TemporaryError as error:
        LOG.warning("%s %s: %s", request.method, request.path, error)
        return _told(request, HTTPStatus.SERVICE_UNAVAILABLE, str(error))
    except EvidenceError as error:
        LOG.exception("%s %s", request.method, request.path)
        return _told(request, HTTPStatus.BAD_GATEWAY, f"{error} {error.advice}")


def _said_no(request: web.Request, problem: Problem) -> web.Response:
    if (
        problem.status == HTTPStatus.UNAUTHORIZED
        and request.method == "GET"
        and not wants_json(request)
    ):
        return to_sign_in(request)
    return _told(request, problem.status, f"{problem.detail} {problem.advice}".strip())


def _told(request: web.Request, status: int, detail: str) -> web.Response:
    """The words for *status*; *detail* is what the machine said, shown below them."""
    words = language_of(request)
    known = status if status in _WORDED else _nearest(status)
    if wants_json(request):
        problem = Problem(
            title=words(f"trouble.{known}.title"),
            status=status,
            detail=words(f"trouble.{known}.text"),
            advice=detail,
        )
        return web.Response(
            body=msgspec.json.encode(problem),
            status=status,
            content_type="application/problem+json",
        )
    return page(request, "trouble", status=status, known=known, detail=detail)


def _nearest(status: int) -> int:
    """A worded status of the same family."""
    server = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return HTTPStatus.BAD_GATEWAY if server else HTTPStatus.BAD_REQUEST
