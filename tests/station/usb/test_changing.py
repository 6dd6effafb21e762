"""What is written to a camera, over pyusb."""

from __future__ import annotations

import pytest

from evidence.clock import SystemClock
from evidence.digest import Sha256
from station.change import Change, Outcome, Supply, Wearer, What
from station.signed import Kind, Statement
from station.simulator.bus import Bus
from station.simulator.cameras import Setup, TextModel, Unplugged
from station.usb.asking import Asking
from station.usb.bus import Plugged
from station.usb.changing import write_change
from station.usb.told import ClockRule, hear, leave
from tests.station.usb.writable import WORDS, Writable, camera, profile

DATA = bytes(range(50))
WANG = Wearer(officer="PO654321", name="王芳")


def change(what: What = What.FIRMWARE, data: bytes = DATA) -> Change:
    digest = Sha256.of(data)
    said = Statement(
        kind=Kind(what.value),
        name="f",
        sha256=digest,
        profile="amba-control",
        before="*",
        after="2",
    )
    supply = Supply(id="0" * 16, said=said, by="force", statement=digest, data=data)
    return Change(id="w-1", what=what, supply=supply)


def wears(wearer: Wearer = WANG) -> Change:
    return Change(id="w-1", what=What.OFFICER, wearer=wearer)


def test_a_wearer_is_written_and_read_back_and_the_rest_is_kept() -> None:
    model = Writable(info=bytes(17) + bytes(35) + b"3-1".ljust(16, b"\0") + bytes(32))

    assert write_change(camera(model), wears()) == Outcome(done=True, read_back=True)

    info = camera(model).info()
    assert (info["officer"], info["name"], info["unit"]) == ("PO654321", "王芳", "3-1")
    assert info["camera"] == ""


@pytest.mark.parametrize(
    "wearer",
    [Wearer(officer="PO6543210"), Wearer(officer="警"), Wearer(officer="P", name="x" * 36)],
)
def test_a_wearer_that_does_not_fit_is_refused_before_a_byte_is_said(wearer: Wearer) -> None:
    model = Writable()

    told = write_change(camera(model), wears(wearer))

    assert (told.done, told.began) == (False, False)
    assert "is no " in told.problem
    assert wearer.officer not in told.problem
    assert "e10031" not in model.commands


def test_a_camera_that_keeps_its_old_wearer_is_found_out() -> None:
    told = write_change(camera(Writable(keeps_wearer=True)), wears())

    assert (told.done, told.began) == (False, True)
    assert "tells another officer afterwards" in told.problem


def test_words_that_could_not_be_said_again_as_they_are_write_nothing() -> None:
    model = Writable(info=b"BWC0001".ljust(9, b"\0") + b"\x81" * 91)

    assert not write_change(camera(model), wears()).began
    assert "e10031" not in model.commands


def test_without_words_to_read_it_a_wearer_is_written_and_not_read_back() -> None:
    kind = profile()
    del kind.verbs["read_info"]  # type: ignore[arg-type]
    model = Writable()

    assert write_change(camera(model, kind), wears()) == Outcome(done=True, read_back=False)
    assert model.info[:17] == bytes(9) + b"PO654321"


def test_settings_are_written_one_by_one() -> None:
    model = Writable()
    told = write_change(camera(model), change(What.CONFIG, b'gps = "on"\nlamp = "off"\n'))

    assert told == Outcome(done=True)
    assert model.settings == {"gps": "on", "lamp": "off"}


def test_a_setting_that_does_not_fit_keeps_all_of_them_from_being_written() -> None:
    model = Writable()
    told = write_change(camera(model), change(What.CONFIG, b'gps = "on"\nlamp = 7\n'))

    assert (told.done, told.began, model.settings) == (False, False, {})


def test_firmware_is_written_piece_by_piece_and_the_last_one_says_its_length() -> None:
    model = Writable()

    assert write_change(camera(model), change()) == Outcome(done=True)
    assert model.flash == DATA
    assert model.commands.index("e10080") < model.commands.index("e10082")


def test_firmware_that_the_camera_stops_taking_has_failed_in_the_middle() -> None:
    model = Writable(full_at=32)
    told = write_change(camera(model), change())

    assert (told.done, told.began, model.flash) == (False, True, DATA[:32])


def test_pieces_whose_end_is_not_said_must_be_whole() -> None:
    cut = WORDS.replace("{length:u16be}", "0010")
    model = Writable()

    told = write_change(camera(model, profile(cut)), change())

    assert (told.began, model.flash) == (False, b"")
    assert "no whole pieces" in told.problem
    assert write_change(camera(model, profile(cut)), change(data=DATA[:48])).done


@pytest.mark.parametrize("what", [What.CONFIG, What.FIRMWARE])
def test_a_camera_that_has_footage_by_now_is_not_written_to(what: What) -> None:
    model = Writable(footage=1)
    told = write_change(camera(model), change(what, b'gps = "on"'))

    assert (told.began, model.settings, model.flash) == (False, {}, b"")
    assert "holds 1 recordings" in told.problem


def test_another_camera_than_was_heard_is_told_nothing_and_that_is_no_beginning() -> None:
    bus, other, kind = Bus(), TextModel(), profile()
    bus.plug(other)
    asking = Asking(
        device=Plugged(
            port="1-1", number=1, raw=other.raw, is_on=True, maker=None, product=None, serial=None
        ),
        profiles=[kind],
        passwords={},
        clock=SystemClock(),
        clock_rule=ClockRule(),
        backend=lambda: bus,
    )

    told = asking.write(kind.id, change())

    assert (told.done, told.began) == (False, False)
    assert "does not answer" in told.problem


def test_a_cable_pulled_anywhere_is_never_taken_for_done() -> None:
    for after in range(12):
        model = Writable()
        told = write_change(camera(model, bus=Bus(pull_after=after)), change())
        assert not told.done, after
        assert told.began == (after >= 4), after
        assert told.began or model.flash == b""


@pytest.mark.parametrize("digits", [b"9" * 24, b"-1", b""])
def test_a_count_of_footage_that_nobody_could_mean_is_no_answer(digits: bytes) -> None:
    class Boasts(Writable):
        """A camera that tells its footage in letters."""

        def _done(self, command: str, body: bytes) -> bytes | None:
            if command == "e10080":
                return digits.ljust(24, b"\0")
            return Writable._done(self, command, body)

    kind = profile(WORDS.replace("{files:u16be}", "{files:ascii*24}"))

    heard = hear(camera(Boasts(), kind), SystemClock(), ClockRule())

    assert heard is not None
    assert heard.footage is None
    assert "footage" in heard.unanswered


@pytest.mark.parametrize("late", [b"", None])
def test_a_late_answer_to_the_second_login_keeps_no_camera_from_becoming_a_disk(
    late: bytes | None,
) -> None:
    class Late(Writable):
        """To its second login it answers something else, or it has left."""

        def control(self, setup: Setup, content: bytes | int) -> bytes:
            told = Writable.control(self, setup, content)
            if told and self.commands.count("e10010") > 1 and self.commands[-1] == "e10010":
                if late is None:
                    raise Unplugged
                return late
            return told

    model = Late()
    assert hear(camera(model), SystemClock(), ClockRule(), stay=True) is not None
    assert not model.is_disk

    assert leave(camera(model)) == ""
    assert model.is_disk == (late is not None)
