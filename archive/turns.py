"""Who may store or destroy what lies at one object key, in either vault: one at a time.

One rule: whoever copies, repairs or destroys has the turn at the original's key from the question
whether its clip is still there until the record says what became of it.  Clips of the same bytes
share the key, and so the turn.  Openings that go with a clip have a turn of their own, so that they
never wait for an original that is being copied; who destroys the clip takes it second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class _Turn:
    """The lock of one key, and how many hold it or wait for it."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


@dataclass(slots=True)
class Turns:
    """The turns of one archive, which is the only one that changes its vaults."""

    _held: dict[str, _Turn] = field(default_factory=dict)

    @asynccontextmanager
    async def at(self, key: str) -> AsyncIterator[None]:
        """Alone at *key*, of an original or :func:`openings_of`; whoever came first goes first."""
        turn = self._held.setdefault(key, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._held[key]


def openings_of(clip: str) -> str:
    """The key at which whoever keeps or destroys openings that go with *clip* takes turns."""
    return f"openings of {clip}"


async def to_its_end(work: Callable[P, R], *args: P.args, **more: P.kwargs) -> R:
    """What *work*, which blocks, answers from a thread of its own.

    Who is cancelled meanwhile waits until it has ended: a thread that still stores or destroys
    keeps the turn.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(work, *args, **more))
    try:
        return await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait([thread])
        raise
