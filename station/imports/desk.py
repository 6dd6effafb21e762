"""The desk where imports are asked for, and where one is told how far they are.

One rule: an import is done when each of its files is archived, or it is said why not; until then it
can be left at any moment, and goes on where it was when it is asked for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from evidence.errors import CameraError, TemporaryError
from evidence.names import shown
from evidence.settings import StationSettings
from station.desk import Desk
from station.dock import Docks
from station.docking import DockedCard
from station.imports.dock import Begun, ImportDock
from station.imports.names import ImportNames
from station.imports.order import ImportOrder, is_import
from station.journal.arrivals import Arrived, HandedFile
from station.journal.journal import Journal
from station.view import CardView
from station.workstation import Crew


class Stage(StrEnum):
    """How far an import is."""

    WAITING = "waiting"
    """Its card is about to be taken up."""
    READING = "reading"
    """Files are listed, copied and checked."""
    ARCHIVING = "archiving"
    """The source is not needed any more; some files are not archived yet."""
    DONE = "done"
    GONE = "gone"
    """The source is not there any more."""
    ENDED = "ended"
    """No such import is under way."""


_NOTHING = Arrived()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How far an import is, and in numbers."""

    stage: Stage
    arrived: Arrived = _NOTHING
    view: CardView | None = None
    problem: str | None = None


class ImportDesk:
    """One station's; it answers only while the station works."""

    def __init__(self, never: Sequence[Path], settings: StationSettings) -> None:
        self.dock = ImportDock()
        self._settings = settings
        self._never = tuple(never)
        self._desk: Desk | None = None
        self._card: Callable[[bytes], DockedCard | None] = _no_card

    def open(self, desk: Desk, card: Callable[[bytes], DockedCard | None]) -> None:
        """From now on, the journal and the docked cards can be asked."""
        self._desk, self._card = desk, card

    @property
    def never(self) -> tuple[Path, ...]:
        """Folders of which nothing may be imported: the station's own, and its dock root."""
        return self._never

    def names(self, profile: str) -> ImportNames:
        """As :meth:`ImportNames.of`.  Blocks."""
        return ImportNames.of(profile, self._settings)

    async def begin(self, order: ImportOrder) -> Begun:
        """Let *order* stand at the dock.  Errors as :meth:`ImportDock.begin`.

        One that has done all it can makes way, if whoever asked for it never came back.
        """
        if (identity := self.dock.cards().get(order.slot)) is not None:
            before = Begun(slot=order.slot, identity=identity)
            if (await self.told(before)).stage in {Stage.DONE, Stage.GONE}:
                self.dock.end(before)
        return await asyncio.to_thread(self.dock.begin, order)

    async def told(self, begun: Begun) -> Told:
        """How far *begun* is."""
        slot, identity = begun.slot, begun.identity
        arrived = await self._asked.ask(partial(Journal.arrived, slot=slot, identity=identity))
        card = self._card(slot)
        if self.dock.cards().get(slot) != identity:
            return Told(stage=Stage.ENDED, arrived=arrived)
        if card is not None and card.identity != identity:
            return Told(stage=Stage.WAITING)  # it is the one before, and about to leave
        if card is None or card.has_ended:
            return await self._without_card(slot, arrived)
        stage = Stage.ARCHIVING if arrived.under_way else Stage.DONE
        if not card.is_settled:
            stage = Stage.READING
        return Told(stage=stage, arrived=arrived, view=card.view)

    async def files(self, begun: Begun) -> list[HandedFile]:
        """Every file of *begun*."""
        slot, identity = begun.slot, begun.identity
        return await self._asked.ask(partial(Journal.handed_in, slot=slot, identity=identity))

    async def _without_card(self, slot: bytes, arrived: Arrived) -> Told:
        """It was not taken up yet, or its source has left."""
        try:
            card = await asyncio.to_thread(self.dock.open, slot)
        except CameraError as error:
            stage = Stage.READING if arrived.stands else Stage.GONE
            return Told(stage=stage, arrived=arrived, problem=f"{shown(slot)}: {error}")
        card.close()
        return Told(stage=Stage.WAITING)

    @property
    def _asked(self) -> Desk:
        if self._desk is None:
            raise TemporaryError("the station is not enrolled yet, so nothing can be imported")
        return self._desk


def _no_card(_slot: bytes) -> DockedCard | None:
    return None


def at_the_dock(crew: Crew, imports: ImportDesk) -> Crew:
    """*crew* with what is handed in at its dock, which is never erased, whatever the settings."""
    others = crew.may_erase
    return replace(
        crew,
        dock=Docks((*crew.dock.docks, imports.dock)),
        may_erase=lambda folder: not is_import(folder) and others(folder),
    )
