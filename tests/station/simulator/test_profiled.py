"""Cameras made of profiles: they do what the profile says, and nothing that it does not tell."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec
import pytest

from evidence.errors import CameraRefused, CameraSilent
from station.profile import Profile, load_profiles
from station.profile.identity import Mode
from station.profile.verbs import Verb
from station.simulator.bus import Bus
from station.simulator.profiled import FAST_BY, ProfiledModel, identity, shows, unanswerable
from station.usb.camera import Camera
from station.usb.descriptors import Descriptors
from station.usb.link import UsbLink
from tests.station.simulator.acme import PASSWORD, acme
from tests.station.usb.writable import profile as writable

NOW = datetime(2026, 11, 26, 21, 40, 5)  # noqa: DTZ001  a camera knows no zone
SHIPPED = {each.id: each for each in load_profiles(None)}


def model(profile: Profile, password: str | None = PASSWORD) -> ProfiledModel:
    return ProfiledModel(profile=profile, now=lambda: NOW, password=password)


def camera(of: ProfiledModel, password: str = PASSWORD) -> Camera:
    assert of.profile.wire is not None
    link = UsbLink(Bus().plug(of), of.profile.wire, "here")
    return Camera(link=link, profile=of.profile, password=password)


def test_it_answers_all_that_its_profile_says_over_the_endpoints_of_its_profile() -> None:
    made = model(acme())
    asked = camera(made)

    assert asked.is_known()
    asked.log_in()
    assert asked.clock() == NOW + FAST_BY
    assert asked.info() == {"camera": "SIM0", "officer": "1"}
    assert (asked.battery(), asked.firmware()) == (77, "SIM 1.0")
    asked.become_disk()
    assert made.is_disk


def test_its_clock_is_set_by_words_that_are_said_in_pieces() -> None:
    asked = camera(model(acme()))
    asked.log_in()

    asked.set_clock(NOW - timedelta(days=40, seconds=3))

    assert asked.clock() == NOW - timedelta(days=40, seconds=3)


@pytest.mark.parametrize("profile", [acme(), SHIPPED["amba-control"], SHIPPED["amba-text"]])
def test_without_its_password_it_does_nothing_but_say_who_it_is(profile: Profile) -> None:
    made = model(profile, "123456"[: 4 if profile.id == "acme-bc1" else 6])
    asked = camera(made, "9999")

    assert asked.is_known()
    with pytest.raises((CameraSilent, CameraRefused)):
        asked.log_in()
    asked.link.renew()
    with suppress(CameraRefused):
        asked.become_disk()
    assert not made.is_disk


def test_what_is_not_told_is_not_made_up() -> None:
    bare = acme(battery=[{"send": "'BAT'", "pattern": "^(?P<percent>[0-9]+)%"}])

    assert set(unanswerable(bare)) == {Verb.BATTERY}
    assert "no example" in unanswerable(bare)[Verb.BATTERY]
    assert all(unanswerable(each) == {} for each in [acme(), *SHIPPED.values()])


def test_an_answer_that_has_no_room_for_what_is_told_is_named() -> None:
    small = acme(read_info=None, read_clock=[{"send": "'C'", "answer": _NUMBERS.format("u8")}])

    assert "year" in unanswerable(small)[Verb.READ_CLOCK]


_NUMBERS = "{{year:{}}} {{month:u8}} {{day:u8}} {{hour:u8}} {{minute:u8}} {{second:u8}}"


def test_of_words_that_mean_two_verbs_the_answer_that_is_good_for_both_is_given() -> None:
    same = acme(
        identify=[{"send": "'INF'", "pattern": "^A", "example": "'A'"}],
        read_info=[{"send": "'INF'", "pattern": "^(?P<camera>A.)", "example": "'A7'"}],
    )
    made = model(same, None)
    made.logged_in = True

    assert camera(made).is_known()
    assert camera(made).info() == {"camera": "A7"}


@pytest.mark.parametrize("profile", SHIPPED.values(), ids=str)
def test_it_shows_every_interface_that_its_profile_lists(profile: Profile) -> None:
    for each in profile.usb:
        seen = Descriptors.of(shows(each, profile.wire))
        assert each.names(seen)
        assert len(seen.interfaces) == len(set(each.interfaces))
        assert all(each.lists(str(kind)) for kind in seen.interfaces)


def test_a_profile_that_speaks_to_nothing_has_no_such_identity() -> None:
    assert identity(SHIPPED["gat-filename"], Mode.CONTROL) is None
    assert identity(msgspec.structs.replace(acme(), usb=[]), Mode.STORAGE) is None


def test_it_tells_how_much_footage_it_holds_and_never_that_it_is_empty() -> None:
    asked = camera(model(writable(), "123456"), "123456")
    asked.log_in()

    assert unanswerable(writable()) == {}
    assert asked.footage() == 1
