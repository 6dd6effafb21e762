"""Whether this machine lets the station take in cameras at USB ports; each answer says what to do.

It only looks: nothing is switched, opened or spoken to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence.errors import SetupError
from evidence.settings import StationSettings
from station.approval import Approvals, approvals
from station.usb.bus import Bus
from station.usb.link import has_library
from station.usb.passwords import read_passwords

RULES = "60-evidock.rules"
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where things lie on this machine."""

    bus: Bus = field(default_factory=Bus)
    rules: Sequence[Path] = (
        Path("/etc/udev/rules.d"),
        Path("/run/udev/rules.d"),
        Path("/usr/lib/udev/rules.d"),
        Path("/lib/udev/rules.d"),
    )
    udev: Path = Path("/run/udev/control")
    nodes: Path = Path("/dev/bus/usb")


def look(settings: StationSettings, machine: Machine) -> Iterator[Answer]:
    """Everything that cameras at USB ports need; one answer if none are taken in."""
    if not settings.usb:
        yield Answer(name="usb", ok=True, detail="no cameras are taken in at USB ports")
    else:
        yield _library()
        yield _udev(machine)
        yield _rules(machine)
        yield from _kernel(machine)
        yield _passwords(settings)
    yield _profiles(settings)


def _library() -> Answer:
    found = has_library()
    detail = "found" if found else "not found; as root: apt-get install libusb-1.0-0"
    return Answer(name="libusb", ok=found, detail=detail)


def _udev(machine: Machine) -> Answer:
    runs = machine.udev.exists()
    advice = "not running: nobody gives the station's user its rights; start systemd-udevd"
    return Answer(name="udev", ok=runs, detail="running" if runs else advice)


def _rules(machine: Machine) -> Answer:
    found = next((place / RULES for place in machine.rules if (place / RULES).is_file()), None)
    detail = (
        f"not installed; as root: cp config/{RULES} {machine.rules[0]}/, then"
        " udevadm control --reload, and start this machine anew"
        if found is None
        else str(found)
    )
    return Answer(name="udev rules", ok=found is not None, detail=detail)


def _kernel(machine: Machine) -> Iterator[Answer]:
    try:
        plugged = machine.bus.listing()
    except SetupError as error:
        yield Answer(name="usb", ok=False, detail=f"{error}: this kernel has no USB")
        return
    yield Answer(name="usb", ok=True, detail=f"{len(plugged)} devices are plugged in")
    yield _default(machine)
    closed = [each.port for each in plugged if not _may_switch(machine.bus.devices / each.port)]
    yield _rights("usb switches", closed, "may not be switched by this user")
    nodes = {
        each.port: machine.nodes / f"{int(each.port.partition('-')[0]):03}" / f"{each.number:03}"
        for each in plugged
        if each.is_on
    }
    shut = [port for port, node in nodes.items() if not os.access(node, os.R_OK | os.W_OK)]
    yield _rights("usb nodes", shut, "may not be spoken to by this user")


def _default(machine: Machine) -> Answer:
    """Whether devices are off until the station has looked at them."""
    name, hubs = "usb gate", sorted(machine.bus.devices.glob("usb*/authorized_default"))
    open_ones = [hub.parent.name for hub in hubs if not _begins_off(hub)]
    if open_ones:
        detail = (
            f"what is plugged into {', '.join(open_ones)} is switched on before it is judged:"
            f" install config/{RULES}, and start this machine anew"
        )
        return Answer(name=name, ok=False, detail=detail)
    return Answer(name=name, ok=bool(hubs), detail=f"{len(hubs)} buses begin switched off")


def _begins_off(switch: Path) -> bool:
    try:
        return switch.read_text().strip() == "0"
    except OSError:  # what cannot be read is not known to be off
        return False


def _may_switch(place: Path) -> bool:
    return os.access(place / "authorized", os.W_OK)


def _rights(name: str, closed: Sequence[str], words: str) -> Answer:
    if not closed:
        return Answer(name=name, ok=True, detail="this user may use them all")
    some = ", ".join(closed[:_FEW]) + ("" if len(closed) <= _FEW else f" and {len(closed) - _FEW}")
    advice = f"config/{RULES} gives them to the group evidock: run this as the station's user"
    return Answer(name=name, ok=False, detail=f"ports {some} {words}; {advice}")


def _passwords(settings: StationSettings) -> Answer:
    name = "camera passwords"
    try:
        known = read_passwords(settings.camera_passwords)
    except SetupError as error:
        return Answer(name=name, ok=False, detail=f"{error} ({error.advice})")
    told = ", ".join(sorted(known)) or "no profile; set [station] camera_passwords if one needs it"
    return Answer(name=name, ok=True, detail=f"for {told}")


def _profiles(settings: StationSettings) -> Answer:
    name = "camera profiles"
    try:
        found = approvals(settings)
    except SetupError as error:
        return Answer(name=name, ok=False, detail=f"{error} ({error.advice})")
    if found.left_out:
        return Answer(name=name, ok=False, detail="; ".join(found.left_out))
    untried = sum(each.verified.value == "none" for each in found.profiles)
    detail = f"{len(found.used)} profiles, {untried} of them never held against a camera"
    return Answer(name=name, ok=True, detail=f"{detail}; {_signatures(settings, found)}")


def _signatures(settings: StationSettings, found: Approvals) -> str:
    if not settings.profile_keys:
        return "no signature is checked, since [station] profile_keys is empty"
    signed = sum(each.signed_by is not None for each in found.used)
    without = len(found.used) - signed
    idle = f"; not used: {', '.join(found.not_listed)}" if found.not_listed else ""
    return f"{signed} signed, {without} shipped and used without a signature{idle}"
