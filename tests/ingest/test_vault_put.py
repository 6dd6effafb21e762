from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from evidence.errors import DigestMismatch, EvidenceError, VaultUnreachable
from evidence.wire import WireRequest
from ingest.stretch import Stretch
from ingest.vault_put import PutDone, put
from tests.ingest.serving import serving

FOOTAGE = bytes(range(256)) * 8192


def request_to(url: str) -> WireRequest:
    return WireRequest(method="PUT", url=url, headers={"x-amz-meta-a": "b"}, expires="")


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    path = tmp_path / "c-1"
    path.write_bytes(FOOTAGE)
    return path


def store(status: int, text: str, taken: list[tuple[str, bytes]]) -> web.Application:
    async def take(request: web.Request) -> web.Response:
        taken.append((request.headers["Content-Length"], await request.read()))
        return web.Response(status=status, text=text, headers={"ETag": '"e"'})

    app = web.Application(client_max_size=1 << 30)
    app.router.add_put("/{key:.*}", take)
    return app


async def send(staged: Path, stretch: Stretch, status: int, text: str = "") -> PutDone:
    async with serving(store(status, text, [])) as url, aiohttp.ClientSession() as session:
        return await put(session, request_to(f"{url}/{staged.name}"), stretch)


@pytest.mark.parametrize(("offset", "size"), [(0, len(FOOTAGE)), (3, 2_000_000), (0, 0)])
async def test_exactly_the_stretch_is_sent(staged: Path, offset: int, size: int) -> None:
    taken: list[tuple[str, bytes]] = []
    heard: list[int] = []

    async with serving(store(200, "", taken)) as url, aiohttp.ClientSession() as session:
        stretch = Stretch(path=staged, offset=offset, size=size)
        done = await put(session, request_to(f"{url}/a%2Fb?x=%20"), stretch, heard.append)

    assert taken == [(str(size), FOOTAGE[offset : offset + size])]
    assert (done.etag, heard[-1:] or [0]) == ('"e"', [size])


async def test_an_object_that_is_there_already_is_no_error(staged: Path) -> None:
    stretch = Stretch(path=staged, size=len(FOOTAGE))

    assert (await send(staged, stretch, 412)).stored_before


@pytest.mark.parametrize(
    ("status", "text", "error"),
    [
        (503, "", VaultUnreachable),
        (403, "<Code>AccessDenied</Code>", VaultUnreachable),
        (400, "<Error><Code>BadDigest</Code></Error>", DigestMismatch),
    ],
)
async def test_a_refusal_says_who_must_act(
    staged: Path, status: int, text: str, error: type[EvidenceError]
) -> None:
    with pytest.raises(error, match=f"HTTP {status}"):
        await send(staged, Stretch(path=staged, size=len(FOOTAGE)), status, text)


async def test_nobody_listening_is_a_store_out_of_reach(staged: Path) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(VaultUnreachable):
            await put(session, request_to("http://127.0.0.1:1/"), Stretch(path=staged, size=1))


async def test_a_staged_copy_that_is_gone_is_for_a_person(tmp_path: Path) -> None:
    with pytest.raises(DigestMismatch, match="gone"):
        await send(tmp_path, Stretch(path=tmp_path / "none", size=5), 200)


async def test_a_staged_copy_that_got_shorter_is_for_a_person(staged: Path) -> None:
    with pytest.raises(DigestMismatch, match="ends after"):
        await send(staged, Stretch(path=staged, size=len(FOOTAGE) + 1), 200)
