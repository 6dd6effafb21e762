"""The door as a part of a running station.

One rule: it opens only where its settings are whole, and never without TLS off loopback.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from evidence.clock import Clock
from evidence.digest import BLOCK
from evidence.errors import SetupError
from evidence.settings import AxisSettings
from ingest.staging import RESERVE
from station.axis.card import AxisDock
from station.axis.connection import address, tls
from station.axis.credentials import Tokens, credentials_in
from station.axis.door import Door
from station.axis.spool import Spool

FOLDER = "axis"
_IDLE = 75.0
"""Seconds after which a connection on which nothing is asked is closed."""
_log = logging.getLogger(__name__)


class AxisService:
    """The door of one station, closed until :meth:`open`."""

    def __init__(
        self, settings: AxisSettings, folder: Path, clock: Clock, *, reserve: int = RESERVE
    ) -> None:
        """Prepare the spool in *folder*, the station's own.  Blocks; SetupError as in settings."""
        self._settings = settings
        self._tls = tls(settings)
        self._url = address(settings) if settings.url else ""
        spool = Spool(folder=folder / FOLDER, clock=clock, reserve=reserve)
        spool.prepare()
        self.dock = AxisDock(spool)
        self.door = Door(
            spool=spool,
            credentials=credentials_in(folder),
            tokens=Tokens(clock=clock),
            url=self._url,
            parallel=settings.parallel_uploads,
            patience=settings.patience_seconds,
        )
        self.address = ""
        """Where it listens, once it does."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Let controllers in until the block ends.  SetupError if the port is taken."""
        runner = web.AppRunner(
            self.door.app(),
            handle_signals=False,
            access_log=None,
            shutdown_timeout=2.0,
            keepalive_timeout=_IDLE,
            read_bufsize=BLOCK,
        )
        await runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            try:
                await web.TCPSite(runner, host, port, ssl_context=self._tls).start()
            except OSError as error:
                raise SetupError(
                    f"[axis] cannot listen on {host}, port {port}: {error.strerror}",
                    advice="Another program may use it: name another host or port.",
                ) from error
            scheme = "http" if self._tls is None else "https"
            self.address = f"{scheme}://{host}:{runner.addresses[0][1]}"
            _log.info("System Controllers of Axis are let in at %s", self._url or self.address)
            yield
        finally:
            await runner.cleanup()
