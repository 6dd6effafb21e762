"""One card at the dock, from the first look until it leaves.

One rule: the card belongs to one thread of its own, so that a card that hangs or fails keeps no
other waiting.  Its files are looked at again and again while it stands here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from evidence.clock import unstamp
from evidence.errors import (
    CameraError,
    DiskFull,
    TemporaryError,
)
from evidence.names import shown
from station.assignment import ChargeRule
from station.card import Card
from station.card_thread import CardThread
from station.copying import Copier, ask_again
from station.docking_receipt import DockingReceipt
from station.findings import Finder
from station.heard import Heard
from station.journal.records import Docking
from station.leaving import card_left
from station.patience import Patience
from station.releasing import Releaser
from station.shelf import Place, Shelf, first_problem
from station.shop import Shop
from station.supervision import in_words, supervised
from station.view import CardView, Word

CALM = 10
"""A card is listed for at most one part in CALM of the time, however long that takes."""


class DockedCard:
    """One card and its task."""

    def __init__(self, shop: Shop, folder: bytes, card: Card, heard: Heard | None = None) -> None:
        self._shop = shop
        self._folder = folder
        self._card = card
        self.heard = heard
        self.identity = card.identity
        self._thread = CardThread(shown(folder))
        self.finder = Finder(
            desk=shop.desk, settings=shop.settings, profiles=shop.approvals.profiles
        )
        self._shelf = Shelf()
        means = shop.release if shop.may_erase(folder) else None
        self._releaser = None if means is None else Releaser(means, card, self._thread)
        self._receipt = DockingReceipt(
            desk=shop.desk, station=shop.release.station, cosigning=shop.cosigning
        )
        self._copier = Copier(shop, card, self._thread, self._shelf)
        self._look_again = -float("inf")
        self._reconciled = False
        self._note: str | None = None
        self._broken = False
        self._came_back: str | None = None
        """The camera that was looked up among those that officers wear."""
        self._task = asyncio.create_task(self._run(), name=f"card {shown(folder)}")
        self._docking: Docking | None = None

    # --- its life

    @property
    def has_ended(self) -> bool:
        """Whether the card is not read any more, since it does not answer."""
        return self._task.done() and not self._broken

    @property
    def is_settled(self) -> bool:
        """Whether nothing of this card is still to be done here."""
        if self._broken:
            return True
        return self._reconciled and not self._shelf.is_settling() and not self._shelf.due()

    async def is_owing(self) -> bool:
        """Whether files on it may be erased and are not yet, or are and that is not told yet."""
        if self._releaser is None or self._docking is None or self._task.done():
            return False
        if not self._releaser.owed(self._shelf):
            await self._releaser.look(self._docking.id)
        return self._releaser.is_unsure or bool(self._releaser.owed(self._shelf))

    async def end(self, *, undocked: bool) -> None:
        """Stop reading; if the card has left, say so in the journal.  May wait for a hung card."""
        self._copier.stop()
        if self._releaser is not None:
            self._releaser.stop()
        self._task.cancel()
        await asyncio.wait([self._task])
        self._thread.close(self._card.close)
        patience = Patience(self._shop.clock)
        while undocked and self._docking is not None:
            try:
                await self._take_leave(self._docking.id)
            except TemporaryError:
                await patience.pause()
            else:
                return

    async def _take_leave(self, docking: str) -> None:
        for place in self._shelf:
            await self._left(place)
            if place.clip is not None:
                self._shop.forward(place.clip)
        last = await self.finder.continuity()
        await self._shop.desk.tell(lambda journal: journal.undock(docking, last))

    async def _run(self) -> None:
        try:
            await supervised(self._live(), self._break)
        except (CameraError, TemporaryError) as error:
            self._note = in_words(error)

    async def _break(self, problem: str) -> None:
        self._note, self._broken = problem, True

    async def _live(self) -> None:
        """Look, copy what is due, look again; for ever.  Raises CardGone when the card left."""
        desk, clock = self._shop.desk, self._shop.clock
        patience = Patience(clock)
        while True:
            try:
                if self._docking is None:
                    self._docking = await desk.tell(
                        lambda journal: journal.dock(self._folder, self.identity, self.heard)
                    )
                    self.heard = self.finder.heard = self._docking.heard
                await self._look()
                worked = await self._copy_due() or await self._release_due()
            except TemporaryError as error:
                self._note = in_words(error)
                await patience.pause()
                continue
            patience.reset()
            self._note = None
            if not worked:
                await clock.sleep(max(0.0, self._look_again - clock.monotonic()))

    # --- looking

    async def _look(self) -> None:
        """See what stands on the card now, unless it was looked at just before."""
        clock, settings = self._shop.clock, self._shop.settings
        started = clock.monotonic()
        if not self._is_time_to_look or self._docking is None:
            return
        listing = await self._thread.do(self._card.listing)
        await self._thread.do(self.finder.study, self._card, listing, self._folder)
        await self._see_wearer(self._docking.id)
        await self.finder.see_begun(self._docking.id)
        took = clock.monotonic() - started
        for gone in self._shelf.arrange(listing, started):
            await self._left(gone)
        await self._note_erased({listed.path for listed in listing}, self._docking.id)
        sidecars = self.finder.sidecars
        for place in self._shelf.settled(started, settings.settle_seconds, sidecars):
            await self._identify(place, self._docking)
        await self._refresh()
        await self._receipt.look(self._docking.id)
        if not self._reconciled and not self._shelf.is_settling():
            await self._reconcile()
        self._look_again = started + took + max(settings.rescan_seconds, CALM * took)

    async def _see_wearer(self, docking: str) -> None:
        """Once it is known which camera this is: who wore it, as was said at the station."""
        camera = self.finder.camera
        if camera is None or camera == self._came_back:
            return
        if self.heard is not None and not self.heard.may_be_of(camera):
            return  # files that name another camera than the one that was heard are nobody's word
        worn = await self._shop.issuing.came_back(docking, camera)
        if worn != self.finder.assigned:
            await self._thread.do(self.finder.worn, worn)
        self._came_back = camera

    @property
    def _is_time_to_look(self) -> bool:
        return self._shop.clock.monotonic() >= self._look_again

    async def _identify(self, place: Place, docking: Docking) -> None:
        held = await self._thread.do(self.finder.examine, self._card, place.listed)
        if held is None:
            return
        place.key = held.key
        place.clip = await self.finder.record(held, docking.id)
        self._receipt.is_stale = True
        place.companion = self.finder.is_companion(place.listed)

    async def _refresh(self) -> None:
        """Ask anew about clips that are on their way without us."""
        for place in self._shelf:
            if place.clip is not None and not self._shop.lets_go(place.clip) and not place.is_due:
                await ask_again(self._shop.desk, place, place.clip.id)

    async def _reconcile(self) -> None:
        """Files of this card that were begun before, and are not on it any more, have left."""
        here = {place.clip.id for place in self._shelf if place.clip is not None}
        desk, folder = self._shop.desk, self._folder
        for held in await desk.ask(lambda journal: journal.waiting_for_card(folder)):
            if held.id not in here:
                await card_left(self._shop, held)
        self._reconciled = True

    # --- releasing

    async def _release_due(self) -> bool:
        """Let the card forget one file, if one is owed; whether that was tried."""
        if self._releaser is None or self._docking is None:
            return False
        return await self._releaser.run(self._shelf, self._docking.id)

    async def _note_erased(self, here: Collection[bytes], docking: str) -> None:
        """What was let go, and is not here any more though nothing tells, is erased."""
        unsure = not self._reconciled if self._releaser is None else self._releaser.is_unsure
        if unsure:
            await self._shop.desk.tell(lambda journal: journal.found_gone(docking, here))
        if self._releaser is not None:
            self._releaser.is_unsure = False
            await self._releaser.look(docking)

    # --- copying

    async def _copy_due(self) -> bool:
        """Copy what is due and finds room, until it is time to look; whether there was any.

        The files are put in order once a look: a card may hold a hundred thousand.
        """
        worked, full, smallest = False, None, 0
        for place in self._shelf.due():
            clip = place.clip
            if worked and self._is_time_to_look:
                break
            if clip is None or not place.is_due or clip.id in self._shop.in_work:
                continue
            if full is not None and place.listed.size >= smallest:
                continue  # what is no smaller finds no room either
            try:
                await self._copy_in_turn(place, clip.id)
            except DiskFull as error:
                full, smallest = error, place.listed.size
            else:
                worked = True
        if full is not None and not worked:
            raise full
        return worked

    async def _copy_in_turn(self, place: Place, clip: str) -> None:
        self._shop.in_work.add(clip)
        try:
            async with self._shop.turns.turn(self._shop.rank(self._folder, place)):
                if await self._is_still(place, clip):
                    await self._copier.copy(place, clip)
        finally:
            self._shop.in_work.discard(clip)

    async def _is_still(self, place: Place, clip: str) -> bool:
        """Whether *place* is still to be copied as *clip*, now that no other card can be.

        Another card may have brought the clip meanwhile, or other bytes under this name: then this
        file is a clip of its own, and its turn comes.
        """
        if self._docking is not None:
            await self._identify(place, self._docking)
        return place.is_due and place.clip is not None and place.clip.id == clip

    async def _left(self, place: Place) -> None:
        if place.clip is not None:
            await card_left(self._shop, await ask_again(self._shop.desk, place, place.clip.id))

    # --- showing

    @property
    def view(self) -> CardView:
        """The card's slot as people see it."""
        places = list(self._shelf)
        done = [place for place in places if place.clip is not None and place.clip.is_safe]
        camera, officer = self.finder.wearer
        profile, verified = self.finder.read_by
        word = self._word(places)
        rule = self._shop.charge_rule
        charge = self._charge(rule)
        return CardView(
            slot=shown(self._folder),
            word=word,
            camera=camera,
            officer=officer,
            files_done=len(done),
            files_total=len(places),
            bytes_done=sum(place.listed.size for place in done)
            + (0 if self._copier.is_checking else self._copier.meter.now),
            bytes_total=sum(place.listed.size for place in places),
            rate=self._copier.meter.rate,
            note=self._note or first_problem(places),
            battery=None if self.heard is None else self.heard.battery,
            clock_offset=None if self.heard is None else self.heard.clock_offset,
            waits=word is Word.CHECKING and bool(places) and len(done) == len(places),
            profile=profile,
            verified=verified,
            signature=self._shop.approvals.signature(profile),
            important=sum(place.clip is not None and place.clip.important for place in places),
            cleared=word is Word.SAFE and self._has_cleared(places),
            receipt=self._receipt.text if word is Word.SAFE else None,
            at_rest=self._receipt.at_rest if word is Word.SAFE else ("", ""),
            unseen=word is Word.SAFE and self._receipt.is_unseen,
            known=self.finder.camera is not None,
            charge=charge,
            charged=rule.is_enough(charge),
        )

    def _charge(self, rule: ChargeRule) -> int | None:
        """Percent that its camera has by now, as far as *rule* knows."""
        if self._docking is None:
            return None
        told = None if self.heard is None else self.heard.battery
        return rule.reckoned(told, unstamp(self._docking.docked), self._shop.clock.now())

    def _has_cleared(self, places: Sequence[Place]) -> bool:
        """Not after a restart at the dock: what was removed before it may not have been synced."""
        fresh = self._docking is not None and not self._docking.continued
        return fresh and self._releaser is not None and self._releaser.has_cleared(places)

    def _word(self, places: Sequence[Place]) -> Word:
        if self._broken or self._note or any(place.needs_help for place in places):
            return Word.CALL
        if self._copier.is_checking or (self._releaser is not None and self._releaser.is_erasing):
            return Word.CHECKING
        if any(place.is_due for place in places):
            return Word.COPYING
        if not self._reconciled or self._shelf.is_settling():
            return Word.READING
        safe = all(place.clip is not None and self._shop.lets_go(place.clip) for place in places)
        return Word.SAFE if safe else Word.CHECKING
