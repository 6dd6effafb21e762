from __future__ import annotations

import random

import pytest

from station.simulator.descriptors import KEYBOARD, PTP, STORAGE, VENDOR, descriptors
from station.usb.descriptors import Descriptors, DescriptorsBroken, Kind

ROOT_HUB = bytes.fromhex(
    "12010002090001406b1d020006050302010109021900010100e0000904000001090000000705810304000c"
)
"""usb_device of the Linux kernel's own EHCI root hub (1d6b:0002), as ``/sys`` shows it."""


def test_a_devices_interfaces_are_those_of_all_its_configurations() -> None:
    told = Descriptors.of(descriptors(0x4255, 0x1000, [STORAGE], [PTP, VENDOR]))

    assert told.name == "4255:1000"
    assert told.interfaces == {Kind(*STORAGE), Kind(*PTP), Kind(*VENDOR)}


def test_a_real_devices_descriptors_are_understood() -> None:
    told = Descriptors.of(ROOT_HUB)

    assert (told.name, {str(kind) for kind in told.interfaces}) == ("1d6b:0002", {"09:00:00"})


GOOD = descriptors(0x4255, 1, [STORAGE, KEYBOARD])
FALSE = {
    "nothing": b"",
    "no device descriptor": b"\x12\x02" + GOOD[2:],
    "cut off": GOOD[:-3],
    "no configuration": GOOD[:18],
    "something behind it": GOOD + b"\x09\x04\x00\x00\x00\x03\x01\x01\x00",
    "a length of none": GOOD[:27] + b"\0" + GOOD[28:],
    "fewer interfaces than there are": GOOD[:22] + b"\x01" + GOOD[23:],
    "no interface": descriptors(1, 1, []),
    "no end": GOOD + bytes(70_000),
}


@pytest.mark.parametrize("raw", FALSE.values(), ids=FALSE)
def test_descriptors_that_contradict_themselves_are_refused(raw: bytes) -> None:
    with pytest.raises(DescriptorsBroken):
        Descriptors.of(raw)


def test_whatever_bytes_come_are_understood_or_refused() -> None:
    chance = random.Random(1)
    for _ in range(3000):
        raw = bytearray(GOOD)
        for _ in range(chance.randint(1, 4)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        try:
            assert Descriptors.of(bytes(raw)).interfaces
        except DescriptorsBroken as error:
            assert str(error)  # noqa: PT017  it says why
