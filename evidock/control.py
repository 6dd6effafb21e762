"""Asking the process that holds a home: one JSON request, one JSON answer, over a unix socket.

The socket lies in the home, which only its owner may enter: whoever can connect owns the home.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from evidence.errors import EvidenceError, HomeBusy, RunningHomeRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

Answer = Mapping[str, object]
Operation = Callable[[Mapping[str, object]], Awaitable[Answer]]

_LINE_LIMIT = 1 << 30
"""A list of a million clips is one line."""


@contextmanager
def _short_name(path: Path) -> Iterator[str]:
    """A name for *path* that fits a socket address (108 bytes) however deep the home lies."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


@asynccontextmanager
async def serving(path: Path, operations: Mapping[str, Operation]) -> AsyncIterator[None]:
    """Answer requests on the socket at *path* until the block ends.

    The caller holds the home's lock, so a socket that lies there is a dead process's.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with _short_name(path) as name:
        listener.bind(name)
    path.chmod(0o600)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(await _answer_line(await reader.readline(), operations))
            await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, sock=listener, limit=_LINE_LIMIT)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _answer_line(line: bytes, operations: Mapping[str, Operation]) -> bytes:
    try:
        request = json.loads(line)
        operation = operations[request.pop("op")]
    except (ValueError, KeyError, AttributeError, TypeError):
        known = ", ".join(sorted(operations))
        reply: Answer = {"error": f"a request is a JSON object with op = one of {known}"}
    else:
        try:
            reply = {"ok": await operation(request)}
        except EvidenceError as error:
            reply = {"error": str(error), "advice": error.advice, "exit_code": error.exit_code}
        except KeyError as error:
            reply = {"error": f"the request lacks a field: {error}"}
        except ValueError as error:
            reply = {"error": f"the request misstates something: {error}"}
    return json.dumps(reply).encode("utf-8") + b"\n"


def ask(path: Path, op: str, **arguments: object) -> dict[str, object]:
    """What the process at the socket *path* answers.

    HomeBusy if the home is held but its process does not answer (starting or stopping).
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.settimeout(120)
            with _short_name(path) as name:
                link.connect(name)
            link.sendall(json.dumps({"op": op, **arguments}).encode("utf-8") + b"\n")
            with link.makefile("rb") as stream:
                reply = json.loads(stream.readline())
    except (OSError, ValueError) as error:
        raise HomeBusy(
            f"the process that holds {path.parent} does not answer: {error}",
            advice="It may be starting or stopping; try again in some seconds.",
        ) from error
    if "error" in reply:
        raise RunningHomeRefused(reply["error"], advice=reply.get("advice"))
    answered: dict[str, object] = reply["ok"]
    return answered
