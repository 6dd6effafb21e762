"""The media of a rendition in the making: begun while it is still only likely how to make it.

Most recordings can be copied as they are, and copying costs less than waiting for a prober to say
so.  What was begun in vain is given up, and leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from typing import Self

from evidence.durable import PART
from ingest.rendition import transcode, tray
from ingest.rendition.ffmpeg import Output
from ingest.rendition.media import MEDIA
from ingest.rendition.run import Limits
from ingest.rendition.side_by_side import ended
from ingest.rendition.transcode import Plan
from ingest.rendition.workbench import Made, Workbench

_ENCODED = 0.9
"""Part of the whole work that is done with the media."""


def limits_of(bench: Workbench, chosen: Plan) -> Limits:
    """What a tool may cost that goes through all of the source of *bench* by *chosen*."""
    size = bench.source.path.stat().st_size
    return transcode.limits(chosen, size, float(bench.seconds or 0))


class Encoding:
    """The one ffmpeg that makes a rendition's MP4; ended with the block it is used in."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._output: Output | None = None
        self._task: asyncio.Task[Made] | None = None

    async def begin(self, chosen: Plan) -> None:
        """See that ffmpeg works by *chosen*: let it go on, or give up what it makes otherwise."""
        source = self._bench.source
        output = transcode.output(f"{MEDIA}{PART}", chosen, source)
        if output == self._output:
            return
        await self._give_up()
        limits = limits_of(self._bench, chosen)
        making = self._bench.make(source, (output,), limits, self._tell)
        self._output, self._task = output, asyncio.create_task(making)

    async def done(self) -> None:
        """Return once it is there as ``media.mp4.part``.

        Raises what :meth:`Workbench.make` raises.
        """
        if self._task is None:
            raise ValueError("nothing was begun")
        await self._bench.take(await self._task)

    def _tell(self, seconds: float) -> None:
        if self._bench.seconds:
            self._bench.tell(_ENCODED * min(seconds / float(self._bench.seconds), 1.0))

    async def _give_up(self) -> None:
        task, self._task = self._task, None
        if task is None:
            return
        await ended(task)
        if not task.cancelled() and task.exception() is None:
            await asyncio.to_thread(tray.remove, task.result().tray)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_ending: object) -> None:
        await self._give_up()
