from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.digest import Sha256
from evidence.errors import DigestMismatch
from evidence.merkle import leaf_hash, root_of
from evidence.segments import LARGEST, SegmentList

MEDIA = bytes(range(100))
Told = dict[str, object]


def told(media: bytes = MEDIA, *cuts: int) -> Told:
    places = [0, *(cuts or (10, 60)), len(media)]
    ranges = [
        {"offset": low, "length": high - low, "sha256": Sha256.of(media[low:high]).hex}
        for low, high in pairwise(places)
    ]
    return {"media": "media.mp4", "init": ranges[0], "segments": ranges[1:], "size": len(media)}


def parsed(document: Told) -> SegmentList:
    return SegmentList.parse(json.dumps(document).encode())


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@given(cuts=st.sets(st.integers(1, 99), min_size=1), piece=st.integers(1, 120))
def test_media_that_is_what_the_manifest_says_passes_in_pieces_of_any_size(
    cuts: set[int], piece: int
) -> None:
    parsed(told(MEDIA, *sorted(cuts))).check(pieces(MEDIA, piece))


@given(bit=st.integers(0, 799), piece=st.integers(1, 120))
def test_one_flipped_bit_anywhere_is_found_and_its_range_named(bit: int, piece: int) -> None:
    flipped = bytearray(MEDIA)
    flipped[bit // 8] ^= 1 << bit % 8
    low, high = next((a, b) for a, b in pairwise([0, 10, 60, 100]) if a <= bit // 8 < b)

    with pytest.raises(DigestMismatch, match=f"^bytes {low} to {high - 1} have"):
        parsed(told()).check(pieces(bytes(flipped), piece))


@pytest.mark.parametrize("media", [MEDIA[:-1], MEDIA[:60], b"", MEDIA + b"x"])
def test_media_of_another_length_is_found(media: bytes) -> None:
    with pytest.raises(DigestMismatch, match="than 100 bytes"):
        parsed(told()).check([media])


def lengthen(document: Told) -> None:
    document["segments"][0]["length"] += 1  # type: ignore[index]


def drop(document: Told) -> None:
    del document["segments"][0]  # type: ignore[attr-defined]


def swap(document: Told) -> None:
    document["segments"].reverse()  # type: ignore[attr-defined]


def double(document: Told) -> None:
    document["segments"].append(document["segments"][-1])  # type: ignore[attr-defined, index]


def begin_late(document: Told) -> None:
    document["init"]["offset"] = 1  # type: ignore[index]


def claim_more(document: Told) -> None:
    document["size"] = 101


@pytest.mark.parametrize("wrong", [lengthen, drop, swap, double, begin_late, claim_more])
def test_ranges_that_overlap_or_leave_something_out_are_refused(
    wrong: Callable[[Told], None],
) -> None:
    document = told()
    wrong(document)

    with pytest.raises(DigestMismatch, match=r"^segments.json: "):
        parsed(document)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"init": 1, "segments": []}',
        b"[" * 100_000,
        b"\xff",
        json.dumps(told() | {"init": {"offset": 0, "length": True, "sha256": "0" * 64}}).encode(),
        json.dumps(told() | {"init": {"offset": 0, "length": 0, "sha256": "0" * 64}}).encode(),
        json.dumps(told() | {"init": {"offset": 0, "length": 9, "sha256": "0 0" * 32}}).encode(),
        json.dumps(told() | {"init": {"offset": -1, "length": 9, "sha256": "0" * 64}}).encode(),
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(DigestMismatch, match="is no segment manifest"):
        SegmentList.parse(data)


def test_a_huge_manifest_is_not_even_parsed() -> None:
    with pytest.raises(DigestMismatch, match="at most"):
        SegmentList.parse(bytes(LARGEST + 1))


def test_the_root_is_that_of_rfc_6962_over_canonical_leaves() -> None:
    first = Sha256.of(MEDIA[:10]).hex
    leaf = b'{"length":10,"offset":0,"sha256":"' + first.encode() + b'"}'
    found = parsed(told())

    assert found.segments[0].leaf == leaf
    assert found.root == root_of([leaf_hash(each.leaf) for each in found.segments])
    assert found.root != parsed(told(MEDIA, 10, 61)).root
