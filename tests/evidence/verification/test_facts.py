from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.canonical import canonical
from evidence.errors import DigestMismatch
from evidence.verification.facts import parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(st.characters(codec="ascii")), VALUES)


@given(OBJECTS)
def test_what_is_canonical_is_read(value: dict[str, object]) -> None:
    assert parse(canonical(value)) == value


@given(OBJECTS, st.integers(0, 500), st.binary(max_size=3))
def test_what_is_read_is_canonical(value: dict[str, object], at: int, more: bytes) -> None:
    raw = canonical(value)
    raw = raw[:at] + more + raw[at + 1 :]
    try:
        found = parse(raw)
    except DigestMismatch:
        return
    assert canonical(found) == raw


@pytest.mark.parametrize(
    "raw",
    [
        '{"b":1,"a":2}',
        '{"a":1,"a":1}',
        '{"a": 1}',
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":-0}',
        '{"a":01}',
        '{"a":9007199254740993}',
        '{"a":[9007199254740993]}',
        '{"a":[-99999999999999999999]}',
        '{"a":"\\u0041"}',
        '{"a":"\\/"}',
        '{"é":1}',
        "[]",
        "{}x",
        "",
    ],
)
def test_other_forms_are_refused(raw: str) -> None:
    with pytest.raises(DigestMismatch):
        parse(raw.encode())


def test_the_longest_number_that_every_language_holds_is_read() -> None:
    assert parse(b'{"a":9007199254740991}') == {"a": 2**53 - 1}
    assert json.loads(b'{"a":9007199254740991}') == {"a": 2**53 - 1}
