"""USB ports as a dock: how what is plugged in becomes a card.

1. It is off.  2. The gate judges its descriptors; what it turns away is kept off, and people are
told.  3. It is switched on.  4. A camera that takes commands is asked to become a disk: it leaves,
and what comes to its port begins at 1.  5. A disk is write-protected, opened, and stands at the
dock as a card.

One rule: every port goes this way alone, in a thread of its own, so a device that hangs keeps no
other waiting.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from evidence.clock import Clock
from evidence.errors import CameraError, CameraRefused, CardGone, TemporaryError
from evidence.names import shown
from station.card import Card
from station.card_thread import CardThread
from station.disk.opening import Opener
from station.profile import Profile
from station.profile.identity import Mode
from station.profile.verbs import Verb
from station.supervision import in_words, supervised
from station.usb.bus import Bus, Plugged
from station.usb.camera import Camera
from station.usb.gate import Admitted, Candidate, Hub, Turned, judge
from station.usb.link import open_link
from station.usb.watch import changes

_log = logging.getLogger(__name__)
_SETTLES_WITHIN = 20.0
"""Seconds within which a disk shows itself, or a camera that was told so becomes one."""
_LOOK_AGAIN = 0.1
_SET_READ_ONLY = 0x125D
"""BLKROSET, linux/fs.h."""


@dataclass(slots=True, kw_only=True)
class Slot:
    """One port, and what is in it."""

    device: Plugged
    thread: CardThread
    note: str | None = None
    """What people should know of it."""
    disk: Path | None = None
    identity: str = ""
    card: Card | None = None
    """Opened, until the dock hands it on."""
    task: asyncio.Task[None] | None = None

    def open_card(self, disk: Path, opener: Opener) -> None:
        """Read what file systems *disk* has.  In its thread, so that :meth:`let_go` comes after."""
        self.card = opener.open(disk, life=_life(self.device))

    def let_go(self) -> None:
        """Close what nobody took over."""
        card, self.card = self.card, None
        if card is not None:
            card.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbPorts:
    """The ports of this machine, as a dock."""

    bus: Bus
    profiles: Sequence[Profile]
    passwords: Mapping[str, str]
    """By profile: what cameras are logged in to with."""
    clock: Clock
    opener: Opener
    """How the disks of cameras are opened."""
    nodes: Path = Path("/dev")
    _slots: dict[str, Slot] = field(default_factory=dict)

    async def run(self, changed: Callable[[], None], *, every: float, source: str = "udev") -> None:
        """Take up what is plugged in until cancelled; *changed* is called when the dock changes.

        Raises SetupError if this machine has no USB.
        """
        try:
            async for found in changes(self.bus, every=every, source=source):
                for device in found.left:
                    await self._leave(device)
                for device in found.came:
                    self._take(device, changed)
                changed()
        finally:
            for slot in list(self._slots.values()):
                await self._leave(slot.device)

    # --- the dock

    def cards(self) -> Mapping[bytes, str]:
        return {_name(slot): slot.identity for slot in tuple(self._slots.values()) if slot.identity}

    def open(self, name: bytes) -> Card:
        for slot in tuple(self._slots.values()):
            if _name(slot) == name and slot.disk is not None:
                card, slot.card = slot.card, None
                return card or self.opener.open(slot.disk, life=_life(slot.device))
        raise CardGone(f"nothing stands at {shown(name)} any more")

    def problems(self) -> tuple[str, ...]:
        slots = sorted(self._slots.values(), key=lambda slot: slot.device.port)
        return tuple(f"USB port {slot.device.port}: {slot.note}" for slot in slots if slot.note)

    # --- the way of one port

    def _take(self, device: Plugged, changed: Callable[[], None]) -> None:
        slot = Slot(device=device, thread=CardThread(f"usb-{device.port}"))
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
            if slot.device.is_on:  # this kernel lets devices in by itself
                await slot.thread.do(self.bus.switch, slot.device, on=False)
            slot.note = f"switched off, since {judged.words}"
            return
        await slot.thread.do(self.bus.switch, slot.device, on=True)
        if isinstance(judged, Hub):
            return
        await self._as(judged, slot)

    async def _as(self, judged: Admitted, slot: Slot) -> None:
        """Go on as what the device shows itself to be."""
        modes = {each.identity.mode for each in judged.candidates}
        if Mode.STORAGE in modes:
            await self._stand(slot)
        elif Mode.CONTROL in modes:
            candidates = [each for each in judged.candidates if each.identity.mode is Mode.CONTROL]
            told = await slot.thread.do(self._become_disk, slot.device, candidates)
            await self.clock.sleep(_SETTLES_WITHIN)
            slot.note = f"asked to become a disk, by profile {told}, it did not"
        else:
            slot.note = "it speaks PTP or MTP, which is not read by this version"

    def _become_disk(self, device: Plugged, candidates: Sequence[Candidate]) -> str:
        """Find out which camera it is, and ask it to become a disk; its profile.  Blocks.

        Those that can be told by a question are asked before one is taken without.
        """
        ordered = sorted(candidates, key=lambda each: Verb.IDENTIFY not in each.profile.verbs)
        refused: CameraRefused | None = None
        for profile in (each.profile for each in ordered):
            try:
                if self._became_disk(device, profile):
                    return profile.id
            except CameraRefused as error:
                refused = refused or error
        raise refused or CameraRefused(
            f"the device at port {device.port} answers as no camera that a profile describes"
        )

    def _became_disk(self, device: Plugged, profile: Profile) -> bool:
        """Ask it to become a disk, if it is a camera of *profile*."""
        if profile.wire is None:
            return False
        with closing(open_link(device, profile.wire)) as link:
            password = self.passwords.get(profile.id)
            camera = Camera(link=link, profile=profile, password=password)
            if not camera.is_known():
                return False
            if camera.knows(Verb.LOGIN):
                camera.log_in()
            camera.become_disk()
            return True

    async def _stand(self, slot: Slot) -> None:
        """Wait for the disk, protect and open it."""
        name = await self._disk(slot)
        disk = self.nodes / name
        slot.note = await slot.thread.do(_protect, disk)
        await slot.thread.do(slot.open_card, disk, self.opener)
        if slot.card is not None:
            slot.disk, slot.identity = disk, slot.card.identity

    async def _disk(self, slot: Slot) -> str:
        deadline = self.clock.monotonic() + _SETTLES_WITHIN
        while True:
            if found := await slot.thread.do(self.bus.disks, slot.device):
                return found[0]
            if self.clock.monotonic() > deadline:
                raise CameraRefused(f"the device at port {slot.device.port} shows no disk")
            await self.clock.sleep(_LOOK_AGAIN)


def _protect(disk: Path) -> str | None:
    """Let the kernel refuse every write to *disk*; what people should know if it does not."""
    try:
        with disk.open("rb", buffering=0) as node:
            fcntl.ioctl(node.fileno(), _SET_READ_ONLY, struct.pack("i", 1))
    except FileNotFoundError as error:
        raise CardGone(f"{disk} is gone") from error
    except OSError as error:
        return f"{disk} is read only by us, but not write-protected: {error.strerror}"
    return None


def _name(slot: Slot) -> bytes:
    return f"usb {slot.device.port}".encode("ascii")


def _life(device: Plugged) -> str:
    return f"{device.port}#{device.number}"
