"""Seeing devices come and go.

One rule: an event only says that it is time to look; what is true is what the bus lists.  So an
event that is lost, doubled or too early costs time and nothing else: every few seconds we look
anyway.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pyudev

from station.usb.bus import Bus, Changes, Plugged

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)
_DRAINED = 1024
"""Events that are taken at once; more come as another look."""


async def changes(bus: Bus, *, every: float, source: str = "udev") -> AsyncIterator[Changes]:
    """What left and what came, without end; what is plugged in already came first.

    Looks after each event, and *every* so many seconds.  *source* is ``udev``, whose events come
    when its rules have run, or ``kernel`` where there is no udev.  Raises SetupError if this kernel
    has no USB.
    """
    before: tuple[Plugged, ...] = ()
    with _hints(source) as hint:
        while True:
            hint.clear()
            after = await asyncio.to_thread(bus.listing)
            if found := Changes.between(before, after):
                yield found
            before = after
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await hint.wait()


@contextmanager
def _hints(source: str) -> Iterator[asyncio.Event]:
    """Set whenever something happened on the bus or to a disk."""
    hint, loop = asyncio.Event(), asyncio.get_running_loop()
    monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source=source)
    monitor.filter_by("usb")
    monitor.filter_by("block")
    monitor.start()

    def heard() -> None:
        hint.set()
        try:
            for _ in range(_DRAINED):
                if monitor.poll(timeout=0) is None:
                    return
        except OSError as error:  # so many at once that some were lost: we look, which is all
            _log.info("events of the bus were lost: %s", error.strerror)

    loop.add_reader(monitor.fileno(), heard)
    try:
        yield hint
    finally:
        loop.remove_reader(monitor.fileno())
