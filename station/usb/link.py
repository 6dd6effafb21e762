"""The line to a camera on the bus: what is said goes out as bytes, and its answer comes back.

Over pyusb.  A camera is another's machine: it may be silent, refuse, answer nonsense or be pulled
out at any moment, and each of these is an error of its own.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol, TypeVar

import usb.backend.libusb1
import usb.core
import usb.util

from evidence.errors import CameraRefused, CameraSilent, CardGone, SetupError
from station.profile.verbs import Setup, Wire
from station.usb.bus import Plugged

_GONE = frozenset({errno.ENODEV, errno.ESHUTDOWN, errno.ENOENT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM})
_READY_WITHIN = 3.0
"""Seconds within which the library knows what the kernel shows, and its node has its mode."""
_LOOK_AGAIN = 0.1
_LEFT_OVER_MS = 20
"""How long an answer to somebody before us is waited for."""
Opened = TypeVar("Opened")
_MOST_LEFT_OVER = 16
"""Answers that may wait there; a camera that talks for ever would keep its port for ever."""


class Link(Protocol):
    """A line to one camera; not for two at once."""

    def ask(self, words: bytes) -> bytes:
        """Say *words*; what came back, perhaps padded.

        Raises CardGone if the camera left, CameraSilent or CameraRefused; blocks for no longer
        than twice the line's time-out.
        """

    def renew(self) -> None:
        """Let it be spoken to again after it was silent: its next answer may be a late one.

        For words whose answer nobody believes.
        """

    def close(self) -> None:
        """Give the camera back; the line is not used afterwards."""


Backend = Callable[[], Any]
"""Makes what pyusb speaks through, in the process that speaks."""


def libusb() -> None:
    """What pyusb finds by itself."""


def has_library() -> bool:
    """Whether libusb is installed."""
    return usb.backend.libusb1.get_backend() is not None


def open_link(plugged: Plugged, wire: Wire, backend: Backend = libusb) -> UsbLink:
    """The line over *wire* to what is *plugged* in and switched on; one to a device at a time.

    CardGone if it left meanwhile, CameraRefused if it has no such endpoints, SetupError if we may
    not open it or libusb is missing.  Blocks for some seconds at most.
    """
    return found_device(plugged, lambda found, where: UsbLink(found, wire, where), backend)


def found_device(
    plugged: Plugged, use: Callable[[usb.core.Device, str], Opened], backend: Backend = libusb
) -> Opened:
    """What *use* makes of what is *plugged* in; CardGone if it left, others as *use* does."""
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        try:
            return _found_now(plugged, use, backend())
        except (CardGone, SetupError):  # the kernel shows it before everybody else is ready
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN)
            _look_at_the_bus_anew()


def _look_at_the_bus_anew() -> None:
    """Let libusb list what the kernel has now.

    It lists once, when a context of it begins, and then believes udev's events: where no udev
    runs, or is late, it goes on to show what has left and nothing that came.
    """
    usb.backend.libusb1._lib_object = None  # noqa: SLF001  pyusb has no other way to a new context


def _found_now(
    plugged: Plugged, use: Callable[[usb.core.Device, str], Opened], backend: Any
) -> Opened:
    wanted = int(plugged.port.partition("-")[0]), plugged.number
    where = f"at USB port {plugged.port}"
    with translated(where):
        found = usb.core.find(
            backend=backend, custom_match=lambda each: (each.bus, each.address) == wanted
        )
        if found is None:
            raise CardGone(f"the camera {where} left")
        return use(found, where)


class UsbLink:
    """The line over *wire* to the *device* of pyusb; *where* it is, for people."""

    def __init__(self, device: usb.core.Device, wire: Wire, where: str) -> None:
        self._device = device
        self._wire = wire
        self._where = where
        self._lost: str | None = None
        """Why nothing more can be asked, if so."""
        try:
            with translated(where):
                self._claim()
        except BaseException:
            usb.util.dispose_resources(device)
            raise

    def ask(self, words: bytes) -> bytes:
        if self._lost is not None:
            raise CameraSilent(f"the camera {self._where} {self._lost}")
        try:
            with translated(self._where):
                return self._asked(words)
        except CameraSilent:
            # Its answer may still come, and would be taken for that to the next question.
            self._lost = "did not answer before, so that its next answer would be in doubt"
            raise

    def renew(self) -> None:
        self._lost = None

    def close(self) -> None:
        self._lost = "was given back"
        with suppress(usb.core.USBError):  # it may be gone, which is fine here
            usb.util.dispose_resources(self._device)

    def _asked(self, words: bytes) -> bytes:
        wire, device = self._wire, self._device
        if wire.write is not None and wire.read is not None:
            self._control(wire.write, words)
            return bytes(self._control(wire.read, wire.most))
        try:
            sent = device.write(wire.endpoint_out, words, wire.timeout_ms)
            if sent != len(words):
                raise CameraRefused(f"the camera {self._where} took {sent} of {len(words)} bytes")
            return bytes(device.read(wire.endpoint_in, wire.most, wire.timeout_ms))
        except usb.core.USBError as error:
            if error.errno == errno.EPIPE:  # both stay halted until they are told otherwise
                for endpoint in (wire.endpoint_out, wire.endpoint_in):
                    with suppress(usb.core.USBError):
                        device.clear_halt(endpoint)
            raise

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

    def _claim(self) -> None:
        """Take the interface that has both endpoints, and throw old answers away."""
        wire = self._wire
        if wire.endpoint_out is None:
            return
        wanted = {wire.endpoint_out, wire.endpoint_in}
        for interface in self._device.get_active_configuration():
            if interface.bAlternateSetting == 0 and wanted <= _bulk(interface):
                usb.util.claim_interface(self._device, int(interface.bInterfaceNumber))
                self._throw_away_old_answers()
                return
        raise CameraRefused(f"the camera {self._where} has no such endpoints as its profile says")

    def _throw_away_old_answers(self) -> None:
        with suppress(usb.core.USBTimeoutError):
            for _ in range(_MOST_LEFT_OVER):
                self._device.read(self._wire.endpoint_in, self._wire.most, _LEFT_OVER_MS)
            raise CameraRefused(f"the camera {self._where} talks without being asked")


def _bulk(interface: Any) -> set[int]:
    """Addresses of the bulk endpoints of *interface*."""
    kind = usb.util.ENDPOINT_TYPE_BULK
    return {
        int(each.bEndpointAddress)
        for each in interface
        if usb.util.endpoint_type(each.bmAttributes) == kind
    }


@contextmanager
def translated(where: str) -> Iterator[None]:
    """What libusb says, in the product's names."""
    try:
        yield
    except usb.core.NoBackendError as error:
        raise SetupError(
            "libusb is not installed", advice="apt-get install libusb-1.0-0, then start again."
        ) from error
    except usb.core.USBTimeoutError as error:
        raise CameraSilent(f"the camera {where} does not answer") from error
    except (usb.core.USBError, NotImplementedError) as error:
        raise _named(where, getattr(error, "errno", None), str(error)) from error


def _named(where: str, number: int | None, said: str) -> CardGone | CameraRefused | SetupError:
    if number in _GONE:
        return CardGone(f"the camera {where} left while it was spoken to")
    if number in _FORBIDDEN:
        return SetupError(
            f"the camera {where} may not be opened by us",
            advice="Let the station's user open it: see config/60-evidock.rules.",
        )
    if number == errno.EBUSY:
        return CameraRefused(
            f"the camera {where} is held by another program",
            advice="Stop what else speaks to cameras on this machine, then dock it again.",
        )
    return CameraRefused(f"the camera {where} refuses what is said to it: {said}")
