"""Long lists of values in portions: no database takes a question with any number of values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

_MOST = 400
"""Values in one question: all databases take so many, several times over."""
ValueT = TypeVar("ValueT")


def portions(values: Sequence[ValueT]) -> Iterator[Sequence[ValueT]]:
    """*values* in their order, some hundred at a time."""
    for first in range(0, len(values), _MOST):
        yield values[first : first + _MOST]
