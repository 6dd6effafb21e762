"""A whole yard for tests: a real archive over the run's real engine, and stations at work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from argon2 import PasswordHasher

from archive.service import Archive, ArchiveParts
from evidence.clock import Clock, SystemClock
from evidence.mail_settings import MailSettings
from evidence.settings import (
    AgencySettings,
    AxisSettings,
    Settings,
    StationSettings,
    WitnessesSettings,
)
from evidence.vault import SINGLE_PUT_MAX, Vault
from ingest.rendition.tools import Tools
from station.at_rest import stored_items
from station.card import Card, FolderCard
from station.journal.records import ItemRow
from station.service import Station, StationParts
from station.usb.host import Host

LONGEST = float(os.environ.get("EVIDOCK_TESTS_WAIT", "60"))
"""Seconds that are waited: the lease of a job that was killed lasts 15 of them.

A machine that is emulated takes many times as long for the same, and says so there.
"""


def _quick() -> StationSettings:
    return StationSettings(rescan_seconds=0.05, settle_seconds=0.05)


class Ahead(SystemClock):
    """A clock that is hours ahead."""

    def __init__(self, hours: float) -> None:
        self._ahead = timedelta(hours=hours)

    def now(self) -> datetime:
        return super().now() + self._ahead


@dataclass(slots=True, kw_only=True)
class Yard:
    """Folders of one home, and what runs in it."""

    home: Path
    vault: Vault
    station_settings: StationSettings = field(default_factory=_quick)
    axis: AxisSettings = field(default_factory=AxisSettings)
    witnesses: WitnessesSettings = field(default_factory=WitnessesSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    port: int = 0
    """The archive's port, kept over restarts."""
    archive_url: str = ""
    """Where stations find it, if something stands in between."""
    single_put_max: int = SINGLE_PUT_MAX
    open_card: Callable[[Path], Card] = FolderCard
    erase: bool = False
    clock: Clock = field(default_factory=SystemClock)
    tools: Tools = field(default_factory=Tools.find)
    host: Host = field(default_factory=Host)

    def __post_init__(self) -> None:
        for folder in (self.docks, self.receipts, self.home / "station"):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def docks(self) -> Path:
        return self.home.parent / "docks"

    @property
    def receipts(self) -> Path:
        return self.home / "receipts"

    @property
    def staging(self) -> Path:
        return self.home / "station" / "staging"

    @property
    def settings(self) -> Settings:
        """Those of the archive."""
        return Settings(agency=AgencySettings(name="yard"), witnesses=self.witnesses)

    def card(self, name: str, files: Mapping[bytes, bytes]) -> Path:
        """Dock a card that holds *files* (path -> bytes)."""
        folder = os.path.join(os.fsencode(self.docks), os.fsencode(name))
        os.makedirs(folder, exist_ok=True)
        for path, data in files.items():
            whole = os.path.join(folder, path)
            os.makedirs(os.path.dirname(whole), exist_ok=True)
            with open(whole, "wb") as stream:
                stream.write(data)
        return self.docks / name

    def journal(self) -> list[ItemRow]:
        """What the journal tells while no station runs."""
        return stored_items(self.home / "station", self.clock)

    @asynccontextmanager
    async def archive(self) -> AsyncIterator[Archive]:
        """The archive, serving on loopback; the same port whenever it is started again."""
        parts = ArchiveParts(
            settings=self.settings,
            folder=self.home / "archive",
            vault=self.vault,
            clock=self.clock,
            single_put_max=self.single_put_max,
            part_size=5 * 1024**2,
            hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        )
        async with Archive.running(parts) as archive:
            runner = web.AppRunner(archive.app, shutdown_timeout=0.1)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", self.port)
            await site.start()
            self.port = runner.addresses[0][1]
            try:
                yield archive
            finally:
                await runner.cleanup()

    @asynccontextmanager
    async def station(
        self, archive: Archive | None = None, reserve: int = 0
    ) -> AsyncIterator[Station]:
        """A station at work; it enrols with *archive* if it never did."""

        async def code() -> str:
            assert archive is not None
            return await archive.enrolment_code("yard")

        parts = StationParts(
            settings=Settings(station=self.station_settings, axis=self.axis, mail=self.mail),
            folder=self.home / "station",
            docks=self.docks,
            receipts=self.receipts,
            archive_url=self.archive_url or f"http://127.0.0.1:{self.port}",
            enrolment_code=None if archive is None else code,
            clock=self.clock,
            tools=self.tools,
            reserve=reserve,
            open_card=self.open_card,
            may_erase=lambda _folder: self.erase,
            host=self.host,
        )
        async with Station.running(parts) as station:
            yield station


async def once(yard: Yard, within: float = LONGEST) -> list[ItemRow]:
    """Run archive and station until all is settled; every file ever seen."""
    async with yard.archive() as archive, yard.station(archive) as station:
        await settled(station, within)
        return await station.items()


async def seen(holds: Callable[[], bool]) -> None:
    """Wait until *holds*, at most as long as this machine may take (LONGEST)."""
    async with asyncio.timeout(LONGEST):
        while not holds():  # noqa: ASYNC110  bounded, and anything may be asked
            await asyncio.sleep(0.02)


async def settled(station: Station, within: float = LONGEST) -> None:
    """Wait, *within* seconds at most, until the station has done all it can."""
    async with asyncio.timeout(within):
        await station.wait_settled()
