"""The facts without which nothing is written to a camera."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from station.change import LastDocking, Supply, missing, settings_in
from station.heard import Heard
from station.profile.verbs import Verb
from tests.station.usb.test_changing import change
from tests.station.usb.writable import profile

HEARD = Heard(id="t-1", profile="amba-control", camera="BWC1", firmware="V1", footage=0)
LAST = LastDocking(
    ended="2026-11-27T00:00:00.000Z", files=2, waits=False, all_archived=True, all_erased=True
)
FIRMWARE = change().supply
assert FIRMWARE is not None


def said(**other: str) -> Supply:
    assert FIRMWARE is not None
    return replace(FIRMWARE, said=replace(FIRMWARE.said, **other))  # type: ignore[arg-type]


def heard(**other: object) -> Heard:
    return msgspec.structs.replace(HEARD, **other)


def test_with_all_facts_it_is_written() -> None:
    assert missing(FIRMWARE, profile(), HEARD, LAST) is None
    assert missing(said(before="V1"), profile(), HEARD, LAST) is None


@pytest.mark.parametrize(
    ("fact", "supply", "told", "last"),
    [
        (1, None, HEARD, LAST),
        (2, said(profile="other"), HEARD, LAST),
        (2, FIRMWARE, heard(profile="other"), LAST),
        (4, said(before="V2"), HEARD, LAST),
        (4, said(before="V1"), heard(firmware=None), LAST),
        (5, FIRMWARE, HEARD, None),
        (5, FIRMWARE, HEARD, replace(LAST, ended=None)),
        (5, FIRMWARE, HEARD, replace(LAST, files=0)),
        (6, FIRMWARE, HEARD, replace(LAST, all_archived=False)),
        (6, FIRMWARE, HEARD, replace(LAST, waits=True)),
        (7, FIRMWARE, HEARD, replace(LAST, all_erased=False)),
        (8, FIRMWARE, heard(footage=None), LAST),
        (8, FIRMWARE, heard(footage=1), LAST),
    ],
)
def test_each_fact_that_is_missing_is_told_by_its_number(
    fact: int, supply: Supply | None, told: Heard, last: LastDocking | None
) -> None:
    lack = missing(supply, profile(), told, last)

    assert lack is not None
    assert lack.fact == fact


@pytest.mark.parametrize("verb", [Verb.FOOTAGE, Verb.FIRMWARE_WRITE])
def test_a_profile_without_the_words_is_the_third(verb: Verb) -> None:
    kind = profile()
    del kind.verbs[verb]

    lack = missing(FIRMWARE, kind, HEARD, LAST)

    assert lack is not None
    assert (lack.fact, verb.value in lack.words) == (3, True)


@pytest.mark.parametrize("data", [b"", b"a = 1.5", b"a = true", b"[a]\nb = 1", b"a", b"\xff"])
def test_settings_are_text_and_whole_numbers(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"TOML|text|no setting"):
        settings_in(data)
    assert settings_in(b'a = "1"\nb = 2') == {"a": "1", "b": 2}
