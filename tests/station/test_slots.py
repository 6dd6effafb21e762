from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from evidence.errors import SetupError
from evidence.settings import SlotSettings, load
from station.slots import Rack, as_toml
from station.view import CardView, Word

HERE = CardView(slot="usb 1-2", word=Word.COPYING)
GUEST = CardView(slot="a-guest", word=Word.SAFE)
LEFT = CardView(slot="left", word=Word.EMPTY)
RACK = Rack.of([SlotSettings(at="usb 1-3"), SlotSettings(at="usb 1-2", label="B")])


def names(cards: tuple[CardView, ...]) -> list[tuple[str, str, Word]]:
    return [(card.label, card.slot, card.word) for card in cards]


def test_every_slot_has_its_tile_in_the_order_of_the_rack_and_guests_follow() -> None:
    assert names(RACK.arranged([GUEST, LEFT, HERE])) == [
        ("1", "usb 1-3", Word.EMPTY),
        ("B", "usb 1-2", Word.COPYING),
        ("", "a-guest", Word.SAFE),
    ]


def test_a_place_outside_the_rack_that_has_something_to_say_keeps_its_tile() -> None:
    noted = CardView(slot="left", word=Word.EMPTY, note="taken at file 7 of 12")
    called = CardView(slot="other", word=Word.EMPTY, called="2026-11-27T09:03:00Z")

    assert RACK.arranged([noted, called])[2:] == (noted, called)


def test_without_a_rack_all_stand_in_the_order_of_their_names() -> None:
    assert Rack().arranged([LEFT, HERE, GUEST]) == (GUEST, LEFT, HERE)


@pytest.mark.parametrize(
    ("slots", "named"),
    [
        ([("usb 1-2", ""), ("usb 1-2", "9")], "at = 'usb 1-2'"),
        ([("a", "7"), ("b", " 7 ")], "label = '7'"),
        ([("a", "2"), ("b", "")], "label = '2'"),
    ],
)
def test_one_place_or_label_twice_is_refused(slots: list[tuple[str, str]], named: str) -> None:
    with pytest.raises(SetupError, match=named):
        Rack.of([SlotSettings(at=at, label=label) for at, label in slots])


@pytest.mark.parametrize(
    "slots",
    ["slots = 7", 'slots = ["usb 1-2"]', 'slots = [{ label = "1" }]', 'slots = [{ at = "" }]'],
)
def test_a_list_that_is_none_is_refused_naming_the_key(tmp_path: Path, slots: str) -> None:
    file = tmp_path / "evidock.toml"
    file.write_text(f"[station]\n{slots}\n", encoding="utf-8")

    with pytest.raises(SetupError, match="slots"):
        load(file, {})


def test_what_is_printed_for_the_settings_reads_back(tmp_path: Path) -> None:
    places = ["usb 1-2.3", 'a "name" \\xff', "执法"]
    file = tmp_path / "evidock.toml"
    file.write_text(as_toml(places), encoding="utf-8")

    slots = load(file, {}).station.slots

    assert [(slot.at, slot.label) for slot in slots] == list(zip(places, "123", strict=True))
    assert tomllib.loads(as_toml([])) == {"station": {"slots": []}}
