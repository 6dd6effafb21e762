"""Which numbers are missing in the names of a card's recordings.

A camera counts its files (``VID_0001.MP4``, ``VID_0002.MP4``); a number that neither stands on the
card nor was ever seen from this camera may be footage that somebody removed.  It is a hint for who
runs the fleet, and proves nothing: cameras begin anew, and skip.

One rule: only what surely counts is counted: three to five digits at the end of a name, after
something that is no digit.  Dates and times are longer.  It does no I/O.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from evidence.names import last_part, shown

MOST = 20
"""Spans that are told of one card."""
LONGEST = 500
"""A gap that is longer is taken for a new beginning."""

_COUNTED = re.compile(
    rb"(?P<series>.*[^0-9])(?P<number>[0-9]{3,5})(?P<ending>\.[A-Za-z0-9]{1,5})", re.DOTALL
)
_Series = tuple[bytes, bytes, int]
"""What stands before and behind the number, and its digits."""


def missing(here: Iterable[bytes], known: Iterable[bytes]) -> list[str]:
    """Names, or spans of names, that lack between those *here* and are not among the *known*.

    Both are paths on a card.  Fit to be shown; at most :data:`MOST`.
    """
    series: defaultdict[_Series, set[int]] = defaultdict(set)
    for name, number in _counted(here):
        series[name].add(number)
    gone: defaultdict[_Series, set[int]] = defaultdict(set)
    for name, number in _counted(known):
        gone[name].add(number)
    spans = (
        _words(name, first, last)
        for name, numbers in sorted(series.items())
        for first, last in _gaps(sorted(numbers))
        for first, last in _without(first, last, gone[name])
    )
    return list(islice(spans, MOST))


def _counted(paths: Iterable[bytes]) -> Iterator[tuple[_Series, int]]:
    for path in paths:
        if found := _COUNTED.fullmatch(last_part(path)):
            number = found["number"]
            yield (found["series"], found["ending"], len(number)), int(number)


def _gaps(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """First and last number of each gap, those that are too long left out."""
    for before, after in pairwise(numbers):
        if 1 < after - before <= LONGEST + 1:
            yield before + 1, after - 1


def _without(first: int, last: int, known: set[int]) -> Iterator[tuple[int, int]]:
    """What is left of a gap without the *known* numbers."""
    begin: int | None = None
    for number in range(first, last + 2):
        lacks = number <= last and number not in known
        if lacks and begin is None:
            begin = number
        elif not lacks and begin is not None:
            yield begin, number - 1
            begin = None


def _words(name: _Series, first: int, last: int) -> str:
    before, ending, digits = name

    def whole(number: int) -> str:
        return shown(before + str(number).zfill(digits).encode("ascii") + ending)

    return whole(first) if first == last else f"{whole(first)} … {whole(last)}"
