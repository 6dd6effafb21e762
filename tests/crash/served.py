"""A vault in memory that stations reach over HTTP, and whose past can be brought back.

It stands for a store that is durable when it answers, so a power cut on our disk takes nothing
from it: what it held at the moment of the cut is what it holds afterwards.
"""

from __future__ import annotations

import http.server
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from threading import Thread
from typing import Any

from evidence.clock import Clock
from evidence.vault import Bucket, SignedRequest
from evidence.vault.memory import MemoryVault


def nobody(_number: int) -> None:
    """Nobody wants to hear of changes."""


class ServedVault(MemoryVault):
    """``changed`` hears the number of each new state, before anybody is told of the change."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.address = ""
        self.changed: Callable[[int], None] = nobody
        self._past: list[Any] = []

    def barrier(self) -> str:
        """``declared``: as an operator says of a store that is durable when it answers."""
        return "declared"

    def restore(self, number: int | None) -> None:
        """Be as in state *number*; without one as at the very beginning."""
        with self._mutex:
            past = self._past[number] if number is not None else {}
            self._held = {place: dict(versions) for place, versions in past.items()}

    def forget_past(self) -> None:
        """Today is the beginning: no state is known but the present one, which is number 0."""
        with self._mutex:
            self._past = []
            self._keep()

    def serve(self, url: str, body: bytes) -> int:
        """The status for a PUT of *body* to *url*."""
        grant = self._grants.get(url)
        return 403 if grant is None else self.accept(grant.request, body).status

    def _keep(self) -> None:
        self._past.append({place: dict(versions) for place, versions in self._held.items()})
        self.changed(len(self._past) - 1)

    def _store(self, *args: Any, **more: Any) -> Any:
        with self._mutex:
            stored = super()._store(*args, **more)
            self._keep()
            return stored

    def extend_lock(self, *args: Any) -> None:
        with self._mutex:
            super().extend_lock(*args)
            self._keep()

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        with self._mutex:
            super().delete_version(bucket, key, version_id)
            self._keep()

    def _request(self, *args: Any) -> SignedRequest:
        made = super()._request(*args)
        return replace(
            made,
            url=made.url.replace("memory://vault", self.address),
            expires=made.expires + timedelta(hours=1),
        )


@contextmanager
def served_vault(clock: Clock) -> Iterator[ServedVault]:
    """An empty vault that answers signed PUTs on loopback."""
    vault = ServedVault(clock)

    class Door(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(HTTPStatus(vault.serve(vault.address + self.path, body)))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    vault.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
