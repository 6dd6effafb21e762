"""What a camera tells before it becomes a disk, over pyusb."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import msgspec
import pytest

from evidence.clock import SetClock
from evidence.errors import CameraRefused, CardGone
from station.heard import Heard
from station.profile import Profile
from station.simulator.bus import Bus
from station.simulator.cameras import PASSWORD, ControlModel, Setup, Stall, TextModel
from station.usb.camera import Camera
from station.usb.link import UsbLink
from station.usb.told import ClockRule, hear
from tests.station.usb.more import MORE

NOW = datetime(2026, 11, 27, 9, 0, 0, tzinfo=UTC)
ROUND = 0.2
"""Seconds that each transfer takes on the station's clock."""
ZONE = timedelta(hours=8)
LOOK = ClockRule(zone=ZONE)
SET = ClockRule(zone=ZONE, set_beyond=timedelta(seconds=5))


@dataclass(slots=True, kw_only=True)
class Timed(ControlModel):
    """A camera whose every transfer takes its time; what it is deaf to it never answers."""

    station: SetClock
    deaf_to: frozenset[str] = frozenset()
    said: list[str] = field(default_factory=list)

    def control(self, setup: Setup, content: bytes | int) -> bytes:
        self.station.advance(ROUND)
        if isinstance(content, bytes):
            self.said.append(content[5:8].hex())
        return ControlModel.control(self, setup, content)

    def _done(self, command: str, body: bytes) -> bytes | None:
        if command in self.deaf_to:
            raise Stall
        return ControlModel._done(self, command, body)


def profile(more: str = MORE) -> Profile:
    text = files("firmware_profiles").joinpath("amba-control.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text + more), Profile)


def timed(clock: tuple[int, ...] = (2026, 11, 27, 17, 2, 0), **more: object) -> Timed:
    return Timed(station=SetClock(NOW), clock=clock, **more)  # type: ignore[arg-type]


def asked(
    model: Timed, rule: ClockRule = LOOK, *, bus: Bus | None = None, password: str = PASSWORD
) -> Heard | None:
    kind = profile()
    assert kind.wire is not None
    link = UsbLink((bus or Bus()).plug(model), kind.wire, "here")
    camera = Camera(link=link, profile=kind, password=password)
    return hear(camera, model.station, rule)


def heard(model: Timed, rule: ClockRule = LOOK) -> Heard:
    told = asked(model, rule)
    assert told is not None
    return told


def test_a_camera_tells_everything_and_becomes_a_disk() -> None:
    model = timed()

    told = heard(model)

    assert (told.camera, told.officer, told.battery, told.firmware) == (
        *("BWC0001", "PO123456"),
        *(87, "V1.2.3"),
    )
    assert (told.unanswered, told.was_set, told.profile) == ({}, False, "amba-control")
    assert model.is_disk
    assert model.clock == (2026, 11, 27, 17, 2, 0)


def test_the_offset_is_taken_at_the_middle_of_question_and_answer() -> None:
    seen = heard(timed()).clock

    # Four transfers passed before; the question and its answer took two rounds more.
    assert seen is not None
    assert (seen.shown, seen.at) == ("2026-11-27T17:02:00", "2026-11-27T09:00:01.000Z")
    assert (seen.offset_ms, seen.within_ms) == (120_500 - 1_000, 700)


def test_a_clock_is_set_after_it_was_read_if_that_is_wanted() -> None:
    model = timed()

    told = heard(model, SET)

    assert told.clock is not None
    assert told.set_clock is not None
    assert told.was_set
    assert told.offset_ms == told.clock.offset_ms == 119_500
    assert abs(told.set_clock.offset_ms) < 1_500
    assert model.said.index("e10042") < model.said.index("e10041")


@pytest.mark.parametrize("second", [0, 5])
def test_a_clock_that_is_right_enough_is_left_alone(second: int) -> None:
    model = timed((2026, 11, 27, 17, 0, second))

    assert not heard(model, SET).was_set
    assert "e10041" not in model.said


def test_a_clock_that_could_not_be_read_is_never_set() -> None:
    model = timed(())

    told = heard(model, SET)

    assert told.clock is None
    assert set(told.unanswered) == {"read_clock"}
    assert "e10041" not in model.said
    assert model.is_disk


@pytest.mark.parametrize(
    "clock", [(2026, 2, 31, 0, 0, 0), (9999, 1, 1, 0, 0, 0), (0, 0, 0, 0, 0, 0)]
)
def test_a_time_that_is_none_is_told_and_corrects_nothing(clock: tuple[int, ...]) -> None:
    told = heard(timed(clock), SET)

    assert (told.clock, told.was_set) == (None, False)
    assert "read_clock" in told.unanswered


def test_a_camera_that_refuses_questions_still_becomes_a_disk() -> None:
    model = timed(deaf_to=frozenset({"e10030", "e10070"}))

    told = heard(model)

    assert (told.camera, told.battery, told.firmware) == (None, None, "V1.2.3")
    assert set(told.unanswered) == {"read_info", "battery"}
    assert model.is_disk


def test_a_refused_setting_is_told_with_the_offset() -> None:
    told = heard(timed(deaf_to=frozenset({"e10041"})), SET)

    assert told.was_set
    assert "set_clock" in told.unanswered
    assert told.offset_ms == 119_500


def test_a_camera_that_stays_no_disk_is_heard_all_the_same() -> None:
    told = heard(timed(deaf_to=frozenset({"e10051"})), SET)

    assert "to_storage" in told.unanswered
    assert told.was_set


def test_a_stranger_is_asked_nothing_and_a_wrong_password_ends_it() -> None:
    model = timed(deaf_to=frozenset())
    with pytest.raises(CameraRefused):
        asked(model, SET, password="000000")
    assert "e10051" not in model.said
    assert "e10041" not in model.said

    text = TextModel()
    kind = profile()
    assert kind.wire is not None
    camera = Camera(link=UsbLink(Bus().plug(text), kind.wire, "here"), profile=kind)
    assert hear(camera, SetClock(NOW), SET) is None
    assert text.heard == []


def test_pulled_out_at_any_moment_nothing_that_was_set_is_forgotten() -> None:
    for transfers in range(40):
        model, bus = timed(), Bus(pull_after=transfers)
        try:
            told = asked(model, SET, bus=bus)
        except CardGone:
            assert "e10041" not in model.said, transfers
            continue
        if told is None:
            assert transfers < 2
        elif "e10041" in model.said:
            assert told.was_set
            assert told.offset_ms == 119_500


def test_a_silent_camera_is_asked_no_more_but_to_become_a_disk() -> None:
    class Mute(TextModel):
        """Silent from its number on."""

        def answer(self) -> bytes | None:
            mute = self.logged_in and b"Gdv" in self.heard[-1]
            return None if mute else TextModel.answer(self)

    text = files("firmware_profiles").joinpath("amba-text.toml").read_text(encoding="utf-8")
    battery = "[[verbs.battery]]\nsend = \"'@Bat;0;#'\"\npattern = '^@Bat;(?P<percent>[0-9]+)'\n"
    kind = msgspec.convert(tomllib.loads(text + battery), Profile)
    model, clock = Mute(), SetClock(NOW)
    assert kind.wire is not None
    link = UsbLink(Bus().plug(model), kind.wire, "here")

    told = hear(Camera(link=link, profile=kind, password=PASSWORD + "00"), clock, SET)

    assert told is not None
    assert (set(told.unanswered), told.was_silent) == ({"read_info", "battery"}, True)
    assert b"@Bat;0;#" not in model.heard
    assert model.is_disk
