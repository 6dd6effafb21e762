"""Anchoring the log of a home, whether it runs or rests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from archive.anchoring import anchored
from archive.service import Archive
from evidence.anchoring import KeptAnchor
from evidence.clock import SystemClock
from evidock import control
from evidock.home import Home
from evidock.resting import ask_if_running, resting

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
    return asyncio.run(_at_rest(home))


async def _at_rest(home: Home) -> str:
    async with resting(home, SystemClock()) as still:
        return _line(await anchored(still.archive))


def _line(kept: KeptAnchor) -> str:
    return kept.to_bytes().decode("ascii")
