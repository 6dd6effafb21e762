"""Profiles rehearsed: the station's own code asks, and every step says what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from evidence.clock import SetClock
from station.profile import Profile, load_profiles
from station.profile.identity import Mode
from station.simulator.cameras import PASSWORD, ControlModel, Model, TextModel
from station.simulator.profiled import ProfiledModel
from station.simulator.rehearsal import Rehearsal, State, Step
from tests.station.simulator import acme as acme_profile
from tests.station.simulator.acme import acme

CLOCK = SetClock(datetime(2026, 11, 27, 9, 0, 0, tzinfo=UTC))
SHIPPED = {each.id: each for each in load_profiles(None)}
WORDS = {"acme-bc1": acme_profile.PASSWORD, "amba-control": PASSWORD, "amba-text": PASSWORD + "00"}


def rehearsed(
    profile: Profile, model: Model | None = None, *, password: str | None = None, **more: Any
) -> dict[str, Step]:
    """The last step of each name."""
    word = WORDS.get(profile.id) if password is None else password or None
    made = model or ProfiledModel(
        profile=profile, now=lambda: CLOCK.now().replace(tzinfo=None), password=word
    )
    others = [each for each in SHIPPED.values() if each.id != profile.id]
    rehearsal = Rehearsal(
        profile=profile,
        profiles=[*others, *more.get("beside", []), profile],
        model=made,
        password=word,
        clock=CLOCK,
        is_derived=model is None,
    )
    return {step.name: step for step in rehearsal.steps()}


def states(steps: dict[str, Step]) -> dict[str, State]:
    return {name: step.state for name, step in steps.items()}


def test_a_whole_profile_passes_every_step_that_the_station_goes() -> None:
    found = states(rehearsed(acme()))

    assert found.pop("erase") is State.NOT_SAID
    assert set(found.values()) == {State.PASSED}
    assert list(found)[:4] == ["gate", "identify", "login", "read_clock"]
    assert list(found)[-3:] == ["clock offset", "gate as storage", "counterpart"]
    assert {"battery", "firmware", "read_info", "set_clock", "to_storage"} <= set(found)


@pytest.mark.parametrize(
    ("profile", "model"),
    [
        ("amba-control", None),
        ("amba-control", ControlModel()),
        ("amba-text", None),
        ("amba-text", TextModel()),
    ],
)
def test_the_shipped_profiles_agree_with_themselves_and_with_cameras_that_know_none(
    profile: str, model: Model | None
) -> None:
    found = states(rehearsed(SHIPPED[profile], model))

    assert set(found.values()) == {State.PASSED, State.NOT_SAID}
    assert found["counterpart"] is found["login"] is State.PASSED
    assert found["set_clock"] is State.NOT_SAID


@pytest.mark.parametrize(
    ("profile", "model"), [("amba-control", TextModel()), ("amba-text", ControlModel())]
)
def test_a_camera_of_the_other_kind_fails_and_nothing_passes_after_it(
    profile: str, model: Model
) -> None:
    found = rehearsed(SHIPPED[profile], model)

    assert State.FAILED in states(found).values()
    assert "counterpart" not in found
    assert not model.is_disk


def test_the_bytes_of_each_step_are_told_but_those_with_a_password() -> None:
    found = rehearsed(acme())

    (asked,) = found["identify"].exchanges
    assert (asked.said, asked.answered) == (b"WHO", b"ACME BC-1")
    assert found["login"].exchanges == ()
    assert acme_profile.PASSWORD not in repr(found)


def test_what_cannot_be_answered_was_not_simulated_and_all_else_was() -> None:
    found = rehearsed(acme(battery=[{"send": "'BAT'", "pattern": "^(?P<percent>[0-9]+)%"}]))

    assert found["battery"].state is State.NOT_SIMULATED
    assert "no example" in found["battery"].detail
    assert found["counterpart"].state is State.PASSED


def test_without_a_password_the_login_was_not_simulated() -> None:
    found = rehearsed(acme(), password="")

    assert found["login"].state is State.NOT_SIMULATED
    assert found["to_storage"].state is State.PASSED


def test_an_answer_longer_than_the_wire_takes_fails_where_it_is_read() -> None:
    wire = acme().wire
    assert wire is not None
    wire = msgspec.structs.replace(wire, most=10)
    found = rehearsed(msgspec.structs.replace(acme(), wire=wire))

    assert found["read_clock"].state is State.FAILED
    assert "14 were due" in found["read_clock"].detail


def test_a_charge_that_cannot_be_fails_though_its_words_fit() -> None:
    much = {"send": "'BAT'", "pattern": "^(?P<percent>[0-9]+)", "example": "'177'"}

    assert rehearsed(acme(battery=[much]))["battery"].state is State.FAILED


def test_a_profile_that_another_takes_for_its_own_is_told() -> None:
    twin = msgspec.structs.replace(acme(), id="acme-bc2")

    found = rehearsed(acme(), beside=[twin])

    assert found["told apart from acme-bc2"].state is State.FAILED


def test_without_a_disk_to_come_back_as_the_mode_switch_fails() -> None:
    usb = [each for each in acme().usb if each.mode is Mode.CONTROL]

    found = rehearsed(msgspec.structs.replace(acme(), usb=usb))

    assert found["mode switch"].state is State.FAILED
    assert "storage" in found["mode switch"].detail


def test_of_a_profile_without_words_only_the_gate_is_rehearsed() -> None:
    assert states(rehearsed(SHIPPED["gopro"])) == {
        "gate as ptp": State.PASSED,
        "gate as storage": State.PASSED,
        "ptp": State.NOT_SIMULATED,
    }
    assert states(rehearsed(SHIPPED["gat-filename"])) == {"gate": State.NOT_SIMULATED}
