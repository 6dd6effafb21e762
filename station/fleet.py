"""What the station tells the archive of itself and of its cameras, for those who run the fleet.

One rule: it is a courtesy.  Nothing waits for it, nothing is lost with it but news, and whatever
goes wrong with it is tried again at the next beat.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from evidence.acquisition import CAMERA_PREFIX
from evidence.clock import Clock, stamp
from evidence.errors import CameraError, IntegrityError, TemporaryError
from evidence.version import version
from evidence.wire import CameraState, StateHeard, StationState
from ingest.archive_client import ArchiveClient
from station.cosigning import Cosigning
from station.desk import Desk
from station.docking import DockedCard
from station.journal.journal import Journal
from station.supervision import supervised
from station.view import StationView, Word

EVERY, LOOK = 60.0, 5.0
"""Seconds between two beats at most, and between two looks whether there is news."""
MOST_CAMERAS = 50
"""Told in one message; more wait for the next."""
_LONGEST, _LONGEST_NAME, _MOST_PROBLEMS, _MOST = 300, 512, 50, 20
_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Fleet:
    """Tells until cancelled."""

    archive: ArchiveClient
    desk: Desk
    clock: Clock
    staging: Path
    cosigning: Cosigning
    """Hears in return what the witnesses have seen."""
    _news: dict[str, CameraState] = field(default_factory=dict)
    """Cameras of which the archive has not heard since they were last looked at."""

    async def run(
        self, cards: Callable[[], Iterable[DockedCard]], view: Callable[[], StationView]
    ) -> None:
        """Look at the docked *cards* and tell, every minute and when they have changed."""
        told, at = None, -EVERY
        while True:
            here = tuple(cards())
            seen = [(id(card), id(card.finder.listing)) for card in here]
            if seen != told or self.clock.monotonic() - at >= EVERY:
                told, at = seen, self.clock.monotonic()
                await _courteously(self.beat(here, view()))
            await self.clock.sleep(LOOK)

    async def beat(self, cards: Iterable[DockedCard], view: StationView) -> None:
        """Tell once; errors as :meth:`ArchiveClient.post`, and then it is told next time."""
        for card in cards:
            await self._note(card)
        told = [self._news[name] for name in sorted(self._news)[:MOST_CAMERAS]]
        state = StationState(
            version=version(),
            free_bytes=(await asyncio.to_thread(shutil.disk_usage, self.staging)).free,
            docked=sum(card.word is not Word.EMPTY for card in view.cards),
            journal=await self.desk.ask(Journal.last_number),
            problems=[problem[:_LONGEST] for problem in view.problems[:_MOST_PROBLEMS]],
            cameras=told,
        )
        try:
            heard = await self.archive.post("/v1/fleet", state, StateHeard)
        except IntegrityError:
            self._forget(told)  # it would be refused again and again, and all others with it
            raise
        self._forget(told)
        self.cosigning.heard(heard.witnessed)

    def _forget(self, told: Iterable[CameraState]) -> None:
        for each in told:
            if self._news.get(each.camera) is each:
                del self._news[each.camera]

    async def left(self, card: DockedCard) -> None:
        """The camera of *card* has just left: how it was is told at the next beat."""
        await _courteously(self._note(card))

    async def _note(self, card: DockedCard) -> None:
        if camera := await self._camera(card):
            self._news[camera.camera] = camera

    async def _camera(self, card: DockedCard) -> CameraState | None:
        """How the camera of *card* is; None while nobody can tell which it is.

        An empty card of a camera that told nothing goes by its slot's name, which is no camera, and
        an import is none.
        """
        camera, _ = card.finder.wearer
        is_known = card.finder.listing or card.heard
        if not camera or camera.startswith(CAMERA_PREFIX) or not is_known:
            return None
        lacks = await card.finder.gaps()
        heard, note = card.heard, card.view.note
        told = [] if heard is None else [f"{verb}: {why}" for verb, why in heard.unanswered.items()]
        if heard is not None and heard.camera is not None:
            change = await self.desk.ask(partial(Journal.last_change, camera=heard.camera))
            told += [] if change is None else [change.told]
        return CameraState(
            camera=camera[:_LONGEST_NAME],
            seen=stamp(self.clock.now()),
            profile=None if heard is None else heard.profile,
            battery=None if heard is None else heard.battery,
            firmware=None if heard is None or heard.firmware is None else heard.firmware[:_LONGEST],
            clock_offset_ms=None if heard is None else heard.offset_ms,
            problems=[each[:_LONGEST] for each in filter(None, [note, *told])][:_MOST],
            missing=[each[:_LONGEST] for each in lacks][:_MOST],
        )


async def _courteously(work: Coroutine[None, None, None]) -> None:
    """Do *work*; whatever goes wrong is logged, and harms nothing."""
    try:
        await supervised(work, _failed)
    except (CameraError, TemporaryError) as error:
        await _failed(str(error))


async def _failed(problem: str) -> None:
    _log.info("the archive does not hear how this station is: %s", problem)
