from __future__ import annotations

from collections.abc import Sequence

import pytest

from station.profile import Profile, Verified
from station.profile.identity import Identity, Mode
from station.simulator.descriptors import (
    HUB,
    KEYBOARD,
    NETWORK,
    PTP,
    SERIAL,
    STORAGE,
    VENDOR,
    Kind,
    descriptors,
)
from station.usb.gate import Admitted, Hub, Reason, Turned, judge


def profile(name: str, *identities: Identity) -> Profile:
    return Profile(id=name, title=name, verified=Verified.NONE, usb=list(identities))


CONTROL = Identity(mode=Mode.CONTROL, vendor=0x4255, product=1, interfaces=["ff:*:*"])
AS_DISK = Identity(mode=Mode.STORAGE, vendor=0x4255, product=0x1000, interfaces=["08:06:50"])
ANY = Identity(mode=Mode.STORAGE, interfaces=["08:06:50", "06:01:01"])
PROFILES = (
    profile("generic", ANY),
    profile("a", CONTROL, AS_DISK),
    profile("b", CONTROL),
)


def admitted(*kinds: Sequence[Kind], vendor: int = 0x4255, product: int = 1) -> list[str]:
    judged = judge(descriptors(vendor, product, *kinds), PROFILES)
    assert isinstance(judged, Admitted), judged
    return [f"{each.profile.id} {each.identity.mode}" for each in judged.candidates]


def turned(*kinds: Sequence[Kind], vendor: int = 0x4255, product: int = 1) -> Turned:
    judged = judge(descriptors(vendor, product, *kinds), PROFILES)
    assert isinstance(judged, Turned)
    return judged


def test_a_camera_is_known_by_its_identity_and_two_may_share_one() -> None:
    assert admitted([VENDOR]) == ["a control", "b control"]


def test_the_profile_that_names_the_camera_goes_before_the_one_for_any() -> None:
    assert admitted([STORAGE], product=0x1000) == ["a storage", "generic storage"]
    assert admitted([PTP], vendor=0x04B0) == ["generic storage"]


@pytest.mark.parametrize("extra", [KEYBOARD, NETWORK, SERIAL, (0xE0, 1, 1), HUB])
def test_an_extra_interface_turns_a_camera_away(extra: Kind) -> None:
    judged = turned([VENDOR, extra])

    assert judged.reason is Reason.INTERFACE
    assert ":".join(f"{part:02x}" for part in extra) in judged.words


def test_an_extra_interface_in_another_configuration_counts_too() -> None:
    judged = turned([STORAGE], [STORAGE, KEYBOARD], product=0x1000)

    assert judged.words == (
        "4255:1000 has an interface that is none of a camera's: keyboard or mouse (03:01:01)"
    )


def test_a_device_that_no_profile_names_stays_off() -> None:
    judged = judge(descriptors(0x1D6B, 2, [VENDOR]), PROFILES[1:])

    assert isinstance(judged, Turned)
    assert (judged.reason, judged.words) == (Reason.UNKNOWN, "no profile names 1d6b:0002")
    assert [str(kind) for kind in judged.extra] == ["ff:00:00"]


def test_a_hub_passes_if_it_is_nothing_else() -> None:
    hub, keyboard_too = (
        descriptors(1, 1, [HUB], kind=HUB),
        descriptors(1, 1, [HUB, KEYBOARD], kind=HUB),
    )

    assert isinstance(judge(hub, PROFILES), Hub)
    assert isinstance(judge(keyboard_too, PROFILES), Turned)
    assert isinstance(judge(descriptors(1, 1, [HUB]), PROFILES), Turned)


def test_a_device_with_broken_descriptors_stays_off() -> None:
    judged = judge(descriptors(0x4255, 1, [VENDOR])[:-1], PROFILES)

    assert isinstance(judged, Turned)
    assert judged.reason is Reason.BROKEN


def test_a_camera_that_became_a_disk_passes_by_its_other_identity_only() -> None:
    assert turned([STORAGE, VENDOR], product=0x1000).reason is Reason.INTERFACE
    assert turned([STORAGE, VENDOR]).reason is Reason.INTERFACE
