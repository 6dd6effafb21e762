"""The bus: which device is plugged in at which port, and the switch of each.

One rule: a port is a slot of the dock, and names what is in it (``1-2.3``: the bus, and the port of
each hub on the way).  A device that comes back is another device, whatever it says it is.

Read from ``/sys/bus/usb/devices`` (Linux, ``Documentation/ABI/testing/sysfs-bus-usb``); the switch
is ``authorized`` (``Documentation/usb/authorization.rst``).  A device may leave at any moment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evidence.errors import CardGone, SetupError
from station.usb.descriptors import MOST

DEVICES = Path("/sys/bus/usb/devices")
_PORT = re.compile(r"\d+-\d+(\.\d+)*")
_LONGEST = 256
"""Characters of a name that are kept: USB strings have at most 126."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
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

        CardGone if another is in its port by now; SetupError if we may not.
        """
        entry = self.devices / device.port
        try:
            if _number(entry) != device.number:
                raise CardGone(f"the device at port {device.port} is gone")
            (entry / "authorized").write_text("1" if on else "0", encoding="ascii")
        except FileNotFoundError as error:
            raise CardGone(f"the device at port {device.port} is gone") from error
        except PermissionError as error:
            raise SetupError(
                f"{entry}/authorized may not be written",
                advice="Let the station's user write it: see config/60-evidock.rules.",
            ) from error
        except OSError as error:
            raise CardGone(f"port {device.port} cannot be switched: {error.strerror}") from error

    def disks(self, device: Plugged) -> tuple[str, ...]:
        """Names below ``/dev`` of the disks that *device* has become; none while it settles."""
        entry = self.devices / device.port
        found = entry.glob(f"{device.port}:*/host*/target*/*/block/*")
        try:
            return tuple(sorted(each.name for each in found))
        except OSError:  # it left while we looked
            return ()

    def _plugged(self, entries: list[Path]) -> Iterator[Plugged]:
        for entry in entries:
            if _PORT.fullmatch(entry.name):
                with suppress(OSError, ValueError):  # it left while we looked
                    yield _look(entry)


def _look(entry: Path) -> Plugged:
    with (entry / "descriptors").open("rb") as file:
        raw = file.read(MOST + 1)
    return Plugged(
        port=entry.name,
        number=_number(entry),
        raw=raw,
        is_on=(entry / "authorized").read_text("ascii").strip() == "1",
        maker=_claim(entry / "manufacturer"),
        product=_claim(entry / "product"),
        serial=_claim(entry / "serial"),
    )


def _number(entry: Path) -> int:
    return int((entry / "devnum").read_text("ascii"))


def _claim(file: Path) -> str | None:
    """What the device says, fit to be shown; None if it says nothing."""
    try:
        text = file.read_bytes()[: 4 * _LONGEST].decode("utf-8", "backslashreplace")
    except OSError:
        return None
    shown = "".join(each if each.isprintable() else "�" for each in text.strip())
    return shown[:_LONGEST] or None


def _life(device: Plugged) -> tuple[str, int]:
    return device.port, device.number
