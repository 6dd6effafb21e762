"""Parts of a list of which each item is judged before it is known whether it is shown.

A part ends after so many items were looked at, too: where few are shown, parts are short, and one
question never judges all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

_MARK = "~"
"""Between the two words of a place: when, and which of that time."""
ItemT = TypeVar("ItemT")
Place = tuple[str, str]


def cursor(of: Place) -> str:
    """What names a place in an address."""
    return _MARK.join(of)


def place(after: str) -> Place:
    """The place that a cursor names; ValueError if it is none."""
    when, mark, which = after.partition(_MARK)
    if not mark:
        raise ValueError(f"after={after[:80]!r} is no place in the list")
    return when, which


def fitting(
    items: Iterable[ItemT],
    fits: Callable[[ItemT], bool],
    place_of: Callable[[ItemT], Place],
    most: int,
    looked_at: int,
) -> tuple[list[ItemT], str | None]:
    """The next *most* that fit, and the cursor of the last one looked at; None behind the end."""
    found: list[ItemT] = []
    last = None
    for count, each in enumerate(items):
        if len(found) == most or count == looked_at:
            return found, last
        if fits(each):
            found.append(each)
        last = cursor(place_of(each))
    return found, None
