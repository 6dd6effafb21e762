"""A home at rest: its databases opened for a short question, no vault and no services running."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from archive.service import Archive
from evidence.clock import Clock
from evidence.errors import HomeBusy
from evidock import control
from evidock.home import Home
from evidock.report import report
from station.service import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingHome:
    """What may be asked of a home that does not run."""

    home: Home
    archive: Archive
    station: Station

    async def clips(self) -> dict[str, object]:
        found = report(await self.station.items(), await self.archive.clips(), self.home)
        return found.to_wire()


@asynccontextmanager
async def resting(home: Home, clock: Clock) -> AsyncIterator[RestingHome]:
    """Open *home* without running it.  HomeBusy if it is running."""
    settings = home.existing().settings()
    with home.locked():
        async with (
            Archive.at_rest(settings, home.archive, clock) as archive,
            Station.at_rest(settings, home.station, clock) as station,
        ):
            yield RestingHome(home=home, archive=archive, station=station)


def ask_if_running(home: Home, op: str, **arguments: object) -> dict[str, object] | None:
    """The running process's answer, or None if the home is at rest."""
    home.existing()
    try:
        with home.locked():
            return None
    except HomeBusy:
        return control.ask(home.socket, op, **arguments)
