"""Requests to witnesses over HTTP.

One rule: whatever keeps an answer from coming is a TemporaryError that names the witness: nothing
here stops the log.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from archive.log.asking import Post, Reply
from evidence.errors import SetupError, TemporaryError
from evidence.policy import Witness
from evidence.witnessing import MOST_BYTES


def trusted_by(ca_file: str) -> ssl.SSLContext | None:
    """Who may certify a witness's address; None: whom the machine trusts.  SetupError if none."""
    if not ca_file:
        return None
    try:
        return ssl.create_default_context(cafile=Path(ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SetupError(f"[witnesses] ca_file {ca_file}: {error}") from error


@asynccontextmanager
async def posts(
    patience: float, trusted: ssl.SSLContext | None
) -> AsyncIterator[Callable[[Witness], Post]]:
    """What sends requests to a witness that has a URL, each within *patience* seconds."""
    connector = aiohttp.TCPConnector(ssl=trusted if trusted is not None else True)
    timeout = aiohttp.ClientTimeout(total=patience)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:

        def to(witness: Witness) -> Post:
            async def post(body: bytes) -> Reply:
                return await _post(session, witness, body)

            return post

        yield to


async def _post(session: aiohttp.ClientSession, witness: Witness, body: bytes) -> Reply:
    url = f"{(witness.url or '').removesuffix('/')}/add-checkpoint"
    try:
        async with session.post(url, data=body, allow_redirects=False) as answer:
            read = bytearray()
            async for chunk in answer.content.iter_any():
                read += chunk
                if len(read) > MOST_BYTES:
                    raise TemporaryError(f"the answer of {witness.name} at {url} is too long")
            return Reply(status=answer.status, body=bytes(read))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise TemporaryError(
            f"the witness {witness.name} at {url} does not answer: {type(error).__name__} {error}"
        ) from error
