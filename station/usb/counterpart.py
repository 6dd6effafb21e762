"""Which disk is the camera that was heard before it: cameras leave the bus to come back as a disk.

One rule: what was heard is joined to the next device at the same port, or to nothing.  That device
must be a disk of the same profile, come in time, and bear no other serial number.  Someone who
changes cameras in between has little time, and must bring one of the same model that is a disk
already; the file names of its footage still deny the other's number (``Heard.may_be_of``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field

from station.heard import Heard
from station.profile.identity import Mode
from station.usb.bus import Plugged
from station.usb.gate import Candidate

COMES_WITHIN = 20.0
"""Seconds between the end of its hearing and its coming back as a disk."""
_ENDS_WITHIN = 5.0
"""Seconds that hearings may take to end when the station stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A camera that was asked to become a disk."""

    heard: Heard
    device: Plugged
    at: float
    """On the monotonic scale of the station's clock."""
    note: str | None = None
    """What people should know, if it was not asked to become one yet."""


def counterpart(
    before: Before | None, device: Plugged, candidates: Sequence[Candidate], now: float
) -> Heard | None:
    """What the *device* that came next to the same port told before, if it is that camera."""
    if before is None or before.device.port != device.port or now - before.at > COMES_WITHIN:
        return None
    is_its_disk = any(
        each.profile.id == before.heard.profile and each.identity.mode is Mode.STORAGE
        for each in candidates
    )
    serials = {before.device.serial, device.serial} - {None}
    return before.heard if is_its_disk and len(serials) < 2 else None  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Hearings:
    """Cameras that are being heard, or were, until the next device comes to their port.

    A hearing goes on when its camera leaves: that is how most of them end.
    """

    _open: dict[str, asyncio.Task[Before]] = field(default_factory=dict)

    async def of(self, port: str, hearing: Coroutine[None, None, Before]) -> Before:
        """What *hearing* gives; cancelled, it goes on, for whoever :meth:`take` it."""
        task = asyncio.create_task(hearing, name=f"hearing at {port}")
        self._open[port] = task
        return await asyncio.shield(task)

    def take(self, port: str) -> asyncio.Task[Before] | None:
        """The last hearing at *port*, for the device that came there next and for no other."""
        return self._open.pop(port, None)

    async def close(self) -> None:
        """Let those that are under way end, so that what was heard is on record."""
        under_way = [each for each in self._open.values() if not each.done()]
        if under_way:
            await asyncio.wait(under_way, timeout=_ENDS_WITHIN)
        for each in under_way:
            each.cancel()


async def known(hearing: asyncio.Task[Before] | None) -> Before | None:
    """What was heard in *hearing*; None if there was none, or nothing came of it."""
    if hearing is None:
        return None
    await asyncio.wait([hearing])
    if hearing.cancelled() or hearing.exception() is not None:
        return None
    return hearing.result()
