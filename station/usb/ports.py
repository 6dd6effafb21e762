"""USB ports as a dock: how what is plugged in becomes a card.

1. It is off.  2. The gate judges its descriptors; what it turns away is kept off, and people are
told.  3. It is switched on.  4. A camera that takes commands is asked to become a disk: it leaves,
and what comes to its port begins at 1.  5. A disk is write-protected, opened, and stands at the
dock as a card.

One rule: every port goes this way alone, in a thread of its own, and its card is opened and read by
a process of its own (:mod:`station.port`), so a device that hangs keeps no other waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from evidence.clock import Clock
from evidence.errors import (
    CameraError,
    CameraRefused,
    CardGone,
    NothingShown,
    SetupError,
    TemporaryError,
)
from evidence.names import shown
from station.card import Card
from station.card_thread import CardThread, to_its_end
from station.change import Change, Outcome, What
from station.disk.opening import Opener
from station.disk.protecting import protect
from station.heard import Heard, Refusal
from station.port.process import WITHIN, PortProcess
from station.profile import Profile
from station.profile.identity import Mode
from station.profile.verbs import Verb
from station.supervision import in_words, supervised
from station.usb.asking import Asking
from station.usb.bus import Plugged
from station.usb.changing import Changes
from station.usb.counterpart import Before, Hearings, counterpart, known
from station.usb.gate import Admitted, Candidate, Hub, Turned, judge
from station.usb.host import Host
from station.usb.refusals import Refusals
from station.usb.still import open_ptp
from station.usb.told import ClockRule
from station.usb.watch import changes

_log = logging.getLogger(__name__)
_SETTLES_WITHIN = 20.0
"""Seconds within which a disk shows itself, or a camera that was told so becomes one."""
_RULES_RUN_WITHIN = 5.0
"""Seconds within which udev gives a new device, or its disk, to the station's user."""
_LOOK_AGAIN = 0.1
_SHOWN_AGAIN = 2.0
"""Seconds between two looks whether a phone shows its storage."""
_GIVEN_UP_AFTER = 5.0
"""Seconds after which the process of a port whose device left, or is let go, may read no more."""
_OPENED_AGAIN_WITHIN = 20.0
"""Seconds in which a card that was read before must be open again: the whole dock waits for it."""
_AFTER_FIRMWARE = (
    "firmware was written to it, or part of it (evidock fleet tells what came of it): when it has"
    " started again, undock it, and dock it again"
)
_PLUG_ANEW = "Undock the camera, and dock it again."
Told = TypeVar("Told")


@dataclass(slots=True, kw_only=True)
class Slot:
    """One port, and what is in it."""

    device: Plugged
    thread: CardThread
    note: str | None = None
    """What people should know of it."""
    opens: Callable[[], Card] | None = None
    """Opens what stands here."""
    identity: str = ""
    card: Card | None = None
    """Opened, until the dock hands it on."""
    before: asyncio.Task[Before] | None = None
    """The hearing of what left this port just before, if it was a camera that took commands."""
    heard: Heard | None = None
    """What the camera told before it became this disk."""
    task: asyncio.Task[None] | None = None
    process: PortProcess | None = None
    """What reads here."""

    @property
    def is_card(self) -> bool:
        """Whether what stands here can be read."""
        return bool(self.identity) and (self.process is None or self.process.failure is None)

    @property
    def problem(self) -> str | None:
        """What people should know of it, first of all why it is not read any more."""
        failure = None if self.process is None else self.process.failure
        return self.note if failure is None else f"{failure}. {_PLUG_ANEW}"

    def open_card(self, opens: Callable[[], Card]) -> None:
        """Read what stands here.  In its thread, so that :meth:`let_go` comes after."""
        self.card = self.begin().open(opens)
        self.opens, self.identity = opens, self.card.identity

    def begin(self) -> PortProcess:
        """The process of this port."""
        if self.process is None:
            self.process = PortProcess(f"USB port {self.device.port}")
        return self.process

    def open_again(self, opens: Callable[[], Card]) -> Card:
        """What *opens* gives, in a new process: the last one may still be closing its card."""
        within = {**WITHIN, "begin": _OPENED_AGAIN_WITHIN}
        process = self.process = PortProcess(f"USB port {self.device.port}", within=within)
        try:
            return process.open(opens)
        except BaseException:
            process.close()
            raise

    def do(self, kind: type[Told], doing: str, work: Callable[[], Told]) -> Told:
        """What *work* gives, done in this port's process."""
        return self.begin().ask(kind, doing, "do", work)

    def change(self, work: Callable[[], Outcome]) -> Outcome:
        """The same, for what is written to a camera."""
        return self.begin().ask(Outcome, "writing to the camera", "change", work)

    def let_go(self) -> None:
        """Close what nobody took over."""
        if self.process is not None and (self.card is not None or not self.identity):
            self.process.close()

    def give_up(self) -> None:
        """Let nothing here be waited for any longer."""
        if self.process is not None and not self.process.is_closed:
            self.process.give_up("it left")


