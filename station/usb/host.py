"""The machine's USB, as a station uses it: its bus, its disks' nodes, and how both are spoken to.

One rule: a station at work has the kernel's, which is what stands here by default.  Another is
given by `evidock simulate` and by tests alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from station.disk.medium import BY_THE_KERNEL, Access
from station.usb.bus import Bus
from station.usb.link import Backend, libusb
from station.usb.watch import udev_hints


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Where devices are seen, and what answers when they are spoken to or read.

    ``backend`` and ``access`` are pickled, and used by the process of a port.
    """

    bus: Bus = field(default_factory=Bus)
    nodes: Path = Path("/dev")
    hints: Callable[[], AbstractContextManager[asyncio.Event]] = udev_hints
    """An event that is set whenever it is time to look at the bus."""
    backend: Backend = libusb
    access: Access = BY_THE_KERNEL
