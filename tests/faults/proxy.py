"""A proxy between our real code and a real S3 store that does to the line what lines do.

It hands requests and answers on as they are, the Host header included, so what was signed for its
own address is valid at the store behind it.  A fault strikes the first request it fits, and then
is used up; :attr:`FaultProxy.struck` tells which did.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import aiohttp
from aiohttp import web
from yarl import URL

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect", "te", "trailer"}
_ERROR = "<?xml version='1.0'?><Error><Code>{}</Code><Message>made up</Message></Error>"


class Kind(StrEnum):
    """What may happen to one request."""

    INTERNAL = "500"
    BUSY = "503"
    SKEWED = "403 clock skew"
    ERROR_IN_200 = "200 with an error for a body"
    LOST_BEFORE = "no answer, nothing done"
    LOST_AFTER = "no answer, all done"
    RESET_IN_BODY = "reset while the body is sent"
    RESET_IN_ANSWER = "reset while the answer is read"
    CUT_ANSWER = "half an answer that looks whole"
    WRONG_ETAG = "another ETag"
    WRONG_CHECKSUM = "another checksum header"
    FLIPPED_BODY = "a bit flipped on the way there"
    FLIPPED_ANSWER = "a bit flipped on the way back"
    SLOW = "slow"


_REFUSALS = {
    Kind.INTERNAL: (500, "InternalError"),
    Kind.BUSY: (503, "SlowDown"),
    Kind.SKEWED: (403, "RequestTimeTooSkewed"),
    Kind.ERROR_IN_200: (200, "InternalError"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault, and which request it is meant for."""

    kind: Kind
    method: str
    where: str = ""
    """A part of the address."""
    bit: int = 0
    """For flips: which bit, counted round and round."""

    def fits(self, request: web.BaseRequest) -> bool:
        return request.method == self.method and self.where in request.raw_path


@dataclass(slots=True, kw_only=True)
class FaultProxy:
    """The proxy at :attr:`address`; give it faults at any time."""

    store: str
    """The endpoint of the store behind it."""
    faults: list[Fault] = field(default_factory=list)
    struck: list[Fault] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and address of everything that was asked."""
    address: str = ""
    slowness: float = 0.3
    _session: aiohttp.ClientSession | None = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """What comes back to *request*, if anything does."""
        self.requests.append((request.method, request.raw_path))
        fault = next((fault for fault in self.faults if fault.fits(request)), None)
        if fault is None:
            return await self._hand_on(request, await request.content.read())
        self.faults.remove(fault)
        self.struck.append(fault)
        return await self._strike(fault, request)

    async def _strike(self, fault: Fault, request: web.BaseRequest) -> web.StreamResponse:
        kind = fault.kind
        if kind is Kind.RESET_IN_BODY:
            await request.content.read(1)
            return _hang_up(request)
        body = await request.content.read()
        if kind in _REFUSALS:
            status, code = _REFUSALS[kind]
            return web.Response(status=status, text=_ERROR.format(code))
        if kind is Kind.LOST_BEFORE:
            return _hang_up(request)
        if kind is Kind.SLOW:
            await asyncio.sleep(self.slowness)
        if kind is Kind.FLIPPED_BODY:
            body = flip(body, fault.bit)
        answer = await self._hand_on(request, body)
        return await _spoiled(answer, fault, request)

    async def _hand_on(self, request: web.BaseRequest, body: bytes) -> web.Response:
        assert self._session is not None
        async with self._session.request(
            request.method,
            URL(self.store + request.raw_path, encoded=True),
            headers=[
                each for each in request.headers.items() if each[0].lower() not in _HOP_BY_HOP
            ],
            data=io.BytesIO(body) if body else b"",
            allow_redirects=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        ) as answer:
            content = await answer.read()
            headers = [each for each in answer.headers.items() if _is_kept(each[0], request)]
        return web.Response(status=answer.status, body=content, headers=headers)


def flip(data: bytes, bit: int) -> bytes:
    """*data* with one bit the other way round; nothing has none."""
    if not data:
        return data
    place, of = divmod(bit % (len(data) * 8), 8)
    return data[:place] + bytes([data[place] ^ (1 << of)]) + data[place + 1 :]


@asynccontextmanager
async def fault_proxy(store: str) -> AsyncIterator[FaultProxy]:
    """A proxy before the *store*, at an address of its own."""
    proxy = FaultProxy(store=store)
    runner = web.ServerRunner(web.Server(proxy.answer), shutdown_timeout=0.1)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(auto_decompress=False, timeout=timeout) as session:
        proxy._session = session
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            proxy.address = "http://{}:{}".format(*runner.addresses[0][:2])
            yield proxy
        finally:
            await runner.cleanup()


async def _spoiled(
    answer: web.Response, fault: Fault, request: web.BaseRequest
) -> web.StreamResponse:
    kind, body = fault.kind, bytes(answer.body or b"")  # type: ignore[arg-type]
    if kind is Kind.LOST_AFTER or (kind is Kind.RESET_IN_ANSWER and not body):
        return _hang_up(request)
    if kind is Kind.RESET_IN_ANSWER:
        return await _half_an_answer(answer, body, request)
    if kind is Kind.CUT_ANSWER:
        answer.headers.pop("Content-Length", None)
        answer.body = body[: len(body) // 2]
    if kind is Kind.FLIPPED_ANSWER:
        answer.body = flip(body, fault.bit)
    if kind is Kind.WRONG_ETAG and "ETag" in answer.headers:
        answer.headers["ETag"] = '"0123456789abcdef0123456789abcdef"'
    if kind is Kind.WRONG_CHECKSUM:
        answer.headers["x-amz-checksum-sha256"] = "A" * 43 + "="
    return answer


async def _half_an_answer(
    answer: web.Response, body: bytes, request: web.BaseRequest
) -> web.StreamResponse:
    begun = web.StreamResponse(status=answer.status, headers=answer.headers)
    begun.content_length = len(body)
    await begun.prepare(request)
    await begun.write(body[: len(body) // 2])
    return _hang_up(request)


def _hang_up(request: web.BaseRequest) -> web.Response:
    """End the connection; the answer goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _is_kept(name: str, request: web.BaseRequest) -> bool:
    """A HEAD has no body whose length could be counted anew."""
    return name.lower() not in _HOP_BY_HOP and (
        request.method == "HEAD" or name.lower() != "content-length"
    )
