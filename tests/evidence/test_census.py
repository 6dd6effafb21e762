from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from evidence import vrf
from evidence.census import (
    FORMAT,
    Census,
    Of,
    Shown,
    ShownCensus,
    Subject,
    Tree,
    check_all,
    check_one,
    check_tiling,
    day_of,
)
from evidence.errors import LogBroken

SECRET, OTHER = bytes(range(32)), bytes(range(1, 33))
DAY = "2026-11-23"
CLIPS = {"4711": [5, 9], "0815": [12], None: [7], "li": [3, 4, 20]}


def subject(officer: str | None, day: str = DAY) -> Subject:
    return Subject(officer=officer, day=day)


def label(officer: str | None) -> bytes:
    return vrf.label(SECRET, subject(officer).alpha)


TREE = Tree.of(SECRET, 2, {label(who): indexes for who, indexes in CLIPS.items()})
CENSUS = Census(
    first=2,
    end=30,
    clips=7,
    leaves=len(TREE),
    root=TREE.root.hex(),
    key=vrf.public_key(SECRET).hex(),
    utc_offset_minutes=0,
)
WHO = {label(who): who for who in CLIPS}


def asked(officer: str | None, leaves: Sequence[Shown] | None = None) -> ShownCensus:
    of = Of.proven(SECRET, subject(officer))
    found = TREE.show(label(officer)) if leaves is None else list(leaves)
    return ShownCensus(format=FORMAT, asked=of, leaves=found)


def whole() -> ShownCensus:
    leaves = [
        msgspec.structs.replace(
            TREE.show(leaf.label)[0],
            path=None,
            of=Of.proven(SECRET, subject(WHO[leaf.label])),
        )
        for leaf in TREE.leaves
    ]
    return ShownCensus(format=FORMAT, asked=None, leaves=leaves)


@pytest.mark.parametrize("officer", list(CLIPS))
def test_all_clips_of_somebody_are_shown(officer: str | None) -> None:
    shown = ShownCensus.from_bytes(asked(officer).to_bytes())

    assert check_one(CENSUS, shown) == CLIPS[officer]


@pytest.mark.parametrize("number", range(40))
def test_nobody_else_has_any(number: int) -> None:
    assert check_one(CENSUS, asked(f"someone {number}")) == []


def test_who_has_clips_cannot_be_shown_to_have_none() -> None:
    place = [leaf.label for leaf in TREE.leaves].index(label("4711"))
    sides = [TREE._shown(side, opened=False) for side in (place - 1, place + 1) if 0 <= side < 4]

    for leaves in (sides, sides[:1], sides[1:], [], [TREE._shown(place, opened=False)]):
        with pytest.raises(LogBroken):
            check_one(CENSUS, asked("4711", leaves))


def test_the_clips_of_another_are_not_taken_for_somebodys() -> None:
    with pytest.raises(LogBroken):
        check_one(CENSUS, asked("4711", TREE.show(label("li"))))


def test_a_label_of_another_key_is_not_believed() -> None:
    of = Of.proven(OTHER, subject("nobody known"))
    shown = ShownCensus(format=FORMAT, asked=of, leaves=TREE.show(label("4711")))

    with pytest.raises(LogBroken, match="VRF"):
        check_one(CENSUS, shown)


def test_neighbours_tell_nothing_of_theirs() -> None:
    (shown, *_) = TREE.show(label("someone else"))

    assert shown.opening is None
    assert shown.of is None


def test_a_leaf_that_hides_an_entry_does_not_open() -> None:
    (leaf,) = TREE.show(label("4711"))
    assert leaf.opening is not None
    less = msgspec.structs.replace(
        leaf, opening=leaf.opening | {"value_hex": b'{"entries":[5]}'.hex()}
    )

    with pytest.raises(LogBroken, match="does not open"):
        check_one(CENSUS, asked("4711", [less]))


def test_whoever_sees_all_leaves_knows_whose_each_clip_is() -> None:
    found = check_all(CENSUS, ShownCensus.from_bytes(whole().to_bytes()))

    wanted = {index: subject(who) for who, indexes in CLIPS.items() for index in indexes}
    assert found == wanted


def test_a_census_that_counts_more_than_it_lists_is_false() -> None:
    with pytest.raises(LogBroken, match="counts 8 clips, and lists 7"):
        check_all(msgspec.structs.replace(CENSUS, clips=8), whole())


def test_a_leaf_under_anothers_name_is_found() -> None:
    shown = whole()
    first = msgspec.structs.replace(shown.leaves[0], of=Of.proven(SECRET, subject("other")))

    with pytest.raises(LogBroken, match="not of whom"):
        check_all(CENSUS, msgspec.structs.replace(shown, leaves=[first, *shown.leaves[1:]]))


def test_leaves_out_of_order_or_left_out_are_found() -> None:
    shown = whole()
    for leaves in (shown.leaves[::-1], shown.leaves[1:], [*shown.leaves, shown.leaves[-1]]):
        with pytest.raises(LogBroken):
            check_all(CENSUS, msgspec.structs.replace(shown, leaves=leaves))


def test_entries_outside_its_range_belong_to_no_census() -> None:
    with pytest.raises(LogBroken, match="does not cover"):
        check_one(msgspec.structs.replace(CENSUS, first=6), asked("4711"))


def test_censuses_tile_the_log_without_a_gap() -> None:
    first = msgspec.structs.replace(CENSUS, first=0, end=2)

    assert check_tiling([first, CENSUS]) == 30
    assert check_tiling([]) == 0
    for gap in ([CENSUS], [first, first], [CENSUS, first]):
        with pytest.raises(LogBroken, match="gap"):
            check_tiling(gap)


@pytest.mark.parametrize(
    "change", [{"from": -1}, {"to": 1}, {"root": "00"}, {"key": "zz"}, {"utc_offset_minutes": 841}]
)
def test_an_entry_that_is_no_census_is_refused(change: dict[str, object]) -> None:
    fields = msgspec.to_builtins(CENSUS) | {"kind": "census", "at": "x"}

    assert Census.of(fields) == CENSUS
    with pytest.raises(LogBroken):
        Census.of(fields | change)


def test_the_same_clips_give_the_same_tree() -> None:
    again = Tree.of(SECRET, 2, {label(who): indexes[::-1] for who, indexes in CLIPS.items()})

    assert again == TREE
    assert Tree.of(SECRET, 0, {}).show(b"any") == []


def test_a_day_is_that_of_the_claimed_start_or_else_of_the_receipt() -> None:
    late, received = "2026-11-23T23:30:00.000Z", "2026-11-25T00:00:00.000Z"

    assert day_of(late, received, 0) == "2026-11-23"
    assert day_of(late, received, 480) == "2026-11-24"
    assert day_of(None, received, -1) == "2026-11-24"
    assert day_of("9999-12-31T23:00:00.000Z", received, 480) == "9999-12-31"
