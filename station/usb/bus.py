"""The bus: which device is plugged in at which port, and the switch of each.

One rule: a port is a slot of the dock, and names what is in it (``1-2.3``: the bus, and the port of
each hub on the way).  A device that comes back is another device, whatever it says it is.

Read from ``/sys/bus/usb/devices`` (Linux, ``Documentation/ABI/testing/sysfs-bus-usb``); the switch
is ``authorized`` (``Documentation/usb/authorization.rst``).  A device may leave at any moment.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import CameraRefused, CardGone, SetupError
from evidence.names import shown
from station.usb.descriptors import MOST

DEVICES = Path("/sys/bus/usb/devices")
_PORT = re.compile(r"\d+-\d+(\.\d+)*")
_LONGEST = 256
"""Characters of a claim that are read: USB strings have at most 126."""
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged:
    """One device, as it was when it was looked at."""

    port: str
    number: int
    """The kernel's: another one each time that something is plugged in."""
    raw: bytes
    """Its descriptors."""
    is_on: bool
    """Whether the kernel lets anybody use it."""
    maker: str | None
    """What it claims, as its product and serial."""
    product: str | None
    serial: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What happened between two looks at the bus."""

    left: tuple[Plugged, ...]
    came: tuple[Plugged, ...]

    @classmethod
    def between(cls, before: tuple[Plugged, ...], after: tuple[Plugged, ...]) -> Changes:
        """Also one that was pulled out and plugged in again between the two left, and came."""
        then, now = {_life(each) for each in before}, {_life(each) for each in after}
        return cls(
            left=tuple(each for each in before if _life(each) not in now),
            came=tuple(each for each in after if _life(each) not in then),
        )

    def __bool__(self) -> bool:
        return bool(self.left or self.came)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """All buses of this machine."""

    devices: Path = DEVICES

    def listing(self) -> tuple[Plugged, ...]:
        """What is plugged in now, by port; not the machine's own root hubs.

        SetupError if this kernel has no USB.
        """
        try:
            entries = sorted(self.devices.iterdir())
        except OSError as error:
            raise SetupError(f"{self.devices} cannot be read: {error.strerror}") from error
        return tuple(self._plugged(entries))

    def switch(self, device: Plugged, *, on: bool) -> None:
        """Let the kernel give *device* to its drivers and to us, or take it from all.

        CardGone if another is in its port by now; SetupError if we may not; CameraRefused if the
        kernel cannot.
        """
        try:
            with _entry(self.devices / device.port) as entry:
                if _number(entry) != device.number:
                    raise CardGone(f"the device at port {device.port} is gone")
                _write(entry, "authorized", b"1\n" if on else b"0\n")
        except PermissionError as error:
            raise SetupError(
                f"{self.devices}/{device.port}/authorized may not be written",
                advice="Let the station's user write it: see config/60-evidock.rules.",
            ) from error
        except OSError as error:
            if error.errno in _GONE:
                raise CardGone(f"the device at port {device.port} is gone") from error
            raise CameraRefused(
                f"port {device.port} cannot be switched: {error.strerror}"
            ) from error

    def disks(self, device: Plugged) -> tuple[str, ...]:
        """Names below ``/dev`` of the disks that *device* has become; none while it settles.

        CardGone if another is in its port by now.
        """
        place = self.devices / device.port
        try:
            found = sorted(place.glob(f"{device.port}:*/host*/target*/*/block/*"))
            with _entry(place) as entry:
                if _number(entry) != device.number:
                    raise CardGone(f"the device at port {device.port} is gone")
        except OSError as error:
            raise CardGone(f"the device at port {device.port} is gone") from error
        return tuple(each.name for each in found)

    def _plugged(self, entries: list[Path]) -> Iterator[Plugged]:
        for entry in entries:
            if _PORT.fullmatch(entry.name):
                with suppress(OSError, ValueError):  # it left while we looked
                    yield _look(entry)


def _look(place: Path) -> Plugged:
    with _entry(place) as entry:
        return Plugged(
            port=place.name,
            number=_number(entry),
            raw=_read(entry, "descriptors", MOST + 1),
            is_on=_read(entry, "authorized").strip() == b"1",
            maker=_claim(entry, "manufacturer"),
            product=_claim(entry, "product"),
            serial=_claim(entry, "serial"),
        )


@contextmanager
def _entry(place: Path) -> Iterator[int]:
    """The folder of one device, held: another that takes its port has another folder."""
    handle = os.open(place, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        os.close(handle)


def _read(entry: int, name: str, most: int = 4 * _LONGEST) -> bytes:
    handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=entry)
    with open(handle, "rb") as file:  # noqa: PTH123  it is open already
        return file.read(most)


def _write(entry: int, name: str, data: bytes) -> None:
    handle = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=entry)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)


def _number(entry: int) -> int:
    return int(_read(entry, "devnum"))


def _claim(entry: int, name: str) -> str | None:
    """What the device says, fit to be shown; None if it says nothing."""
    try:
        return shown(_read(entry, name).strip()) or None
    except OSError:
        return None


def _life(device: Plugged) -> tuple[str, int]:
    return device.port, device.number
