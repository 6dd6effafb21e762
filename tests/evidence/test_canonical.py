import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.canonical import MAX_INTEGER, canonical

keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
values = st.dictionaries(
    keys,
    st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
    ),
)


@given(values)
def test_canonical_bytes_read_back_as_the_same_value(value: dict[str, object]) -> None:
    assert json.loads(canonical(value)) == value


@given(values)
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_the_form_is_that_of_the_rfc() -> None:
    value = {"b": [1, True, None], "a": 'é\n\u20ac"\\/'}

    assert canonical(value) == '{"a":"é\\n€\\"\\\\/","b":[1,true,null]}'.encode()


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({"x": 1.5}, r"\$\.x"),
        ({"x": [1, 2**60]}, r"\$\.x\[1\]"),
        ({"x": {"é": 1}}, r"\$\.x"),
        ({"x": "\ud800"}, "surrogate"),
        ({"x": b"raw"}, r"\$\.x"),
    ],
)
def test_what_other_languages_might_read_differently_is_refused(
    bad: dict[str, object], where: str
) -> None:
    with pytest.raises(ValueError, match=where):
        canonical(bad)
