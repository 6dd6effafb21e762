"""A dossier grows: nothing falls out of it without the entry by which it went."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.dossier import Index, Item, Kind, index, problems
from evidence.errors import DigestMismatch

CASE = "ab" * 32
KINDS: list[Kind] = ["incident", "link", "clip", "document"]


def items(names: frozenset[tuple[Kind, int]]) -> list[Item]:
    return [
        Item(kind=kind, id=f"{kind}-{n}", entry=n, sha256=f"{n:064x}" if n % 2 else None)
        for kind, n in names
    ]


NAMES = st.frozensets(st.tuples(st.sampled_from(KINDS), st.integers(0, 9)), max_size=12)


class Everything(dict[tuple[Kind, str], int]):
    """Whatever went, went by entry 99."""

    def __missing__(self, name: tuple[Kind, str]) -> int:
        return 99


def versions(courses: list[frozenset[tuple[Kind, int]]]) -> list[Index]:
    made: list[Index] = []
    for names in courses:
        made.append(index(CASE, items(names), made[-1] if made else None, Everything()))
    return made


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_every_version_follows_the_one_before_and_forgets_nothing(
    courses: list[frozenset[tuple[Kind, int]]],
) -> None:
    made = versions(courses)

    for before, after in zip([None, *made], made, strict=False):
        assert problems(before, after) == []
    assert made[-1].names == frozenset().union(*(each.names for each in made))
    assert [Index.from_bytes(each.to_bytes()) for each in made] == made


@given(st.lists(NAMES, min_size=2, max_size=4), st.data())
def test_whatever_is_left_out_is_found(
    courses: list[frozenset[tuple[Kind, int]]], data: st.DataObject
) -> None:
    *_, before, after = versions(courses)
    if not before.names:
        return
    lost = data.draw(st.sampled_from(sorted(before.names)))
    bent = msgspec.structs.replace(
        after,
        items=[each for each in after.items if each.name != lost],
        gone=[each for each in after.gone if each.name != lost],
    )

    assert f"leaves out {lost[0]} {lost[1]} without the entry by which it went" in problems(
        before, bent
    )


def test_a_document_cannot_become_another() -> None:
    first = index(CASE, [Item(kind="document", id="f-1", entry=1, sha256="00" * 32)], None, {})
    second = index(CASE, [Item(kind="document", id="f-1", entry=1, sha256="11" * 32)], first, {})

    assert problems(first, second) == ["has another digest for document f-1"]


def test_a_version_behind_another_one_is_not_the_next() -> None:
    first, second, third = versions([frozenset(), frozenset({("clip", 1)}), frozenset()])

    assert problems(first, third) != []
    assert problems(None, second) != []
    assert problems(second, third) == []


def test_what_went_without_an_entry_makes_no_version() -> None:
    (first,) = versions([frozenset({("clip", 1)})])

    with pytest.raises(KeyError):
        index(CASE, [], first, {})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"}", b""),
        (b"}", b"} "),
        (b"dossier/v1", b"dossier/v2"),
        (b'"entry":1', b'"entry":2'),
        (b"{", b"[" * 100_000),
    ],
    ids=["cut", "blank", "format", "root", "deep"],
)
def test_bent_bytes_are_no_version(old: bytes, new: bytes) -> None:
    (made,) = versions([frozenset({("clip", 1)})])

    with pytest.raises(DigestMismatch):
        Index.from_bytes(made.to_bytes().replace(old, new))
