"""How the player asks the archive: one HTTP request, and its answer or the archive's no."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import msgspec
from yarl import URL

from evidence.errors import ArchiveUnreachable
from evidence.wire import Message, Problem

Answer = TypeVar("Answer", bound=Message)


class ArchiveSaidNo(Exception):
    """The archive answered with a problem (RFC 9457): not signed in, not found, not allowed."""

    def __init__(self, problem: Problem, *, retry_after: str | None = None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.retry_after = retry_after


_HANDING_OVER = aiohttp.ClientTimeout(total=None, connect=5, sock_read=120)
"""While a document is passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """An archive that can be asked.

    Everything raises ArchiveSaidNo for a problem answer and ArchiveUnreachable when there is none.
    """

    client: aiohttp.ClientSession
    url: URL

    async def send(
        self,
        method: str,
        path: str,
        token: str,
        body: AsyncIterable[bytes],
        more: Mapping[str, str],
    ) -> bytes:
        """What is answered to a *body* that is no message."""
        headers = {"Authorization": f"Bearer {token}", **more}
        try:
            async with self.client.request(
                method, self.url / path, data=body, headers=headers, timeout=_HANDING_OVER
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ArchiveUnreachable(f"archive {self.url}: {error!r}") from error
        if response.ok:
            return content
        raise ArchiveSaidNo(_problem(content, response.status))

    @asynccontextmanager
    async def receiving(
        self, method: str, path: str, token: str
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer that is no message and may be large: its blocks are for the caller to read."""
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with self.client.request(
                method, self.url / path, headers=headers, timeout=_HANDING_OVER
            ) as response:
                if not response.ok:
                    raise ArchiveSaidNo(_problem(await response.read(), response.status))
                yield response
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ArchiveUnreachable(f"archive {self.url}: {error!r}") from error

    async def get(
        self, path: str, token: str, kind: type[Answer], query: Mapping[str, str] | None = None
    ) -> Answer:
        return self.read(await self.raw("GET", path, token=token, query=query), kind)

    async def post(
        self, path: str, message: Message, kind: type[Answer], token: str | None = None
    ) -> Answer:
        body = msgspec.json.encode(message)
        return self.read(await self.raw("POST", path, token=token, body=body), kind)

    async def raw(
        self,
        method: str,
        path: str,
        *,
        token: str | None,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> bytes:
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self.client.request(
                method, self.url / path, params=query, data=body, headers=headers
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ArchiveUnreachable(f"archive {self.url}: {error!r}") from error
        if response.ok:
            return content
        raise ArchiveSaidNo(
            _problem(content, response.status), retry_after=response.headers.get("Retry-After")
        )

    def read(self, content: bytes, kind: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(content, type=kind)
        except msgspec.DecodeError as error:
            raise ArchiveUnreachable(
                f"archive {self.url} answered something else than {kind.__name__}: {error}",
                advice="Run player and archive of the same version.",
            ) from error


def _problem(content: bytes, status: int) -> Problem:
    """The problem in *content*, or one made of the bare *status* (a proxy may have answered)."""
    try:
        return msgspec.json.decode(content, type=Problem)
    except msgspec.DecodeError:
        return Problem(title=f"HTTP {status}", status=status, detail="")
