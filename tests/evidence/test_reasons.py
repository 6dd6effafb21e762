"""What a version of a dossier says of entries, held against these."""

from __future__ import annotations

from typing import Any

import pytest

from evidence.dossier import Gone, Item, Kind, index
from evidence.reasons import Fields, named, unsaid

CASE, SHA = "ab" * 32, "cd" * 32
LINK = {"kind": "link", "clip": "c-1", "incident": "i-1"}
ENTRIES: dict[int, Fields] = {
    1: {"kind": "archive.verified", "clip": "c-1", "digests": {"sha256": SHA}},
    2: {"kind": "incident.import", "incident": "i-1"},
    3: LINK,
    4: {"kind": "document.add", "document": "f-1", "sha256": SHA},
    5: {"kind": "case.clip", "clip": "c-1", "case_clip": "x-1"},
}
ITEMS = [
    Item(kind="clip", id="c-1", entry=1, sha256=SHA, placed=5),
    Item(kind="incident", id="i-1", entry=2),
    Item(kind="link", id="c-1 i-1", entry=3),
    Item(kind="document", id="f-1", entry=4, sha256=SHA),
]


def said(held: dict[int, Fields], items: list[Item] | None = None) -> list[str]:
    return list(unsaid(index(CASE, ITEMS if items is None else items, None, {}), held))


def test_what_entries_say_may_be_said_and_of_others_nothing_is_known() -> None:
    assert named(index(CASE, ITEMS, None, {})) == [1, 2, 3, 4, 5]
    assert said(ENTRIES) == []
    assert said({}) == []


@pytest.mark.parametrize(
    ("entry", "bent"),
    [
        (1, {"clip": "c-2"}),
        (1, {"digests": {"sha256": "00" * 32}}),
        (1, {"digests": "x"}),
        (1, {"kind": "view"}),
        (2, {"incident": "i-2"}),
        (2, {"withdrawn": True}),
        (3, {"incident": "i-2"}),
        (3, {"withdrawn": True}),
        (3, {"standing": "proposed"}),
        (3, {"standing": ["automatic"]}),
        (3, {"kind": "link.reject"}),
        (4, {"sha256": "00" * 32}),
        (4, {"document": "f-2"}),
        (5, {"clip": "c-2"}),
        (5, {"kind": "case.unclip"}),
    ],
)
def test_an_entry_that_says_something_else_is_no_reason(entry: int, bent: dict[str, Any]) -> None:
    assert len(said({**ENTRIES, entry: {**ENTRIES[entry], **bent}})) == 1


@pytest.mark.parametrize(
    "entry", [LINK | {"standing": "confirmed"}, LINK | {"kind": "link.confirm"}]
)
def test_a_link_counts_by_the_rule_or_by_a_person(entry: Fields) -> None:
    assert said({**ENTRIES, 3: entry}) == []


def test_a_clip_is_there_by_a_link_or_a_person_and_a_link_by_its_incident() -> None:
    bare = [Item(kind="clip", id="c-1", entry=1, sha256=SHA), ITEMS[3]]

    assert len(said({}, bare)) == 1
    assert len(said({}, [*ITEMS[2:]])) == 1


GONE: list[tuple[Kind, str, Fields, bool]] = [
    ("clip", "c-1", {"kind": "case.unclip", "clip": "c-1"}, True),
    ("clip", "c-1", {"kind": "case.unclip", "clip": "c-2"}, False),
    ("clip", "c-1", {"kind": "dispose.done", "clip": "c-1"}, True),
    ("clip", "c-1", {"kind": "view", "clip": "c-1"}, False),
    ("clip", "c-1", LINK | {"withdrawn": True}, True),
    ("clip", "c-1", LINK, False),
    ("clip", "c-1", {"kind": "incident.import", "incident": "i-7"}, True),
    ("clip", "c-1", {"kind": "case.import", "case": "s-1"}, True),
    ("link", "c-1 i-1", LINK | {"kind": "link.reject"}, True),
    ("link", "c-1 i-1", LINK | {"kind": "link.reject", "incident": "i-2"}, False),
    ("link", "c-1 i-1", {"kind": "case.unclip", "clip": "c-1"}, False),
    ("link", "c-1 i-1", {"kind": "incident.import", "incident": "i-1"}, True),
    ("link", "c-1 i-1", {"kind": "incident.import", "incident": "i-2"}, False),
    ("incident", "i-1", {"kind": "incident.import", "incident": "i-1"}, True),
    ("incident", "i-1", {"kind": "incident.import", "incident": "i-2"}, False),
    ("incident", "i-1", {"kind": "dispose.done", "clip": "i-1"}, False),
    ("document", "f-1", {"kind": "case.import", "case": "s-1"}, False),
]


@pytest.mark.parametrize(("kind", "of", "entry", "took"), GONE)
def test_what_went_went_by_an_entry_that_can_take_it(
    kind: Kind,
    of: str,
    entry: Fields,
    took: bool,  # noqa: FBT001
) -> None:
    before = index(CASE, [Item(kind=kind, id=of, entry=1)], None, {})
    after = index(CASE, [], before, {(kind, of): 9})

    assert after.gone == [Gone(kind=kind, id=of, entry=9)]
    assert (list(unsaid(after, {9: entry})) == []) is took
