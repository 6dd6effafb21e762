"""Somebody between the player and the browser, who changes what passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, Route

Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meddler:
    """Changes the answers that one page gets."""

    page: Page

    def change(self, address: str, change: Change, *, at: int | None = None) -> None:
        """Pass what comes from *address* (a glob) through *change*.

        With *at* only the byte range that begins there.
        """

        def meddle(route: Route) -> None:
            asked = route.request.headers.get("range", "")
            if at is not None and not asked.startswith(f"bytes={at}-"):
                route.fallback()
                return
            answer = route.fetch()
            route.fulfill(response=answer, body=change(answer.body()))

        self.page.route(address, meddle)

    def proofs(self, change: Callable[[dict[str, object]], None]) -> None:
        """Let *change* alter the proofs, parsed."""

        def altered(body: bytes) -> bytes:
            told = json.loads(body)
            change(told)
            return json.dumps(told).encode()

        self.change("**/provenance", altered)


def flip(body: bytes) -> bytes:
    """One bit in the middle."""
    changed = bytearray(body)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)
