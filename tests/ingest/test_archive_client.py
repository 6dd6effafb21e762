from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.clock import SystemClock
from evidence.errors import (
    ArchiveUnreachable,
    EvidenceError,
    IntegrityError,
    Refused,
    TemporaryError,
)
from evidence.request_signature import RequestLine, verify_request
from evidence.wire import JournalAccepted, JournalPush, Problem
from ingest.archive_client import ArchiveClient, StationKey, problem_error
from tests.ingest.serving import serving

KEY = StationKey(station="s-1", private=Ed25519PrivateKey.generate())


async def _check(request: web.Request) -> web.Response:
    line = RequestLine(method=request.method, path=request.path)
    now = int(SystemClock().now().timestamp())
    verify_request(
        line,
        await request.read(),
        request.headers,
        key=KEY.private.public_key(),
        now=now,
    )
    return web.Response(body=msgspec.json.encode(JournalAccepted(through=7)))


async def _garbled(_request: web.Request) -> web.Response:
    return web.Response(body=b'{"through": "seven"}')


@pytest.fixture
async def client() -> AsyncIterator[ArchiveClient]:
    app = web.Application()
    app.router.add_route("*", "/v1/journal", _check)
    app.router.add_get("/garbled", _garbled)
    async with serving(app) as url, ArchiveClient(url, SystemClock(), KEY) as client:
        yield client


async def test_requests_carry_a_signature_that_verifies(client: ArchiveClient) -> None:
    assert (await client.get("/v1/journal", JournalAccepted)).through == 7
    pushed = await client.post("/v1/journal", JournalPush(acts=[]), JournalAccepted)
    assert pushed.through == 7


async def test_an_answer_that_is_no_message_is_not_guessed(client: ArchiveClient) -> None:
    with pytest.raises(IntegrityError, match="is not a message"):
        await client.get("/garbled", JournalAccepted)


async def test_a_route_that_is_not_there_is_for_a_person(client: ArchiveClient) -> None:
    with pytest.raises(IntegrityError, match="HTTP 404"):
        await client.get_bytes("/nowhere")


async def test_nobody_listening_is_an_archive_out_of_reach() -> None:
    async with ArchiveClient("http://127.0.0.1:1", SystemClock(), KEY) as client:
        with pytest.raises(ArchiveUnreachable):
            await client.get("/v1/journal", JournalAccepted)


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (403, Refused),
        (409, TemporaryError),
        (429, TemporaryError),
        (503, ArchiveUnreachable),
        (422, IntegrityError),
    ],
)
def test_the_status_says_who_must_act(status: int, family: type[EvidenceError]) -> None:
    problem = Problem(title="x", status=status, detail="what happened", advice="what to do")

    error = problem_error(status, msgspec.json.encode(problem), "POST /v1/intake")

    assert type(error) is family
    assert (str(error), error.advice) == ("POST /v1/intake: what happened", "what to do")
