"""Seeing devices come and go.

One rule: an event only says that it is time to look; what is true is what the bus lists.  So an
event that is lost, doubled or too early costs time and nothing else: every few seconds we look
anyway.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING

import pyudev

from station.usb.bus import Bus, Changes, Plugged

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)
_LONGEST = 1 << 16
_DRAINED = 1024
"""Events that are taken at once; more come as another look."""


@contextmanager
def udev_hints() -> Iterator[asyncio.Event]:
    """Set whenever something happened on the bus or to a disk, and udev's rules have run."""
    hint, loop = asyncio.Event(), asyncio.get_running_loop()
    monitor = pyudev.Monitor.from_netlink(pyudev.Context(), source="udev")
    monitor.filter_by("usb")
    monitor.filter_by("block")
    monitor.start()

    with socket.socket(fileno=os.dup(monitor.fileno())) as line:
        line.settimeout(0)

        def heard() -> None:
            hint.set()
            drain(line)

        loop.add_reader(line.fileno(), heard)
        try:
            yield hint
        finally:
            loop.remove_reader(line.fileno())


async def changes(
    bus: Bus,
    *,
    every: float,
    hints: Callable[[], AbstractContextManager[asyncio.Event]] = udev_hints,
) -> AsyncGenerator[Changes, None]:
    """What left and what came, without end; what is plugged in already came first.

    Looks after each of *hints*, and *every* so many seconds.  Raises SetupError if this kernel has
    no USB.
    """
    before: tuple[Plugged, ...] = ()
    with hints() as hint:
        while True:
            hint.clear()
            after = await asyncio.to_thread(bus.listing)
            if found := Changes.between(before, after):
                yield found
            before = after
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await hint.wait()


def drain(line: socket.socket) -> None:
    """Take from *line* what waits there: what an event says does not matter.

    Where so many came at once that some were lost, the socket says so once, and is asked on.
    """
    for _ in range(_DRAINED):
        try:
            line.recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError as error:
            _log.info("events of the bus were lost: %s", error.strerror)
