"""The line to a camera on the bus: what is said goes out as bytes, and its answer comes back.

Over pyusb.  A camera is another's machine: it may be silent, refuse, answer nonsense or be pulled
out at any moment, and each of these is an error of its own.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

import usb.core
import usb.util

from evidence.errors import CameraRefused, CameraSilent, CardGone
from station.usb.bus import Plugged
from station.usb.verbs import Setup, Wire

_GONE = frozenset({errno.ENODEV, errno.ESHUTDOWN, errno.ENOENT})
_REFUSED = frozenset({errno.EPIPE, errno.EINVAL})


class Link(Protocol):
    """A line to one camera; not for two at once."""

    def ask(self, words: bytes) -> bytes:
        """Say *words*; what came back, perhaps padded.

        Raises CardGone if the camera left, CameraSilent or CameraRefused; blocks for no longer
        than twice the line's time-out.
        """

    def close(self) -> None:
        """Give the camera back."""


def open_link(plugged: Plugged, wire: Wire) -> UsbLink:
    """The line over *wire* to what is *plugged* in; CardGone if that left meanwhile.

    It must be switched on.  One line to a device at a time.
    """
    bus = int(plugged.port.partition("-")[0])
    found = usb.core.find(
        custom_match=lambda each: (each.bus, each.address) == (bus, plugged.number)
    )
    if found is None:
        raise CardGone(f"the camera at port {plugged.port} left")
    return UsbLink(found, wire)


class UsbLink:
    """The line over *wire* to the device of pyusb; open it from a thread of its own."""

    def __init__(self, device: usb.core.Device, wire: Wire) -> None:
        self._device = device
        self._wire = wire
        self._interface: int | None = None
        if wire.endpoint_out is not None:
            with _translated(self.where):
                self._interface = self._owner(wire.endpoint_out)
                usb.util.claim_interface(device, self._interface)

    @property
    def where(self) -> str:
        """For people: which device it is."""
        return f"{self._device.idVendor:04x}:{self._device.idProduct:04x}"

    def ask(self, words: bytes) -> bytes:
        wire = self._wire
        with _translated(self.where):
            if wire.write is not None and wire.read is not None:
                self._control(wire.write, words)
                return bytes(self._control(wire.read, wire.most))
            self._device.write(wire.endpoint_out, words, wire.timeout_ms)
            return bytes(self._device.read(wire.endpoint_in, wire.most, wire.timeout_ms))

    def close(self) -> None:
        with suppress(usb.core.USBError):  # it may be gone, which is fine here
            if self._interface is not None:
                usb.util.release_interface(self._device, self._interface)
        usb.util.dispose_resources(self._device)

    def _control(self, setup: Setup, content: bytes | int) -> bytes:
        """One control transfer; of one that reads *content* is the length."""
        answer = self._device.ctrl_transfer(
            setup.request_type,
            setup.request,
            setup.value,
            setup.index,
            content,
            self._wire.timeout_ms,
        )
        return bytes(answer) if isinstance(content, int) else b""

    def _owner(self, endpoint: int) -> int:
        """The interface that has *endpoint*."""
        for interface in self._device.get_active_configuration():
            if any(each.bEndpointAddress == endpoint for each in interface):
                return int(interface.bInterfaceNumber)
        raise CameraRefused(f"{self.where} has no endpoint {endpoint:#04x}")


@contextmanager
def _translated(where: str) -> Iterator[None]:
    """What libusb says, in the product's names."""
    try:
        yield
    except usb.core.USBTimeoutError as error:
        raise CameraSilent(f"the camera {where} does not answer") from error
    except usb.core.USBError as error:
        if error.errno in _GONE:
            raise CardGone(f"the camera {where} left while it was spoken to") from error
        if error.errno in _REFUSED:
            raise CameraRefused(f"the camera {where} refuses what is said to it") from error
        raise CameraSilent(f"the camera {where} cannot be spoken to: {error.strerror}") from error
