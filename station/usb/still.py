"""The bulk pipe of a still-image device (PTP, MTP) on the bus.

Source: "Universal Serial Bus Still Image Capture Device Definition" 1.0 (USB-IF), 3, 5 and 7.
"""

from __future__ import annotations

import errno
import struct
import time
from contextlib import suppress
from typing import Any

import usb.core
import usb.util

from evidence.errors import CameraRefused, CameraSilent
from station.ptp.card import PtpCard
from station.usb.bus import Plugged
from station.usb.link import Backend, found_device, libusb, translated

_STILL_IMAGE, _VENDORS = 0x06, 0xFF
_PATIENCE_MS = 20_000
"""A phone counts its whole folder before it answers."""
_SHORT_MS = 500
_LEFT_OVER_MS = 20
"""How long the rest of an answer to somebody before us is waited for."""
_CANCEL, _RESET, _GET_STATUS = 0x64, 0x66, 0x67
_OUT, _IN = 0x21, 0xA1
_CANCELLED = 0x4001
_OK, _BUSY = 0x2001, 0x2019
_ENDS_WITHIN = 5.0
_DRAINED = 1 << 20


class StillPipe:
    """The pipe to the device of pyusb; *where* it is, for people."""

    def __init__(self, device: usb.core.Device, where: str) -> None:
        self._device = device
        self._where = where
        try:
            with translated(where):
                self._number, self._out, self._in = _endpoints(device, where)
                usb.util.claim_interface(device, self._number)
                self._throw_away_old_answers()
        except BaseException:
            usb.util.dispose_resources(device)
            raise

    def write(self, data: bytes) -> None:
        with translated(self._where):
            sent = self._do(lambda: self._device.write(self._out, data, _PATIENCE_MS))
        if sent != len(data):
            raise CameraRefused(f"the device {self._where} took {sent} of {len(data)} bytes")

    def read(self, size: int) -> bytes:
        with translated(self._where):
            return bytes(self._do(lambda: self._device.read(self._in, size, _PATIENCE_MS)))

    def cancel(self, transaction: int) -> None:
        told = struct.pack("<HI", _CANCELLED, transaction)
        with translated(self._where):
            self._device.ctrl_transfer(_OUT, _CANCEL, 0, self._number, told, _PATIENCE_MS)
            self._drain()
            deadline = time.monotonic() + _ENDS_WITHIN
            while self._status() == _BUSY:
                if time.monotonic() > deadline:
                    raise CameraSilent(f"the device {self._where} does not give up what it sends")
                self._drain()

    def close(self) -> None:
        with suppress(usb.core.USBError):  # it may be gone, which is fine here
            usb.util.dispose_resources(self._device)

    def _throw_away_old_answers(self) -> None:
        """End what somebody before us left under way: who is killed in a file leaves the rest."""
        try:
            self._do(lambda: self._device.read(self._in, _DRAINED, _LEFT_OVER_MS))
        except usb.core.USBTimeoutError:
            return
        except usb.core.USBError as error:
            if error.errno != errno.EPIPE:
                raise
        with suppress(usb.core.USBError):  # not all know it: then what comes is thrown away
            self._device.ctrl_transfer(_OUT, _RESET, 0, self._number, None, _PATIENCE_MS)
        self._drain()

    def _status(self) -> int:
        told = bytes(
            self._device.ctrl_transfer(_IN, _GET_STATUS, 0, self._number, 64, _PATIENCE_MS)
        )
        return int.from_bytes(told[2:4], "little") or _OK

    def _drain(self) -> None:
        """Throw away what was under way; a device that stalls here has nothing more."""
        deadline = time.monotonic() + _ENDS_WITHIN
        with suppress(usb.core.USBTimeoutError):
            while time.monotonic() < deadline:
                try:
                    self._device.read(self._in, _DRAINED, _SHORT_MS)
                except usb.core.USBTimeoutError:
                    raise
                except usb.core.USBError as error:
                    if error.errno != errno.EPIPE:
                        raise
                    self._device.clear_halt(self._in)
                    return

    def _do(self, transfer: Any) -> Any:
        """A transfer; of a halted pipe both ends are freed, so that the next may be tried."""
        try:
            return transfer()
        except usb.core.USBError as error:
            if error.errno == errno.EPIPE:
                for endpoint in (self._out, self._in):
                    with suppress(usb.core.USBError):
                        self._device.clear_halt(endpoint)
            raise


def open_ptp(device: Plugged, life: str, backend: Backend = libusb) -> PtpCard:
    """*device* as a card; raises as :func:`open_still` and :class:`PtpCard`."""
    return PtpCard(open_still(device, backend), life=life)


def open_still(device: Plugged, backend: Backend = libusb) -> StillPipe:
    """The pipe to *device*, switched on; one to a device at a time.

    CardGone if it left meanwhile, CameraRefused if it has no such endpoints, SetupError if we may
    not open it or libusb is missing.  Blocks for some seconds at most.
    """
    return found_device(device, StillPipe, backend)


def _endpoints(device: usb.core.Device, where: str) -> tuple[int, int, int]:
    """Number, bulk-out and bulk-in of its still-image interface, or of a vendor's like it."""
    for kind in (_STILL_IMAGE, _VENDORS):
        for interface in device.get_active_configuration():
            if interface.bInterfaceClass != kind or interface.bAlternateSetting != 0:
                continue
            bulk = sorted(
                int(each.bEndpointAddress)
                for each in interface
                if usb.util.endpoint_type(each.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
            )
            if len(bulk) == 2 and bulk[0] < 0x80 <= bulk[1]:  # noqa: PLR2004
                return int(interface.bInterfaceNumber), bulk[0], bulk[1]
    raise CameraRefused(f"the device {where} has no pipe for PTP or MTP")
