"""A home at rest: its databases opened for a short question, no vault and no services running."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import msgspec

from archive.books import Books
from archive.service import Archive
from evidence.clock import Clock
from evidence.errors import HomeBusy, TemporaryError
from evidock import control
from evidock.home import Home
from evidock.report import report
from station.at_rest import stored_items
from station.journal.records import ItemRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RestingHome:
    """What may be asked of a home that does not run."""

    home: Home
    archive: Books
    items: list[ItemRow]

    async def clips(self) -> dict[str, object]:
        """The clips of the home, as the contract's JSON."""
        return report(self.items, await self.archive.clips(), self.home).to_wire()

    async def fleet(self) -> dict[str, object]:
        """How stations and cameras are, as the API's message."""
        return cast("dict[str, object]", msgspec.to_builtins(await self.archive.fleet()))


@asynccontextmanager
async def resting(home: Home, clock: Clock) -> AsyncIterator[RestingHome]:
    """Open *home* without running it.  HomeBusy if it is running."""
    settings = home.existing().settings()
    with home.locked():
        items = stored_items(home.station, clock)
        async with Archive.at_rest(settings, home.archive, clock) as archive:
            yield RestingHome(home=home, archive=archive, items=items)


def ask_running(home: Home, op: str, **arguments: object) -> dict[str, object]:
    """The running process's answer; TemporaryError if the home is at rest."""
    told = ask_if_running(home, op, **arguments)
    if told is None:
        raise TemporaryError(
            f"{home.folder} does not run, so its station does nothing",
            advice=f"Start it: evidock up --home {home.folder}",
        )
    return told


def ask_if_running(home: Home, op: str, **arguments: object) -> dict[str, object] | None:
    """The running process's answer, or None if the home is at rest."""
    home.existing()
    try:
        with home.locked():
            return None
    except HomeBusy:
        return control.ask(home.socket, op, **arguments)
