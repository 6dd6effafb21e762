"""A file as an answer, block by block: none is ever in memory whole."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

_BLOCK = 1 << 18
_log = logging.getLogger(__name__)


async def sent(
    request: web.Request, file: Path, headers: Mapping[str, str], patience: float
) -> web.StreamResponse:
    """The answer that *file* was sent as, whole, within *patience* seconds or cut short."""
    response = web.StreamResponse(headers=dict(headers))
    response.content_type = "application/octet-stream"
    response.content_length = (await asyncio.to_thread(file.stat)).st_size
    try:
        async with asyncio.timeout(patience):
            await response.prepare(request)
            await _copied(file, response)
    except ConnectionResetError:
        _log.info("%s: whoever asked went away", request.path)
    except TimeoutError:
        # Headers are gone already: cut the connection, so that a short answer is seen as one.
        _log.warning("%s: not taken within %.0f s", request.path, patience)
        if request.transport is not None:
            request.transport.abort()
    return response


async def _copied(file: Path, response: web.StreamResponse) -> None:
    stream = await asyncio.to_thread(file.open, "rb")
    try:
        while block := await asyncio.to_thread(stream.read, _BLOCK):
            await response.write(block)
        await response.write_eof()
    finally:
        stream.close()
