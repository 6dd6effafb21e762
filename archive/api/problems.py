"""Errors as RFC 9457 problems, and every refusal on record.

The status tells who must act: 4xx the one who asks, 422 a person in charge (evidence is not what
it must be), 503 nobody, it passes by itself.
"""

from __future__ import annotations

import logging

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from archive.api.denials import DENIALS, deny
from archive.api.desk import CALLER, DESK
from archive.offered import CLIP_ID
from evidence.errors import (
    EvidenceError,
    IntegrityError,
    NotKnown,
    OfficeLost,
    OutOfTurn,
    Refused,
    TemporaryError,
)
from evidence.wire import Problem

#: Seconds after which to try again what failed for the time being.
RETRY_AFTER = 5
_STATUS: tuple[tuple[type[EvidenceError], int], ...] = (
    (Refused, 403),
    (NotKnown, 404),
    (OutOfTurn, 409),
    (IntegrityError, 422),
    (TemporaryError, 503),
    (OfficeLost, 503),
)
_ERROR = 400
_log = logging.getLogger(__name__)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem."""
    try:
        try:
            return await handler(request)
        except Refused as error:
            await _record_denial(request, error)
            return _problem(error)
    except EvidenceError as error:  # also one that kept a refusal off the record
        return _problem(error)
    except web.HTTPException as error:
        if error.status < _ERROR:
            raise
        detail = error.text or error.reason
        problem = Problem(title=error.reason, status=error.status, detail=detail)
        kept = {
            name: error.headers[name]
            for name in ("Allow", "Retry-After", "WWW-Authenticate")
            if name in error.headers
        }
        return _response(problem, kept)


def status_of(error: EvidenceError) -> int:
    """The HTTP status that *error* is answered with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _problem(error: EvidenceError) -> web.Response:
    status = status_of(error)
    _log.info("answered %d: %s", status, error)
    problem = Problem(
        title=type(error).__name__, status=status, detail=str(error), advice=error.advice
    )
    later = {"Retry-After": str(RETRY_AFTER)} if isinstance(error, TemporaryError) else {}
    return _response(problem, later)


def _response(problem: Problem, headers: dict[str, str]) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(problem),
        status=problem.status,
        headers={**headers, "Cache-Control": "no-store"},
        content_type="application/problem+json",
    )


async def _record_denial(request: web.Request, error: Refused) -> None:
    """Put the attempt on record: who, what, and which clip; the words stay in the answer."""
    _log.warning("refused %s %s: %s", request.method, request.path, error)
    caller = request.get(CALLER)
    known = None if caller is None else caller.id
    more = request.app[DENIALS].admit(known)
    if more is None:
        return
    resource = request.match_info.route.resource
    clip = request.match_info.get("clip", "")
    await request.app[DESK].catalogue.run(
        deny,
        known,
        f"{request.method} {resource.canonical if resource is not None else 'unknown'}",
        clip if known is not None and CLIP_ID.fullmatch(clip) else None,
        more,
    )
