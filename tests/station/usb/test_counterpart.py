"""Which disk is the camera that was heard before it, and which devices go on record."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from station.heard import Heard, Refusal
from station.profile import load_profiles
from station.simulator.descriptors import KEYBOARD, STORAGE, VENDOR, descriptors
from station.usb.bus import Plugged
from station.usb.counterpart import COMES_WITHIN, Before, Hearings, counterpart, known
from station.usb.gate import Admitted, Candidate, Reason, Turned, judge
from station.usb.refusals import QUIET, SINGLY, Refusals

PROFILES = load_profiles(None)
DISK = descriptors(0x4255, 0x1000, [STORAGE])
HEARD = Heard(id="t-1", profile="amba-control", camera="BWC0001")


def device(raw: bytes = DISK, **more: object) -> Plugged:
    held = Plugged(port="1-2", number=5, raw=raw, is_on=True, maker=None, product=None, serial=None)
    return replace(held, **more)  # type: ignore[arg-type]


def candidates(raw: bytes = DISK) -> tuple[Candidate, ...]:
    judged = judge(raw, PROFILES)
    assert isinstance(judged, Admitted)
    return judged.candidates


BEFORE = Before(heard=HEARD, device=device(descriptors(0x4255, 1, [VENDOR])), at=100.0)


def test_the_disk_that_comes_to_the_port_in_time_is_the_camera() -> None:
    assert counterpart(BEFORE, device(), candidates(), 100.0 + COMES_WITHIN) == HEARD
    assert counterpart(BEFORE, device(serial="A"), candidates(), 101.0) == HEARD


@pytest.mark.parametrize(
    ("before", "came", "raw", "now"),
    [
        (None, device(), DISK, 101.0),
        (BEFORE, device(port="1-3"), DISK, 101.0),
        (BEFORE, device(), DISK, 100.1 + COMES_WITHIN),
        (BEFORE, device(), descriptors(0x4255, 1, [VENDOR]), 101.0),
        (replace(BEFORE, device=device(serial="A")), device(serial="B"), DISK, 101.0),
        (replace(BEFORE, heard=Heard(id="t-1", profile="other")), device(), DISK, 101.0),
    ],
)
def test_no_other_device_is(before: Before | None, came: Plugged, raw: bytes, now: float) -> None:
    assert counterpart(before, came, candidates(raw), now) is None


async def test_a_hearing_goes_on_when_its_camera_leaves_and_is_taken_once() -> None:
    hearings, done = Hearings(), asyncio.Event()

    async def hear() -> Before:
        await done.wait()
        return BEFORE

    waiting = asyncio.create_task(hearings.of("1-2", hear()))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    taken = hearings.take("1-2")
    done.set()

    assert await known(taken) == BEFORE
    assert await known(hearings.take("1-2")) is None


async def test_a_hearing_that_failed_is_none() -> None:
    hearings = Hearings()

    async def fail() -> Before:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  the very one
        await hearings.of("1-2", fail())
    assert await known(hearings.take("1-2")) is None


def test_a_number_in_a_name_may_be_shorter_and_may_not_be_another() -> None:
    assert HEARD.may_be_of("bwc0001")
    assert HEARD.may_be_of("0001")
    assert not HEARD.may_be_of("BWC0002")
    assert Heard(id="t-1", profile="p").may_be_of("BWC0002")


TYPIST = descriptors(0x4255, 1, [VENDOR, KEYBOARD])


def refused(held: Refusals, now: float, raw: bytes = TYPIST, port: str = "1-2") -> Refusal | None:
    judged = judge(raw, PROFILES)
    assert isinstance(judged, Turned)
    return held.of(device(raw, port=port), judged, now)


def test_a_refused_device_is_told_by_numbers_alone() -> None:
    told = refused(Refusals(), 0.0)

    assert told is not None
    assert (told.reason, told.vendor, told.product) == (Reason.INTERFACE, 0x4255, 1)
    assert (told.interfaces, told.count, told.port) == (("03:01:01",), 1, "1-2")


def test_broken_descriptors_are_told_by_their_digest() -> None:
    told = refused(Refusals(), 0.0, b"\x12\x01")

    assert told is not None
    assert (told.reason, told.vendor, told.interfaces) == (Reason.BROKEN, None, ())


def test_a_device_that_comes_back_for_ever_fills_no_log_and_is_counted() -> None:
    held, comings = Refusals(), 100_000

    told = [
        each for nth in range(comings) if (each := refused(held, nth / 10, port=f"1-2.{nth % 7}"))
    ]

    assert len(told) < SINGLY + 15
    assert [each.count for each in told[:SINGLY]] == [1] * SINGLY
    last = comings / 10 + QUIET + 1
    after = refused(held, last)
    assert after is not None
    assert sum(each.count for each in told) + after.count == comings + 1
    assert refused(held, last + 1) is not None


def test_sockets_are_counted_apart() -> None:
    held = Refusals()
    for nth in range(100):
        refused(held, float(nth))

    other = refused(held, 100.0, port="1-3")

    assert other is not None
    assert other.count == 1
