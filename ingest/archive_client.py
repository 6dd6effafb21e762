"""The station's line to the archive: signed requests out, messages or the product's errors back.

One rule: no answer is guessed.  Whatever is not the message that was asked for becomes an error of
the family that says who must act; nothing is retried here.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from yarl import URL

from evidence.clock import Clock
from evidence.errors import (
    ArchiveUnreachable,
    EvidenceError,
    IntegrityError,
    Refused,
    TemporaryError,
)
from evidence.request_signature import RequestLine, sign_request
from evidence.wire import Message, Problem

Answer = TypeVar("Answer", bound=Message)

_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)
_READ_BACK = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=6 * 3600)
"""For requests during which the archive reads a clip back, however large it is."""

_OK, _CREATED, _FORBIDDEN, _CONFLICT, _TOO_MANY, _SERVER = 200, 201, 403, 409, 429, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKey:
    """Who signs: the station's id and its private key."""

    station: str
    private: Ed25519PrivateKey


class ArchiveClient:
    """Requests to one archive; use as an async context manager."""

    def __init__(self, url: str, clock: Clock, key: StationKey | None = None) -> None:
        self._url = url.rstrip("/")
        self._clock = clock
        self._key = key
        self._session = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """For the requests an archive signed for us, which need no signature of ours."""
        return self._session

    def sign_as(self, key: StationKey) -> None:
        """Sign every request from now on with *key*."""
        self._key = key

    async def post(
        self, path: str, message: Message, answer: type[Answer], *, read_back: bool = False
    ) -> Answer:
        """POST *message*; the *answer* it got.  With *read_back* it may take hours.

        Raises ArchiveUnreachable or another TemporaryError (try later), Refused (403), or
        IntegrityError for an answer that is neither.
        """
        patience = _READ_BACK if read_back else _PATIENCE
        body = msgspec.json.encode(message)
        return _parsed(await self._call("POST", path, body, patience), answer, path)

    async def get(self, path: str, answer: type[Answer]) -> Answer:
        """GET *path*; errors as for :meth:`post`."""
        return _parsed(await self._call("GET", path, b""), answer, path)

    async def get_bytes(self, path: str) -> bytes:
        """GET *path* as it is; errors as for :meth:`post`."""
        return await self._call("GET", path, b"")

    async def _call(
        self, method: str, path: str, body: bytes, patience: aiohttp.ClientTimeout = _PATIENCE
    ) -> bytes:
        place, _, query = path.partition("?")
        line = RequestLine(method=method, path=place, query=query)

        async def signed(
            request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            """Sign each sending: aiohttp repeats a GET by itself where a kept connection ends."""
            request.headers.update(self._signature(line, body))
            return await send(request)

        url = URL(self._url + path, encoded=True)
        try:
            async with self._session.request(
                method,
                url,
                data=body or None,
                headers={"Content-Type": "application/json"} if body else {},
                allow_redirects=False,
                timeout=patience,
                middlewares=(signed,),
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ArchiveUnreachable(f"{method} {url}: {error!r}") from error
        if response.status not in {_OK, _CREATED}:
            raise problem_error(response.status, content, f"{method} {path}")
        return content

    def _signature(self, line: RequestLine, body: bytes) -> dict[str, str]:
        """The headers that sign it; none before there is a key."""
        if self._key is None:
            return {}
        now = int(self._clock.now().timestamp())
        return sign_request(line, body, key=self._key.private, keyid=self._key.station, created=now)


def problem_error(status: int, content: bytes, what: str) -> EvidenceError:
    """The product's error for an answer of *status* to *what*, an RFC 9457 problem or not."""
    try:
        problem = msgspec.json.decode(content, type=Problem)
        text, advice = f"{what}: {problem.detail}", problem.advice or None
    except msgspec.MsgspecError:
        text, advice = f"{what}: HTTP {status}", None
    if status == _FORBIDDEN:
        return Refused(text, advice=advice)
    if status in {_CONFLICT, _TOO_MANY}:
        return TemporaryError(text, advice=advice)
    if status >= _SERVER:
        return ArchiveUnreachable(text, advice=advice)
    return IntegrityError(text, advice=advice)


def _parsed(content: bytes, answer: type[Answer], what: str) -> Answer:
    try:
        return msgspec.json.decode(content, type=answer)
    except msgspec.MsgspecError as error:
        raise IntegrityError(f"the archive's answer to {what} is not a message: {error}") from error
