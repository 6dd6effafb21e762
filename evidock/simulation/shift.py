"""Simulated cameras come to a running station, are read, and perhaps cut off and docked again.

One rule: whether a camera is done is what the station says of its slot, and never what we wait for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from evidence.clock import Clock
from evidock.simulation.cameras import Camera
from station.service import Station
from station.simulator.host import Cable, SimulatedHost
from station.view import StationView, Word

BACK_AFTER = 2.0
"""Seconds between a cable's being pulled out and its being plugged in again."""
_LOOK_AGAIN = 0.1
STALLED_AFTER = 60.0
"""Seconds without any change at the dock, after which nothing more is waited for."""


@dataclass(slots=True, kw_only=True)
class Shift:
    """The *cameras*, at the ports of *host*."""

    host: SimulatedHost
    cameras: Sequence[Camera]
    clock: Clock
    note: Callable[[str], None]
    back_after: float = BACK_AFTER
    stalled_after: float = STALLED_AFTER
    was_pulled: set[int] = field(default_factory=set)
    """Numbers of the cameras whose cable was pulled out in the middle."""
    _away: set[int] = field(default_factory=set)
    _cables: dict[int, Cable] = field(default_factory=dict)

    async def run(self, station: Station) -> bool:
        """Plug all in, and return when each is safe to take; whether they all are.

        False once nothing has changed for so long that something must be wrong.
        """
        for camera in self.cameras:
            self._plug(camera, is_cut=True)
        async with asyncio.TaskGroup() as group:
            yanked = [group.create_task(self._replug(each)) for each in self.cameras if each.cut]
            is_done = await self._all_safe(station)
            for task in yanked:
                task.cancel()
        return is_done

    def unplug(self) -> None:
        """Pull all out: the officers take their cameras."""
        for cable in self._cables.values():
            self.host.pull(cable)

    def _plug(self, camera: Camera, *, is_cut: bool) -> None:
        control, card = camera.kind.control(camera.number), camera.card(is_cut=is_cut)
        if control is None:
            cable = self.host.plug(camera.port, card)
        else:
            cable = self.host.plug(camera.port, control, becomes=card)
        self._cables[camera.number] = cable

    async def _replug(self, camera: Camera) -> None:
        await self._cables[camera.number].pulled.wait()
        self._away.add(camera.number)
        self.was_pulled.add(camera.number)
        self.note(f"{camera.slot}: the cable was pulled out in the middle of a file")
        await self.clock.sleep(self.back_after)
        self._plug(camera, is_cut=False)
        self.note(f"{camera.slot}: plugged in again")
        self._away.discard(camera.number)

    async def _all_safe(self, station: Station) -> bool:
        last, changed = None, self.clock.monotonic()
        while True:
            view = station.snapshot()
            words = {card.slot: card.word for card in view.cards}
            if all(
                words.get(each.slot) is Word.SAFE and self._is_in(each) for each in self.cameras
            ):
                return True
            now = _standing(view)
            if now != last:
                last, changed = now, self.clock.monotonic()
            elif self.clock.monotonic() - changed > self.stalled_after:
                return False
            await self.clock.sleep(_LOOK_AGAIN)

    def _is_in(self, camera: Camera) -> bool:
        """Whether its cable is in, and it did not just leave without the station's knowing."""
        return camera.number not in self._away and not self._cables[camera.number].pulled.is_set()


def _standing(view: StationView) -> object:
    """What moves while something is done."""
    cards = [(card.slot, card.word, card.bytes_done, card.files_done) for card in view.cards]
    return cards, view.totals
