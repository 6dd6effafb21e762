"""Who a camera says it is on the bus, as a profile writes it down.

One camera may have several identities: it takes commands as one device, and comes back as another
to be a disk.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Protocol

import msgspec

from station.profile.table import Table

Number = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]
Interface = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{2}:([0-9a-f]{2}|\*):([0-9a-f]{2}|\*)$")]


class Mode(StrEnum):
    """What a camera is while it shows an identity."""

    CONTROL = "control"
    """It takes commands, and becomes something else when told to."""
    STORAGE = "storage"
    """It is a disk."""
    PTP = "ptp"
    """It is a still-image device: PTP or MTP."""


class OnBus(Protocol):
    """A device, as far as an identity asks."""

    @property
    def vendor(self) -> int: ...

    @property
    def product(self) -> int: ...


class Identity(Table, frozen=True):
    """[[usb]]: one way in which the camera shows itself on the bus."""

    mode: Mode
    interfaces: Annotated[list[Interface], msgspec.Meta(min_length=1)]
    """All that it may have there, each as class:subclass:protocol in hexadecimal; ``*`` for any.
    A device that has another is not switched on."""
    vendor: Number | None = None
    """Unset: any."""
    product: Number | None = None
    """Unset: any."""

    def names(self, device: OnBus) -> bool:
        """Whether *device* has this vendor and product."""
        return self.vendor in {None, device.vendor} and self.product in {None, device.product}

    def lists(self, interface: str) -> bool:
        """Whether an *interface* such as ``08:06:50`` is one of those."""
        parts = interface.split(":")
        return any(
            all(rule in {"*", part} for rule, part in zip(each.split(":"), parts, strict=True))
            for each in self.interfaces
        )

    @property
    def particular(self) -> int:
        """How much it says of who the camera is: the more, the greater."""
        return (self.vendor is not None) + (self.product is not None)
