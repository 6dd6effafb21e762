"""A backend for pyusb with simulated cameras behind it: no libusb, no kernel.

One rule: what a device is stands in its descriptors alone, as on a real bus.
"""

from __future__ import annotations

import errno
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import usb.core
from usb.backend import IBackend

from station.simulator.cameras import Model, Stall, Unplugged

_DEVICE = """
    bLength bDescriptorType bcdUSB bDeviceClass bDeviceSubClass bDeviceProtocol bMaxPacketSize0
    idVendor idProduct bcdDevice iManufacturer iProduct iSerialNumber bNumConfigurations"""
_CONFIGURATION = """
    bLength bDescriptorType wTotalLength bNumInterfaces bConfigurationValue iConfiguration
    bmAttributes bMaxPower"""
_INTERFACE = """
    bLength bDescriptorType bInterfaceNumber bAlternateSetting bNumEndpoints bInterfaceClass
    bInterfaceSubClass bInterfaceProtocol iInterface"""
_ENDPOINT = "bLength bDescriptorType bEndpointAddress bmAttributes wMaxPacketSize bInterval"
_HEAD, _INTERFACE_TYPE, _ENDPOINT_TYPE = 18, 4, 5


@dataclass
class Bus(IBackend):  # type: ignore[misc]  # pyusb has no types
    """What is plugged in, by number."""

    plugged: dict[int, Model] = field(default_factory=dict)
    claimed: set[tuple[int, int]] = field(default_factory=set)
    left: dict[int, bytes] = field(default_factory=dict)
    """Of the transfer that a device sends, what was not read yet."""
    asked: int = 0
    pull_after: int | None = None
    """So many transfers are answered, and then the cable is pulled."""

    def plug(self, model: Model) -> usb.core.Device:
        """*model* as pyusb finds it."""
        number = max(self.plugged, default=0) + 1
        self.plugged[number] = model
        return self.find(number)

    def find(self, number: int) -> usb.core.Device:
        """The device as whoever looks for it gets it."""
        (found,) = usb.core.find(
            find_all=True, backend=self, custom_match=lambda each: each.address == number
        )
        return found

    def _model(self, number: int) -> Model:
        if number not in self.plugged:
            raise usb.core.USBError("No such device", -4, errno.ENODEV)
        return self.plugged[number]

    def _transfer(self, number: int) -> Model:
        if self.asked == self.pull_after:
            self.plugged.pop(number, None)
        self.asked += 1
        return self._model(number)

    # --- what it is

    def enumerate_devices(self) -> Iterator[int]:
        return iter(list(self.plugged))

    def get_parent(self, _number: int) -> None:
        return None

    def get_device_descriptor(self, number: int) -> Any:
        parts = struct.unpack("<BBHBBBBHHHBBBB", self._model(number).raw[:_HEAD])
        place = {"bus": 1, "address": number, "port_number": number, "port_numbers": (number,)}
        return _named(_DEVICE, parts, speed=3, **place)

    def get_configuration_descriptor(self, number: int, _configuration: int) -> Any:
        parts = struct.unpack_from("<BBHBBBBB", self._model(number).raw, _HEAD)
        return _named(_CONFIGURATION, parts, extra_descriptors=b"")

    def get_interface_descriptor(
        self, number: int, place: int, alternate: int, _configuration: int
    ) -> Any:
        found = [part for part in _parts(self._model(number).raw) if part[1] == _INTERFACE_TYPE]
        if alternate or place >= len(found):
            raise IndexError
        return _named(_INTERFACE, found[place], extra_descriptors=b"")

    def get_endpoint_descriptor(
        self, number: int, place: int, interface: int, _alternate: int, _configuration: int
    ) -> Any:
        found = _endpoints(self._model(number).raw, interface)
        parts = struct.unpack("<BBBBHB", found[place])  # IndexError if there are no more
        return _named(_ENDPOINT, parts, bRefresh=0, bSynchAddress=0, extra_descriptors=b"")

    # --- what is done to it

    def open_device(self, number: int) -> int:
        self._model(number)
        return number

    def close_device(self, handle: int) -> None:
        """Nothing is held."""

    def get_configuration(self, _handle: int) -> int:
        return 1

    def claim_interface(self, handle: int, interface: int) -> None:
        self._model(handle)
        if (handle, interface) in self.claimed:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self.claimed.add((handle, interface))

    def release_interface(self, handle: int, interface: int) -> None:
        self.claimed.discard((handle, interface))
        self._model(handle)

    def ctrl_transfer(  # noqa: PLR0917  pyusb's arguments
        self, handle: int, kind: int, request: int, value: int, index: int, data: Any, _time: int
    ) -> int:
        model, reads, setup = (
            self._transfer(handle),
            bool(kind & 0x80),
            (kind, request, value, index),
        )
        told = _answered(model.control, setup, len(data) if reads else bytes(data))
        return _filled(data, told) if reads else len(data)

    def clear_halt(self, handle: int, _endpoint: int) -> None:
        self._model(handle)

    def bulk_write(
        self, handle: int, _endpoint: int, _interface: int, data: bytes, _time: int
    ) -> int:
        _answered(self._transfer(handle).say, bytes(data))
        return len(data)

    def bulk_read(self, handle: int, _endpoint: int, _interface: int, data: Any, _time: int) -> int:
        model = self._transfer(handle)
        told = self.left.pop(handle, None) or _answered(model.answer)
        if told is None:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        told, left = told[: len(data)], told[len(data) :]
        if left:
            self.left[handle] = left
        return _filled(data, told)


def _answered(asked: Any, *arguments: Any) -> Any:
    try:
        return asked(*arguments)
    except Stall:
        raise usb.core.USBError("Pipe error", -9, errno.EPIPE) from None
    except Unplugged:
        raise usb.core.USBError("No such device", -4, errno.ENODEV) from None


def _filled(data: array[int], told: bytes) -> int:
    data[: len(told)] = array("B", told)
    return len(told)


def _parts(raw: bytes) -> Iterator[bytes]:
    at = _HEAD
    while at < len(raw):
        yield raw[at : at + raw[at]]
        at += raw[at]


def _endpoints(raw: bytes, interface: int) -> list[bytes]:
    """Those of the interface that is the *interface*-th of them all."""
    found: list[list[bytes]] = []
    for part in _parts(raw):
        if part[1] == _INTERFACE_TYPE:
            found.append([])
        elif part[1] == _ENDPOINT_TYPE and found:
            found[-1].append(part)
    return found[interface]


def _named(names: str, parts: Any, **more: object) -> SimpleNamespace:
    return SimpleNamespace(**dict(zip(names.split(), parts, strict=True)), **more)
