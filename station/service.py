"""The station as a service: one workstation with its journal, its key and its board.

One rule: it starts, shows its board and takes cameras in whatever state the archive is in; the
first start alone needs the archive, since an entry cannot be signed before the station has its id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Self

from aiohttp import web

from evidence import durable
from evidence.errors import SetupError, TemporaryError
from ingest.archive_client import ArchiveClient
from station.approval import approvals
from station.board import board
from station.calls import Calls
from station.desk import Desk
from station.disk.rescue import clear_unfinished
from station.docking_receipt import check_receipt
from station.enrol import Enrolment, pinned_log_key, stored_key
from station.imports.desk import ImportDesk, at_the_dock
from station.imports.dock import Begun
from station.imports.order import ImportOrder
from station.issuing import Issue, Issuing
from station.journal.journal import FILE, Journal
from station.journal.records import ItemRow
from station.kiosk import Kiosk, Own, Unheard
from station.kiosk_page import KioskDoor
from station.mustering import axis_door, crew_of, with_axis
from station.parts import StationParts, never
from station.postage import Postage
from station.receipts import Receipts
from station.repinning import follow_log_key
from station.slots import Rack
from station.standing import SendingHours
from station.supervision import first_of, in_words
from station.supplies import supplies_in
from station.usb.passwords import read_passwords
from station.view import StationView, Totals
from station.workstation import Workstation

__all__ = ["Station", "StationParts", "never"]

_SOON = 0.02
_log = logging.getLogger(__name__)


class Station:
    """A running station.  Made by :meth:`running` only."""

    def __init__(self, parts: StationParts) -> None:
        self._parts = parts
        self.clock = parts.clock
        self.supplies = supplies_in(parts.folder, parts.settings.station)
        """What is kept for cameras."""
        self.axis = axis_door(parts)
        """The door for Axis body worn systems, if there is one."""
        self.imports = ImportDesk((parts.folder, parts.docks), parts.settings.station)
        self._waiting: str | None = None
        self._unfollowed: str | None = None
        self._ready = asyncio.Event()
        self._workstation: Workstation | None = None
        self._desk: Desk | None = None
        self._rack = Rack.of(parts.settings.station.slots)
        self._calls: Calls | None = None
        self._issuing: Issuing | None = None
        self._kiosk: Kiosk | None = None
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._archive = ArchiveClient(parts.archive_url, parts.clock)
        self._enrolment = Enrolment(
            folder=parts.folder,
            name=parts.settings.station.name,
            archive=self._archive,
            clock=parts.clock,
            code=parts.enrolment_code,
        )
        door = KioskDoor(own=self.own, choose=self.choose)
        badges = (self.tap, door) if parts.settings.station.assignment == "badge" else ()
        self.board_app: web.Application = board(self.snapshot, self.call, *badges)

    @classmethod
    @asynccontextmanager
    async def running(cls, parts: StationParts) -> AsyncIterator[Self]:
        """A station at work.  Raises SetupError for bad profiles, keys or folders."""
        _prepare(parts)
        station = cls(parts)
        door = nullcontext() if station.axis is None else station.axis.open()
        async with station._archive, door:
            station._enrolment.check()
            work = asyncio.create_task(station._work(), name="station")
            station._ended = work
            try:
                yield station
            finally:
                work.cancel()
                await asyncio.wait([work])
                if not work.cancelled() and (error := work.exception()) is not None:
                    _log.error("the station had ended: %s", error)

    def snapshot(self) -> StationView:
        """What people see of the station now."""
        view = self._waiting_view if self._workstation is None else self._workstation.view
        view = replace(view, problems=(*view.problems, *filter(None, [self._unfollowed])))
        marked = view if self._calls is None else self._calls.marked(view)
        racked = replace(marked, cards=self._rack.arranged(marked.cards))
        return racked if self._issuing is None else self._issuing.marked(racked)

    @property
    def _waiting_view(self) -> StationView:
        return StationView(
            name=self._parts.settings.station.name,
            cards=(),
            totals=Totals(),
            problems=() if self._waiting is None else (self._waiting,),
        )

    async def call(self, place: str) -> None:
        """Call a supervisor to *place*, the empty one being the station.

        TemporaryError if it cannot be recorded.
        """
        await self._open_calls.call(place)

    async def answer(self, place: str | None, by: str) -> list[str]:
        """As :meth:`Calls.answer`.  TemporaryError if it cannot be recorded."""
        return await self._open_calls.answer(place, by)

    async def hand_in(self, order: ImportOrder) -> Begun:
        """As :meth:`ImportDesk.begin`, once the station works."""
        await self._started()
        return await self.imports.begin(order)

    async def check_receipt(self, text: str) -> list[str]:
        """As :func:`station.docking_receipt.check_receipt`."""
        await self._started()
        parts, key = self._parts, stored_key(self._parts.folder)
        if self._desk is None or key is None:
            return ["this station has not worked yet"]
        kept = Receipts(folder=parts.receipts, log=pinned_log_key(parts.folder))
        return await check_receipt(self._desk, kept, key.station, text)

    @property
    def issuing(self) -> Issuing:
        """Who takes which camera; TemporaryError while the station is not enrolled."""
        if self._issuing is None:
            raise TemporaryError("the station is not enrolled yet, so it can record nobody")
        return self._issuing

    async def tap(self, badge: str) -> Issue:
        """As :meth:`Issuing.tap`.  TemporaryError if it cannot be recorded."""
        return await self.issuing.tap(self.snapshot, badge)

    async def own(self, badge: str) -> Own | Unheard:
        """As :meth:`Kiosk.own`.  TemporaryError while the station is not enrolled."""
        return await self._open_kiosk.own(badge)

    async def choose(self, token: str, clip: str, what: str, value: str) -> str | Unheard:
        """As :meth:`Kiosk.choose`.  TemporaryError if it cannot be recorded."""
        return await self._open_kiosk.choose(token, clip, what, value)

    @property
    def _open_kiosk(self) -> Kiosk:
        if self._kiosk is None:
            raise TemporaryError("the station is not enrolled yet, so it can record nothing")
        return self._kiosk

    @property
    def _open_calls(self) -> Calls:
        if self._calls is None:
            raise TemporaryError("the station is not enrolled yet, so it can record no call")
        return self._calls

    async def wait_ended(self) -> None:
        """Wait as long as the station works.  Raises what ended it, such as a refused enrolment."""
        await asyncio.shield(self._ended)

    async def wait_settled(self) -> None:
        """Return once every card was looked at and every clip is where it can get from here.

        Raises what keeps the station from working for good, if there is such a thing.
        """
        await self._started()
        if self._workstation is not None:
            await self._workstation.settled()

    async def items(self) -> list[ItemRow]:
        """Every file ever seen on a card, in the order of finding."""
        await self._started()
        return [] if self._desk is None else await self._desk.ask(Journal.items)

    async def copy_journal(self, into: Path) -> bool:
        """Write a whole copy of the journal to the new file *into*; whether there is one yet."""
        if self._desk is None:
            return False
        await self._desk.ask(lambda journal: journal.snapshot(into))
        return True

    async def answers(self) -> None:
        """Return once the journal has answered a question; at once while there is none yet."""
        if self._desk is not None:
            await self._desk.ask(Journal.last_number)

    async def _started(self) -> None:
        while not self._ready.is_set():
            if self._ended.done():
                await self.wait_ended()
            await asyncio.sleep(_SOON)

    async def _work(self) -> None:
        parts = self._parts
        key = await self._enrolment.key(self._wait_because)
        self._archive.sign_as(key)
        journal = await asyncio.to_thread(Journal.open, parts.folder / FILE, key, parts.clock)
        async with Desk(journal) as desk:
            calls = Calls(desk)
            await calls.take_up()
            self._calls = calls
            self._unfollowed = await follow_log_key(parts.folder, self._archive, desk)
            issuing = Issuing(desk, parts.settings.station)
            await issuing.take_up()
            self._issuing = issuing
            self._kiosk = Kiosk(desk=desk, archive=self._archive, clock=parts.clock)
            crew = with_axis(crew_of(parts, issuing, self._archive, key.station), self.axis)
            crew = at_the_dock(crew, self.imports)
            self._workstation, self._desk = Workstation(crew), desk
            self.imports.open(desk, self._workstation.card)
            self._ready.set()
            try:
                await self._workstation.run()
            except ExceptionGroup as group:
                raise first_of(group) from group

    def _wait_because(self, error: TemporaryError) -> None:
        self._waiting = in_words(error)


def _prepare(parts: StationParts) -> None:
    if not parts.docks.is_dir():
        raise SetupError(f"the dock root {parts.docks} is not a folder")
    for folder in (parts.folder / name for name in ("staging", "scratch", "images")):
        durable.make_folder(folder)
    clear_unfinished(parts.folder / "images")
    for folder in (parts.folder, parts.receipts):
        durable.take_over(folder)
    approvals(parts.settings.station)
    Postage.of(parts.settings.mail, parts.settings.notices.to)
    SendingHours.of(parts.settings.station, parts.clock)
    if parts.settings.station.usb:
        parts.host.bus.listing()
        read_passwords(parts.settings.station.camera_passwords)
