"""The workstation: every card at the dock, and every clip on its way, each supervised alone.

One rule: nothing here knows how a step is done.  A clip's standing says which step is next, the
step's lane does it, and so it goes on until the journey is over, today or after a restart.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from evidence.clock import Clock, stamp
from evidence.digests import maker_if
from evidence.errors import CameraError, CardGone, IntegrityError, TemporaryError
from evidence.names import shown
from evidence.settings import StationSettings
from ingest.journey import Step, next_step
from ingest.pace import Pace
from station.approval import Approvals
from station.cosigning import Cosigning
from station.desk import Desk
from station.dock import Bell, Docks
from station.docking import DockedCard
from station.fleet import Fleet
from station.issuing import Issuing
from station.journal.journal import Journal
from station.journal.records import ClipRecord
from station.lane import Lane
from station.leaving import card_left
from station.outbox import Outbox
from station.post import Post
from station.releasing import ReleaseMeans
from station.shop import Shop
from station.standing import Room, SendingHours
from station.steps import Steps
from station.supervision import in_words, supervised
from station.turns import Turns
from station.usb.ports import UsbPorts
from station.view import CardView, StationView, Totals, Word

_QUICK = 2
"""Workers of the lanes whose work is short."""

_SENT_AND_HEARD = 2
"""For each clip whose bytes are sent, as many wait to hear that theirs were read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What a workstation is made of."""

    settings: StationSettings
    desk: Desk
    dock: Docks
    ports: UsbPorts | None
    """The part of the dock that must be run."""
    watched: Path
    """A folder whose changes mean that it is time to look at the dock."""
    approvals: Approvals
    """The camera profiles that are used."""
    steps: Steps
    outbox: Outbox
    clock: Clock
    turns: Turns
    issuing: Issuing
    """Who wears which camera."""
    release: ReleaseMeans
    """How cameras are let to forget."""
    may_erase: Callable[[bytes], bool]
    """Whether the card in this folder may be erased at all."""
    hours: SendingHours
    """When all clips are sent."""
    pace: Pace
    """How fast cards are read, all together."""
    fleet: Fleet
    """Tells the archive how station and cameras are."""
    cosigning: Cosigning
    """Knows what the witnesses have seen."""
    post: Post | None
    """Mails receipts, if the settings name boxes."""


class Workstation:
    """Runs cards and lanes until cancelled."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._shop = Shop(
            settings=crew.settings,
            desk=crew.desk,
            staging=crew.steps.staging,
            clock=crew.clock,
            approvals=crew.approvals,
            turns=crew.turns,
            pace=crew.pace,
            forward=self.forward,
            issuing=crew.issuing,
            release=crew.release,
            cosigning=crew.cosigning,
            may_erase=crew.may_erase,
            sm3=maker_if(crew.settings.also_sm3, "[station] also_sm3 is true"),
        )
        self._cards: dict[bytes, DockedCard] = {}
        self._left: dict[bytes, CardView] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._totals = Totals()
        self._looks = 0
        self._dock_problems: tuple[str, ...] = ()
        self._absent_settled = False
        self._room = Room(
            staging=crew.steps.staging,
            desk=crew.desk,
            clock=crew.clock,
            warn_days=crew.settings.warn_days,
        )
        self._lanes: Mapping[Step, Lane] = {
            step: self._lane(step, workers)
            for step, workers in {
                Step.VERIFY: 1,
                Step.SEND: _SENT_AND_HEARD * crew.settings.parallel_uploads,
                Step.RECEIPT: _QUICK,
                Step.DERIVE: crew.settings.parallel_renditions,
                Step.FREE: 1,
            }.items()
        }

    async def run(self) -> None:
        """Work until cancelled; then stop every card at its next block."""
        await self._crew.desk.tell(Journal.try_stopped_again)
        await self._take_up()
        bell = Bell(self._crew.watched)
        try:
            async with asyncio.TaskGroup() as group:
                for lane in self._lanes.values():
                    group.create_task(lane.run())
                group.create_task(self._crew.outbox.run())
                group.create_task(self._watch_dock(bell))
                group.create_task(self._crew.fleet.run(self._cards.values, lambda: self.view))
                group.create_task(self._crew.cosigning.run())
                if self._crew.post is not None:
                    group.create_task(self._crew.post.run())
                if self._crew.ports is not None:
                    every = self._crew.settings.rescan_seconds
                    group.create_task(self._crew.ports.run(bell.ring, every=every))
        finally:
            for ending in self._endings:
                ending.cancel()  # the next start sees for itself what has left
            ends = (card.end(undocked=False) for card in self._cards.values())
            await asyncio.gather(*ends, *self._endings, return_exceptions=True)
            await asyncio.to_thread(bell.close)

    def forward(self, held: ClipRecord) -> None:
        """Let the clip wait for its next step, if there is one that needs no card."""
        step = next_step(held.standing)
        if step is not None and step is not Step.PULL and not held.stopped:
            self._lanes[step].add(held.id, important=held.important)

    def card(self, slot: bytes) -> DockedCard | None:
        """The card that is taken up in *slot* now."""
        return self._cards.get(slot)

    async def settled(self) -> None:
        """Return once every card was looked at and every clip is where it can get from here.

        Raises the IntegrityError that keeps the journal from being sent, if there is one.
        """
        seen = self._looks
        while not (self._looks > seen and await self._is_settled()):
            if isinstance(self._crew.outbox.problem, IntegrityError):
                raise self._crew.outbox.problem
            await asyncio.sleep(0.05)

    @property
    def view(self) -> StationView:
        """What people see of the station now."""
        now = {name: card.view for name, card in self._cards.items()}
        cards = self._left | now
        return StationView(
            name=self._crew.settings.name,
            cards=tuple(cards[name] for name in sorted(cards)),
            totals=self._totals,
            problems=tuple(dict.fromkeys(self._problems())),
            room=self._room.free,
            days_left=self._room.days,
            sends_at=self._crew.hours.opens_at,
            witnesses_silent=_moment(self._crew.cosigning.silence),
        )

    def _problems(self) -> list[str]:
        warning = self._crew.steps.tools.cage.warning
        cosigning = self._crew.cosigning.problem
        told = [warning, self._room.problem, cosigning, *self._crew.approvals.left_out]
        told += [] if self._crew.post is None else self._crew.post.problems
        found = [*self._dock_problems, *(each for each in told if each is not None)]
        errors = [self._crew.outbox.problem, *(lane.problem for lane in self._lanes.values())]
        return found + [in_words(error) for error in errors if error is not None]

    def _lane(self, step: Step, workers: int) -> Lane:
        async def work(clip: str) -> None:
            await supervised(self._step(step, clip), lambda problem: self._stop(clip, problem))

        if step is Step.SEND:
            return Lane(work, workers, self._crew.clock, self._crew.hours.are_open)
        return Lane(work, workers, self._crew.clock)

    async def _step(self, step: Step, clip: str) -> None:
        await self._crew.steps.run(step, clip)
        self.forward(await self._crew.desk.ask(lambda journal: journal.clip(clip)))

    async def _take_up(self) -> None:
        """Let every clip that is on its way, and in no card's hands, wait for its next step."""
        for held in await self._crew.desk.ask(Journal.travelling):
            if held.id not in self._shop.in_work:
                self.forward(held)

    @property
    def _is_idle(self) -> bool:
        return not any(lane.clips for lane in self._lanes.values())

    async def _stop(self, clip: str, problem: str) -> None:
        await self._crew.desk.tell(lambda journal: journal.stop(clip, problem))

    # --- the dock

    async def _watch_dock(self, bell: Bell) -> None:
        """Look, and look again; what fails meanwhile is said, and tried at the next look."""
        while True:
            try:
                problems = await self._look()
            except TemporaryError as error:
                problems = (in_words(error),)
            self._dock_problems = problems or (() if bell.silent is None else (bell.silent,))
            await bell.wait(self._crew.settings.rescan_seconds)

    async def _look(self) -> tuple[str, ...]:
        """See which cards stand here now, and take up what waits; what people should know."""
        found = await asyncio.to_thread(self._crew.dock.cards)
        problems = await asyncio.to_thread(self._crew.dock.problems)
        self._release(found)
        failed = await self._take(found)
        if not self._absent_settled:
            await self._settle_absent(frozenset(found))
            self._absent_settled = True
        if self._is_idle:
            await self._take_up()
        self._totals = await self._crew.desk.ask(Journal.totals)
        await self._room.look()
        if failed is not None:
            return (in_words(failed), *problems)
        self._looks += 1
        return problems

    def _release(self, found: Mapping[bytes, str]) -> None:
        """End the cards that are gone, or that another took the place of."""
        for name, card in list(self._cards.items()):
            if found.get(name) != card.identity or card.has_ended:
                del self._cards[name]
                self._left[name] = _empty(name, card.view)
                ending = asyncio.create_task(self._end(card))
                self._endings.add(ending)
                ending.add_done_callback(self._endings.discard)

    async def _end(self, card: DockedCard) -> None:
        await card.end(undocked=True)
        await self._crew.fleet.left(card)

    async def _take(self, found: Mapping[bytes, str]) -> CameraError | None:
        """Begin with the cards that are new; why one of them cannot be opened, if so."""
        failed = None
        for name in found.keys() - self._cards.keys():
            try:
                card = await asyncio.to_thread(self._crew.dock.open, name)
            except CardGone:
                continue  # it left between looking and opening
            except CameraError as error:
                failed = error
                continue
            ports = self._crew.ports
            heard = None if ports is None else ports.heard(name)
            self._cards[name] = DockedCard(self._shop, name, card, heard)
            self._left.pop(name, None)
        return failed

    async def _settle_absent(self, here: frozenset[bytes]) -> None:
        """Cards that were taken while the station was not running have left."""
        desk = self._crew.desk
        await desk.tell(lambda journal: journal.undock_all_but(here))
        waiting = {held.id: held for held in await desk.ask(Journal.waiting_for_card)}
        for folder in here:
            for held in await desk.ask(partial(Journal.waiting_for_card, folder=folder)):
                waiting.pop(held.id, None)
        for held in waiting.values():
            await card_left(self._shop, held)

    async def _is_settled(self) -> bool:
        cards_done = all(card.is_settled for card in self._cards.values())
        if not (cards_done and self._is_idle and not self._endings):
            return False
        if await self._crew.desk.ask(Journal.travelling):
            return False
        for card in tuple(self._cards.values()):
            if await card.is_owing():
                return False
        last = await self._crew.desk.ask(Journal.last_number)
        return self._crew.outbox.through >= last


def _moment(silence: datetime | str | None) -> str | None:
    return stamp(silence) if isinstance(silence, datetime) else silence


def _empty(name: bytes, last: CardView) -> CardView:
    note = None
    if last.files_done < last.files_total:
        note = f"taken at file {last.files_done} of {last.files_total}; goes on when it is back"
    return CardView(slot=shown(name), word=Word.EMPTY, note=note)
