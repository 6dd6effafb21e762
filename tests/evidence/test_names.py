from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.canonical import canonical
from evidence.names import shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"VID_0001.MP4", "VID_0001.MP4"),
        ("记录 \N{GRINNING FACE}".encode(), "记录 \N{GRINNING FACE}"),
        (b"a\nb\t", r"a\nb\t"),
        (b"\xff\\", r"\xff\\"),
        ("\u202e4pm".encode(), r"\u202e4pm"),
        ("a\u2003b c".encode(), r"a\u2003b c"),
    ],
)
def test_names_are_shown_without_misleading(name: bytes, text: str) -> None:
    assert shown(name) == text


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_two_names_never_look_the_same(one: bytes, other: bytes) -> None:
    assert (shown(one) == shown(other)) == (one == other)


@given(st.binary(max_size=80))
def test_whatever_a_name_is_it_can_be_signed_and_sent(name: bytes) -> None:
    assert json.loads(canonical({"name": shown(name)})) == {"name": shown(name)}
