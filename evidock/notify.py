"""Telling systemd how it is going: ready, alive, stopping (``sd_notify``, Type=notify).

One rule: alive is said only when every part that was asked has answered just now.  What answers
that it cannot work, since a disk is full or a database is away, is alive: starting it again would
mend nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from evidence.clock import Clock
from evidence.errors import SetupError, TemporaryError

Question = Callable[[], Awaitable[object]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """Whoever started us, as far as it wants to hear; systemd, or nobody."""

    address: str | None = None
    """Name of its datagram socket; ``@`` begins an abstract one.  None: nobody listens."""
    watchdog: float | None = None
    """Seconds after which it takes us for dead if it heard nothing; None: never."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Supervisor:
        """As systemd says in NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.

        SetupError if they make no sense.
        """
        address = environment.get("NOTIFY_SOCKET") or None
        told, whom = environment.get("WATCHDOG_USEC"), environment.get("WATCHDOG_PID")
        if address is not None and address[0] not in "/@":
            raise SetupError(f"NOTIFY_SOCKET={address!r} names no unix socket")
        if not told or whom not in {None, "", str(os.getpid())}:
            return cls(address=address)
        if not (told.isascii() and told.isdecimal() and int(told) > 0):
            raise SetupError(f"WATCHDOG_USEC={told!r} is no number of microseconds")
        return cls(address=address, watchdog=int(told) / 1e6)

    def say(self, *lines: str) -> None:
        """Tell *lines* such as ``READY=1``; what is not heard is logged, and stops nothing."""
        if self.address is None:
            return
        name = f"\0{self.address[1:]}" if self.address[0] == "@" else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
                line.sendto("\n".join(lines).encode("utf-8"), name)
        except OSError as error:
            _log.warning("systemd does not hear %s: %s", lines[0], error)

    @asynccontextmanager
    async def told(self, parts: Mapping[str, Question], clock: Clock) -> AsyncIterator[None]:
        """Ready while the block runs, alive as long as all *parts* answer; then stopping."""
        alive = asyncio.create_task(self._stay_alive(parts, clock), name="watchdog")
        self.say("READY=1", "STATUS=ready")
        try:
            yield
        finally:
            alive.cancel()
            self.say("STOPPING=1", "STATUS=stopping")

    async def _stay_alive(self, parts: Mapping[str, Question], clock: Clock) -> None:
        if self.watchdog is None:
            return
        every = self.watchdog / 4  # two parts that are slow, and the pause, take three of them
        while True:
            if (silent := await _silent(parts, every)) is None:
                self.say("WATCHDOG=1")
            else:
                _log.error("%s does not answer: systemd will start us again", silent)
                self.say(f"STATUS={silent} does not answer")
            await clock.sleep(every)


async def _silent(parts: Mapping[str, Question], seconds: float) -> str | None:
    """The first of *parts* that has no answer within *seconds*; None if all have."""
    for name, ask in parts.items():
        try:
            async with asyncio.timeout(seconds):
                await ask()
        except TemporaryError:
            continue
        except Exception as error:  # noqa: BLE001  whatever it is, it is no answer
            _log.warning("%s answered with an error: %s", name, error)
            return name
    return None
