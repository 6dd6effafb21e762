"""Devices that the gate turned away, for the record: each plugging once, and no flood of them.

One rule: a port has at most so many entries of its own an hour; of what goes on after that, every
entry counts twice as many pluggings as the one before, so that a device that comes back for ever
fills no log.  What was counted and had no entry yet is told by the next one, if the station runs
until then.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from evidence.digest import Sha256
from station.heard import Refusal
from station.usb.bus import Plugged
from station.usb.descriptors import Descriptors, DescriptorsBroken
from station.usb.gate import Turned

SINGLY = 16
"""Pluggings that have an entry of their own before they are counted together."""
QUIET = 3600.0
"""Seconds without any, after which it begins anew."""
_MOST_INTERFACES = 16


@dataclass(slots=True)
class _Counted:
    """What happened at one socket of this machine."""

    last: float
    all: int = 0
    since: int = 0
    due: int = SINGLY
    """How many there are when the next entry is written, after the first :data:`SINGLY`."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Counts by socket of the machine: whatever hubs a stranger brings, those are few."""

    _sockets: dict[str, _Counted] = field(default_factory=dict)

    def of(self, device: Plugged, turned: Turned, now: float) -> Refusal | None:
        """What goes on record of *device* now; None if it is only counted."""
        socket = device.port.partition(".")[0]
        held = self._sockets.get(socket)
        if held is None or now - held.last > QUIET:
            held = _Counted(last=now, since=0 if held is None else held.since)
            self._sockets[socket] = held
        held.last = now
        held.all += 1
        held.since += 1
        if held.all > SINGLY and held.all < held.due:
            return None
        if held.all >= held.due:
            held.due = 2 * held.all
        count, held.since = held.since, 0
        return _refusal(device, turned, count)


def _refusal(device: Plugged, turned: Turned, count: int) -> Refusal:
    try:
        shown: Descriptors | None = Descriptors.of(device.raw)
    except DescriptorsBroken:
        shown = None
    return Refusal(
        port=device.port,
        reason=turned.reason.value,
        vendor=None if shown is None else shown.vendor,
        product=None if shown is None else shown.product,
        interfaces=tuple(map(str, sorted(turned.extra)))[:_MOST_INTERFACES],
        descriptors=Sha256.of(device.raw),
        count=count,
    )
