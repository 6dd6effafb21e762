"""The HTTP of a witness: ``POST /add-checkpoint`` (C2SP tlog-witness), and nothing else.

One rule: whoever may connect may ask.  A yes is worth the log's signature, which every request
carries, so there are no accounts; and a no tells nothing but the size that was seen last.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from evidence.errors import EvidenceError, SetupError, TemporaryError
from evidence.witnessing import MOST_BYTES
from evidock.witness.witness import Answer, Witness

_WITNESS = web.AppKey("witness", Witness)
_NOT_NOW, _BROKEN = 503, 500
_log = logging.getLogger(__name__)


def app(witness: Witness) -> web.Application:
    """The witness as an application."""
    made = web.Application(client_max_size=MOST_BYTES)
    made[_WITNESS] = witness
    made.router.add_post("/add-checkpoint", _add_checkpoint)
    return made


@asynccontextmanager
async def serving(witness: Witness, host: str, port: int) -> AsyncIterator[str]:
    """Serve *witness* until the block ends: its submission prefix.

    SetupError if the address is taken.
    """
    runner = web.AppRunner(app(witness), handle_signals=False, access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SetupError(
                f"cannot listen on {host}, port {port}: {error.strerror}",
                advice="Another program may use it: name another --host or --port.",
            ) from error
        address = runner.addresses[0]
        yield f"http://{address[0]}:{address[1]}"
    finally:
        await runner.cleanup()


async def _add_checkpoint(request: web.Request) -> web.Response:
    witness, body = request.app[_WITNESS], await request.read()
    # Shielded: a caller that hangs up does not leave a decision half way between disk and lock.
    answer = await asyncio.shield(asyncio.to_thread(_answer, witness, body))
    return web.Response(
        body=answer.body,
        status=answer.status,
        headers={"Content-Type": answer.content_type, "Cache-Control": "no-store"},
    )


def _answer(witness: Witness, body: bytes) -> Answer:
    """The answer; what keeps us from one is said without a cosignature."""
    try:
        return witness.answer(body)
    except EvidenceError as error:
        _log.error("not answered: %s. %s", error, error.advice)
        status = _NOT_NOW if isinstance(error, TemporaryError) else _BROKEN
        return Answer(status=status, body=f"{error}\n{error.advice}\n".encode())
