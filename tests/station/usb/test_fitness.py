"""What the doctor says of a machine that is to take in cameras, over folders like the kernel's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from evidence.settings import StationSettings
from station.usb.bus import Bus
from station.usb.fitness import RULES, Answer, Machine, look
from tests.station.usb.test_bus import plug


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """All is well on it."""
    bus = Bus(devices=tmp_path / "devices")
    entry = plug(bus, "1-2")
    (entry / "authorized").write_text("1\n")
    number = int((entry / "devnum").read_text())
    made = Machine(
        bus=bus,
        rules=(tmp_path / "etc", tmp_path / "lib"),
        udev=tmp_path / "control",
        nodes=tmp_path / "nodes",
    )
    (made.nodes / "001").mkdir(parents=True)
    (made.nodes / "001" / f"{number:03}").write_bytes(b"")
    (bus.devices / "usb1").mkdir()
    (bus.devices / "usb1" / "authorized_default").write_text("0\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / RULES).write_text("")
    made.udev.write_text("")
    return made


def answers(machine: Machine, **settings: object) -> Mapping[str, Answer]:
    chosen = StationSettings(usb=True, **settings)  # type: ignore[arg-type]
    return {each.name: each for each in look(chosen, machine)}


def test_a_machine_that_is_set_up_has_nothing_missing(machine: Machine) -> None:
    found = answers(machine)

    assert [each for each in found.values() if not each.ok and each.name != "libusb"] == []
    assert "1 devices" in found["usb"].detail


def test_each_thing_that_is_missing_is_named_with_what_to_do(machine: Machine) -> None:
    (machine.rules[1] / RULES).unlink()
    machine.udev.unlink()
    (machine.bus.devices / "usb1" / "authorized_default").write_text("1\n")
    next((machine.nodes / "001").iterdir()).unlink()
    (machine.bus.devices / "1-2" / "authorized").unlink()
    (machine.bus.devices / "1-2" / "authorized").mkdir()

    found = answers(machine)

    assert "cp config" in found["udev rules"].detail
    assert "systemd-udevd" in found["udev"].detail
    assert "usb1" in found["usb gate"].detail
    assert not any(found[name].ok for name in ("udev rules", "udev", "usb gate"))


def test_a_node_that_may_not_be_opened_is_named(machine: Machine) -> None:
    next((machine.nodes / "001").iterdir()).unlink()

    found = answers(machine)["usb nodes"]

    assert not found.ok
    assert "ports 1-2" in found.detail


def test_a_kernel_without_usb_is_named(machine: Machine, tmp_path: Path) -> None:
    without = Machine(bus=Bus(devices=tmp_path / "none"), udev=machine.udev, rules=machine.rules)

    found = answers(without)

    assert not found["usb"].ok
    assert "usb gate" not in found


def test_passwords_that_others_may_read_and_profiles_that_are_none_are_named(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "passwords.toml"
    file.write_text('amba-control = "secret7"\n')
    file.chmod(0o644)

    found = answers(machine, camera_passwords=str(file), profiles=str(tmp_path / "nowhere"))

    assert not found["camera passwords"].ok
    assert "chmod 600" in found["camera passwords"].detail
    assert "secret7" not in str(found)
    assert not found["camera profiles"].ok


def test_passwords_are_counted_by_profile_and_not_told(machine: Machine, tmp_path: Path) -> None:
    file = tmp_path / "passwords.toml"
    file.write_text('amba-control = "secret7"\n')
    file.chmod(0o600)

    found = answers(machine, camera_passwords=str(file))["camera passwords"]

    assert (found.ok, found.detail) == (True, "for amba-control")


def test_a_station_without_usb_needs_none_of_it(machine: Machine) -> None:
    found = list(look(StationSettings(), machine))

    assert [(each.name, each.ok) for each in found] == [("usb", True), ("camera profiles", True)]
