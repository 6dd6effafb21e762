"""Anchoring the log of a home, whether it runs or rests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from archive.anchoring import anchored
from archive.rebuild.catching_up import Others
from archive.service import Archive
from evidence.anchoring import KeptAnchor
from evidence.clock import Clock, SystemClock
from evidence.vault import Vault
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running
from evidock.vaults import open_vault

ANCHOR = "anchor"
WAIT = 10.0
"""Seconds after which a running home answers that it is not done yet, and is asked again."""


@dataclass(slots=True, kw_only=True)
class Anchoring:
    """The one anchoring a running home does at a time, however often it is asked meanwhile."""

    archive: Archive
    wait: float = WAIT
    _task: asyncio.Task[KeptAnchor] | None = None

    async def answer(self, _request: Mapping[str, object]) -> control.Answer:
        """Begin, or go on; the anchor as it is handed to others, or nothing while it is made."""
        if self._task is None:
            self._task = asyncio.create_task(self.archive.anchor_now())
        task = self._task
        done, _ = await asyncio.wait({task}, timeout=self.wait)
        if not done:
            return {}
        self._task = None
        return {ANCHOR: _line(await task)}

    async def aclose(self) -> None:
        """End what is under way: the home stops."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task


def anchor_home(home: Home) -> str:
    """Anchor the log of *home*; the anchor as it is handed to others, a line of JSON."""
    while (told := ask_if_running(home, ANCHOR)) is not None:
        if ANCHOR in told:
            return str(told[ANCHOR])
    return asyncio.run(_at_rest(home, SystemClock()))


async def anchor_at_rest(home: Home, vault: Vault, clock: Clock) -> str:
    """As :func:`anchor_home`, where nobody runs it: the *vault* is asked before anything is signed.

    The caller holds the home.
    """
    settings = home.settings()
    others = Others.around(vault, settings.agency.name)
    async with Archive.at_rest(settings, home.archive, clock, others) as books:
        return _line(await anchored(books))


async def _at_rest(home: Home, clock: Clock) -> str:
    with home.locked():
        async with open_vault(home, home.settings(), clock, proven=False) as opened:
            return await anchor_at_rest(home, opened.vault, clock)


def _line(kept: KeptAnchor) -> str:
    return kept.to_bytes().decode("ascii")