async def _nobody(_port: str, _news: Heard | Refusal) -> None:
    """Ports without a station around them have no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbPorts:
    """The ports of this machine, as a dock."""

    host: Host
    profiles: Sequence[Profile]
    passwords: Mapping[str, str]
    """By profile: what cameras are logged in to with."""
    clock: Clock
    opener: Opener
    """How the disks of cameras are opened."""
    clock_rule: ClockRule = field(default_factory=ClockRule)
    note: Callable[[str, Heard | Refusal], Awaitable[None]] = _nobody
    """Puts on record what a camera told, and what was turned away."""
    changer: Changes | None = None
    """Lets cameras be written to; None: nothing is."""
    _slots: dict[str, Slot] = field(default_factory=dict)
    _hearings: Hearings = field(default_factory=Hearings)
    _refusals: Refusals = field(default_factory=Refusals)

    async def run(self, changed: Callable[[], None], *, every: float) -> None:
        """Take up what is plugged in until cancelled; *changed* is called when the dock changes.

        Raises SetupError if this machine has no USB.
        """
        try:
            async for found in changes(self.host.bus, every=every, hints=self.host.hints):
                for device in found.left:
                    await self._leave(device)
                for device in found.came:
                    self._take(device, changed)
                changed()
        finally:
            for slot in list(self._slots.values()):
                await self._leave(slot.device)
            await self._hearings.close()

    # --- the dock

    def cards(self) -> Mapping[bytes, str]:
        return {_name(slot): slot.identity for slot in tuple(self._slots.values()) if slot.is_card}

    def open(self, name: bytes) -> Card:
        for slot in tuple(self._slots.values()):
            if _name(slot) == name and slot.is_card and slot.opens is not None:
                card, slot.card = slot.card, None
                return card or slot.open_again(slot.opens)
        raise CardGone(f"nothing stands at {shown(name)} any more")

    def heard(self, name: bytes) -> Heard | None:
        """What the camera that is called *name* told before it became a disk, if it did."""
        return next((each.heard for each in self._slots.values() if _name(each) == name), None)

    def problems(self) -> tuple[str, ...]:
        slots = sorted(self._slots.values(), key=lambda slot: slot.device.port)
        return tuple(
            f"USB port {slot.device.port}: {slot.problem}" for slot in slots if slot.problem
        )

    # --- the way of one port

    def _take(self, device: Plugged, changed: Callable[[], None]) -> None:
        before = self._hearings.take(device.port)
        slot = Slot(device=device, thread=CardThread(f"usb-{device.port}"), before=before)
        self._slots[device.port] = slot
        slot.task = asyncio.create_task(self._live(slot, changed), name=f"usb {device.port}")

    async def _leave(self, device: Plugged) -> None:
        slot = self._slots.get(device.port)
        if slot is None or slot.device.number != device.number:
            return
        del self._slots[device.port]
        if slot.task is not None:
            slot.task.cancel()
        slot.thread.close(slot.let_go)
        asyncio.get_running_loop().call_later(_GIVEN_UP_AFTER, slot.give_up)

    async def _live(self, slot: Slot, changed: Callable[[], None]) -> None:
        async def failed(problem: str) -> None:
            slot.note = problem

        try:
            await supervised(self._way(slot), failed)
        except (CameraError, TemporaryError) as error:
            slot.note = in_words(error)
        if slot.note:
            _log.warning("USB port %s: %s", slot.device.port, slot.note)
        changed()

    async def _way(self, slot: Slot) -> None:
        judged = judge(slot.device.raw, self.profiles)
        if isinstance(judged, Turned):
            await self._turn_away(slot, judged)
            return
        await self._switch(slot, on=True)
        if isinstance(judged, Hub):
            return
        await self._as(judged, slot)

    async def _switch(self, slot: Slot, *, on: bool) -> None:
        """Switch what is in *slot*; whoever may not waits a little, since udev's rules say so."""
        deadline = self.clock.monotonic() + _RULES_RUN_WITHIN
        while True:
            try:
                return await slot.thread.do(self.host.bus.switch, slot.device, on=on)
            except SetupError:
                if self.clock.monotonic() > deadline:
                    raise
            await self.clock.sleep(_LOOK_AGAIN)

    async def _turn_away(self, slot: Slot, judged: Turned) -> None:
        """Keep it off, and on record, even if it has left again."""
        refusal = self._refusals.of(slot.device, judged, self.clock.monotonic())
        try:
            if slot.device.is_on:  # this kernel lets devices in by itself
                await self._switch(slot, on=False)
            slot.note = f"switched off, since {judged.words}"
        finally:
            if refusal is not None:
                await to_its_end(self.note(slot.device.port, refusal))

    async def _as(self, judged: Admitted, slot: Slot) -> None:
        """Go on as what the device shows itself to be."""
        modes = {each.identity.mode for each in judged.candidates}
        if Mode.STORAGE in modes:
            came, before = self.clock.monotonic(), await known(slot.before)
            slot.heard = counterpart(before, slot.device, judged.candidates, came)
            await self._stand(slot)
        elif Mode.CONTROL in modes:
            candidates = [each for each in judged.candidates if each.identity.mode is Mode.CONTROL]
            before = await self._hearings.of(slot.device.port, self._hear(slot, candidates))
            slot.note = before.note
            await self.clock.sleep(_SETTLES_WITHIN)
            if before.note:
                return
            told = before.heard.unanswered.get(Verb.TO_STORAGE, "it did not")
            slot.note = f"asked to become a disk, by profile {before.heard.profile}, {told}"
        else:
            await self._show(slot)

    async def _hear(self, slot: Slot, candidates: Sequence[Candidate]) -> Before:
        """What the camera in *slot* tells, put on record."""
        asking = Asking(
            device=slot.device,
            profiles=[each.profile for each in candidates],
            passwords=self.passwords,
            clock=self.clock,
            clock_rule=self.clock_rule,
            backend=self.host.backend,
        )
        if self.changer is not None and await self.changer.is_needed():
            return await self._hear_and_write(slot, asking, self.changer)
        heard = await slot.thread.do(slot.do, Heard, "asking the camera", asking.become_disk)
        at = self.clock.monotonic()
        await self.note(slot.device.port, heard)
        return Before(heard=heard, device=slot.device, at=at)

    async def _hear_and_write(self, slot: Slot, asking: Asking, changer: Changes) -> Before:
        """The same, with what is to be written to the camera written before it becomes a disk."""

        async def say(change: Change) -> Outcome:
            slot.note = f"{change.words} is written to the camera: leave it docked"
            work = partial(asking.write, heard.profile, change)
            return await slot.thread.do(slot.change, work)

        heard = await slot.thread.do(slot.do, Heard, "asking the camera", asking.tell_and_stay)
        await self.note(slot.device.port, heard)
        said = await changer.change(slot.device.port, heard, say)
        slot.note = None
        if What.FIRMWARE in said:
            at = self.clock.monotonic()
            return Before(heard=heard, device=slot.device, at=at, note=_AFTER_FIRMWARE)
        leaves = partial(asking.leave, heard.profile)
        if why := await slot.thread.do(slot.do, str, "asking it to become a disk", leaves):
            unanswered = {**heard.unanswered, Verb.TO_STORAGE.value: why}
            heard = msgspec.structs.replace(heard, unanswered=unanswered)
        return Before(heard=heard, device=slot.device, at=self.clock.monotonic())

    async def _stand(self, slot: Slot) -> None:
        """Wait for the disk, protect and open it."""
        await slot.thread.do(slot.begin)  # it starts while the disk is waited for
        disk, life = await self._disk(slot), _life(slot.device)
        slot.note = await self._protected(slot, disk)
        await slot.thread.do(slot.open_card, partial(self.opener.open, disk, life=life))

    async def _show(self, slot: Slot) -> None:
        """Open what speaks PTP or MTP; a phone may not show its storage yet."""
        device = slot.device
        opens = partial(open_ptp, device, _life(device), self.host.backend)
        while True:
            try:
                await slot.thread.do(slot.open_card, opens)
            except NothingShown as error:
                slot.note = in_words(error)
            else:
                slot.note = None
                return
            await self.clock.sleep(_SHOWN_AGAIN)

    async def _protected(self, slot: Slot, disk: Path) -> str | None:
        """As :func:`protect`; who may not waits a little, since udev's rules do it for us."""
        deadline = self.clock.monotonic() + _RULES_RUN_WITHIN
        protects = partial(protect, disk)
        while True:
            try:
                return await slot.thread.do(slot.do, str, "protecting the disk", protects) or None
            except SetupError as error:
                if self.clock.monotonic() > deadline:
                    return str(error)
            await self.clock.sleep(_LOOK_AGAIN)

    async def _disk(self, slot: Slot) -> Path:
        deadline = self.clock.monotonic() + _SETTLES_WITHIN
        while True:
            for name in await slot.thread.do(self.host.bus.disks, slot.device):
                if (disk := self.host.nodes / name).exists():  # it comes a moment after its name
                    return disk
            if self.clock.monotonic() > deadline:
                raise CameraRefused(f"the device at port {slot.device.port} shows no disk")
            await self.clock.sleep(_LOOK_AGAIN)


def _name(slot: Slot) -> bytes:
    return f"usb {slot.device.port}".encode("ascii")


def _life(device: Plugged) -> str:
    return f"{device.port}#{device.number}"
