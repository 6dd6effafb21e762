"""Cameras asked over pyusb in the words of the shipped profiles."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from evidence.errors import CameraRefused, CameraSilent, CardGone, EvidenceError, SetupError
from station.profile import load_profiles
from station.profile.verbs import Verb
from station.simulator.bus import Bus
from station.simulator.cameras import PASSWORD, ControlModel, Model, TextModel
from station.usb.camera import Camera
from station.usb.link import UsbLink

NOW = datetime(2026, 11, 26, 21, 40, 5)  # noqa: DTZ001  a camera knows no zone
PROFILES = {each.id: each for each in load_profiles(None)}


def camera(
    model: Model, profile: str, *, password: str | None = PASSWORD, bus: Bus | None = None
) -> Camera:
    wire = PROFILES[profile].wire
    assert wire is not None
    link = UsbLink((bus or Bus()).plug(model), wire, "here")
    return Camera(link=link, profile=PROFILES[profile], password=password)


def by_control(model: ControlModel, password: str | None = PASSWORD) -> Camera:
    return camera(model, "amba-control", password=password)


def test_a_camera_of_control_transfers_is_asked_everything() -> None:
    model = ControlModel()
    asked = by_control(model)

    assert asked.is_known()
    asked.log_in()
    asked.set_clock(NOW)
    told = asked.info()
    battery = asked.battery()
    asked.write_officer(
        camera="BWC0001", officer="PO654321", name="王芳", unit="3-1", unit_name="一所"
    )
    asked.become_disk()

    assert (told["camera"], told["officer"], told["name"]) == ("BWC0001", "PO123456", "警号")
    assert battery == 87
    assert model.clock == (2026, 11, 26, 21, 40, 5)
    assert asked.info()["name"] == "王芳"
    assert model.is_disk


def test_a_camera_of_text_is_asked_everything_its_profile_has() -> None:
    model = TextModel()
    asked = camera(model, "amba-text", password=PASSWORD + "00")

    asked.log_in()
    asked.set_clock(NOW)
    asked.become_disk()

    assert asked.info() == {"camera": "BWC0002"}
    assert model.heard[:3] == [b"@Ver;8;12345600;#", b"@Sdt;8;20261126;#", b"@Stm;6;21400500;#"]
    assert model.clock == "2026112621400500"
    assert model.is_disk
    assert not asked.knows(Verb.BATTERY)


def test_a_camera_of_the_same_identity_is_told_apart_by_a_question() -> None:
    assert by_control(ControlModel()).is_known()
    assert not camera(TextModel(), "amba-control").is_known()
    assert not camera(Model(), "amba-control").is_known()


@pytest.mark.parametrize(
    ("password", "error"),
    [
        ("654321", CameraRefused),
        (None, SetupError),
        ("1234567", SetupError),
        ("密码", SetupError),
    ],
)
def test_a_wrong_password_is_refused_and_never_repeated(
    password: str | None, error: type[EvidenceError]
) -> None:
    model = ControlModel()

    with pytest.raises(error) as caught:
        by_control(model, password).log_in()

    assert "login" in str(caught.value)
    assert password is None or password not in str(caught.value) + caught.value.advice
    assert not model.logged_in


def test_a_camera_that_repeats_the_password_gives_it_to_nobody() -> None:
    asked = camera(TextModel(echoes=True), "amba-text", password="98765432")

    with pytest.raises(CameraRefused) as caught:
        asked.log_in()

    assert "98765432" not in f"{caught.value!r} {caught.value.__cause__!r} {asked!r}"


def test_a_camera_that_was_not_logged_in_to_refuses() -> None:
    with pytest.raises(CameraRefused, match="battery"):
        by_control(ControlModel()).battery()


def test_a_charge_that_cannot_be_is_refused() -> None:
    asked = by_control(ControlModel(battery=101))
    asked.log_in()

    with pytest.raises(CameraRefused, match="101"):
        asked.battery()


def test_a_silent_camera_is_told_from_one_that_left() -> None:
    bus = Bus()
    silent = camera(TextModel(is_silent=True), "amba-text", bus=bus)

    with pytest.raises(CameraSilent):
        silent.log_in()
    with pytest.raises(CameraSilent, match="in doubt"):
        silent.info()
    bus.plugged.clear()
    silent.link.close()


def test_an_answer_to_somebody_before_us_is_not_taken_for_ours() -> None:
    model = TextModel()
    model.say(b"@Ver;8;00000000;#")

    asked = camera(model, "amba-text", password=PASSWORD + "00")

    asked.log_in()
    assert asked.info() == {"camera": "BWC0002"}


def test_a_camera_that_talks_for_ever_is_refused() -> None:
    model = TextModel()
    for _ in range(1000):
        model.say(b"@Ver;8;00000000;#")

    with pytest.raises(CameraRefused, match="without being asked"):
        camera(model, "amba-text")


def test_what_a_camera_tells_is_fit_to_be_shown() -> None:
    asked = by_control(ControlModel(info=b"A\x1b[2J\nB".ljust(100, b"\0"), logged_in=True))

    assert asked.info()["camera"] == r"A\x1b[2J\nB"


def test_a_camera_without_the_endpoints_of_its_profile_is_refused() -> None:
    wire = PROFILES["amba-text"].wire
    assert wire is not None
    other = msgspec.structs.replace(wire, endpoint_in=0x82)

    with pytest.raises(CameraRefused, match="no such endpoints"):
        UsbLink(Bus().plug(TextModel()), other, "here")


def test_a_clock_is_read_before_it_is_set_where_it_can_be() -> None:
    model = ControlModel(logged_in=True)

    assert by_control(model).set_clock(NOW) is None
    assert model.clock == (2026, 11, 26, 21, 40, 5)


@pytest.mark.parametrize("after", range(4))
def test_a_cable_pulled_at_any_transfer_is_told(after: int) -> None:
    asked = camera(ControlModel(), "amba-control", bus=Bus(pull_after=after))
    for _ in range(after // 2):  # a question is two transfers
        asked.log_in()

    with pytest.raises(CardGone):
        asked.log_in()


def test_a_line_that_was_closed_may_be_opened_again() -> None:
    bus, wire = Bus(), PROFILES["amba-text"].wire
    assert wire is not None
    device = bus.plug(TextModel())

    UsbLink(device, wire, "here").close()
    again = UsbLink(device, wire, "here")

    assert again.ask(b"@Ver;8;12345600;#") == b"@Ver;OK;#"
    with pytest.raises(CameraRefused, match="another program"):
        UsbLink(bus.find(1), wire, "here")


def test_what_a_profile_has_no_words_for_is_not_asked() -> None:
    with pytest.raises(ValueError, match="read_clock"):
        by_control(ControlModel()).clock()
