"""The bus as the kernel shows it: a folder like ``/sys/bus/usb/devices``, made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import CardGone, SetupError
from station.simulator.descriptors import STORAGE, descriptors
from station.usb.bus import Bus, Changes, Plugged

RAW = descriptors(0x4255, 0x1000, [STORAGE])


@pytest.fixture
def bus(tmp_path: Path) -> Bus:
    return Bus(devices=tmp_path / "devices")


def plug(bus: Bus, port: str, number: int = 5, **claims: bytes) -> Path:
    entry = bus.devices / port
    entry.mkdir(parents=True, exist_ok=True)
    (entry / "descriptors").write_bytes(RAW)
    (entry / "devnum").write_text(f"{number}\n")
    (entry / "authorized").write_text("0\n")
    for name, text in claims.items():
        (entry / name).write_bytes(text)
    return entry


def test_only_devices_in_ports_are_listed(bus: Bus) -> None:
    for name in ("1-2", "1-2.4", "usb1", "1-2:1.0", "1-0:1.0"):
        plug(bus, name, 5, serial=b"BWC0001\n")

    found = bus.listing()

    assert [each.port for each in found] == ["1-2", "1-2.4"]
    assert (found[0].raw, found[0].number, found[0].is_on) == (RAW, 5, False)
    assert (found[0].serial, found[0].maker) == ("BWC0001", None)


def test_a_device_that_leaves_while_it_is_looked_at_is_not_listed(bus: Bus) -> None:
    for missing in ("descriptors", "devnum", "authorized"):
        (plug(bus, f"1-{len(missing)}") / missing).unlink()
    plug(bus, "2-1")

    assert [each.port for each in bus.listing()] == ["2-1"]


def test_what_a_device_claims_is_made_fit_to_be_shown(bus: Bus) -> None:
    plug(bus, "1-1", manufacturer=b"\x1b[2J\xff" + b"x" * 5000, product="警用".encode())

    (found,) = bus.listing()

    assert found.maker is not None
    assert found.maker.isprintable()
    assert found.maker.startswith(r"\x1b[2J\xffxxx")
    assert len(found.maker) < 1100
    assert found.product == "警用"


def test_a_machine_without_usb_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="nothing"):
        Bus(devices=tmp_path / "nothing").listing()


def test_a_device_is_switched_on_and_off(bus: Bus) -> None:
    entry = plug(bus, "1-2")
    (device,) = bus.listing()

    bus.switch(device, on=True)
    assert (entry / "authorized").read_text() == "1\n"
    bus.switch(device, on=False)
    assert (entry / "authorized").read_text() == "0\n"


def test_another_device_in_the_same_port_is_not_switched_on(bus: Bus) -> None:
    entry = plug(bus, "1-2", 5)
    (device,) = bus.listing()
    plug(bus, "1-2", 6)

    with pytest.raises(CardGone, match="1-2"):
        bus.switch(device, on=True)

    assert (entry / "authorized").read_text() == "0\n"


def test_the_disks_of_a_device_are_found(bus: Bus) -> None:
    entry = plug(bus, "1-2")
    (device,) = bus.listing()
    assert bus.disks(device) == ()

    (entry / "1-2:1.0/host2/target2:0:0/2:0:0:0/block/sdb").mkdir(parents=True)

    assert bus.disks(device) == ("sdb",)


def plugged(port: str, number: int) -> Plugged:
    return Plugged(
        port=port, number=number, raw=RAW, is_on=False, maker=None, product=None, serial=None
    )


def test_changes_are_what_left_and_what_came() -> None:
    stays, leaves, again = plugged("1-1", 1), plugged("1-2", 2), plugged("1-3", 3)
    switched_on = replace(stays, is_on=True)
    back, new = plugged("1-3", 4), plugged("1-4", 5)

    found = Changes.between((stays, leaves, again), (switched_on, back, new))

    assert found == Changes(left=(leaves, again), came=(back, new))
    assert found
    assert not Changes.between((stays,), (switched_on,))
