"""The media of a rendition in the making: begun while it is still only likely what is asked for.

Most recordings can be copied as they are, and copying costs less than waiting for a prober to say
so.  What was begun in vain is given up, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from typing import Self

from ingest.rendition.ffmpeg import Output
from ingest.rendition.run import Limits
from ingest.rendition.workbench import Workbench

ENCODED = 0.9
"""Part of the whole work that is done with the media."""


class Encoding:
    """The one ffmpeg that makes a rendition's media; ended with the block it is used in."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._output: Output | None = None
        self._task: asyncio.Task[None] | None = None

    async def begin(self, output: Output, limits: Limits) -> None:
        """See that ffmpeg makes *output*: let it go on, or give up what else it makes."""
        if output == self._output:
            return
        await self._end()
        making = self._bench.encode(self._bench.source, (output,), limits, self._tell)
        self._output, self._task = output, asyncio.create_task(making)

    async def done(self) -> None:
        """Return once it is made.  Raises what :meth:`Workbench.encode` raises."""
        if self._task is None:
            raise ValueError("nothing was begun")
        await self._task

    def _tell(self, seconds: float) -> None:
        if self._bench.seconds:
            self._bench.tell(ENCODED * min(seconds / float(self._bench.seconds), 1.0))

    async def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_ending: object) -> None:
        await self._end()
