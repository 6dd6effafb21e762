"""Numbers that are missing in a row of numbers: what was told is complete, or shows its holes.

A number is read as a prefix (a day, a station, both) and a running counter at its end.  Numbers
with one prefix belong to one row; where counters have leading zeros, those with as many digits.
What is missing before the first or behind the last of a row nobody can see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

#: Digits at the end that are taken for the counter at most; what stands before is prefix.
COUNTER = 6
#: A hole wider than this is no hole but another row: numbers that were typed by hand, or a restart.
WIDEST = 1000
#: Holes that are told at most, so that no feed fills the memory.
MOST = 10_000
_DIGITS = re.compile(r"[0-9]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Gap:
    """Numbers that are missing, from *first* to *last*, both of them included."""

    first: str
    last: str
    missing: int


def gaps(numbers: Iterable[str]) -> list[Gap]:
    """The holes in *numbers*, which may come in any order and more than once; MOST at most."""
    return list(islice(_all(numbers), MOST))


def _all(numbers: Iterable[str]) -> Iterator[Gap]:
    counters: dict[str, set[str]] = {}
    for number in numbers:
        found = _DIGITS.search(number)
        if found is not None:
            digits = found.group()[-COUNTER:]
            counters.setdefault(number[: len(number) - len(digits)], set()).add(digits)
    for prefix, told in sorted(counters.items()):
        for width, row in _rows(told):
            yield from _holes(prefix, width, row)


def _rows(told: Iterable[str]) -> Iterator[tuple[int, list[int]]]:
    """The rows that counters of one prefix make, with the digits of each (1: as many as it has)."""
    by_width: dict[int, list[str]] = {}
    for digits in told:
        by_width.setdefault(len(digits), []).append(digits)
    padded = any(each[0] == "0" for row in by_width.values() for each in row)
    rows = by_width if padded else {1: [each for row in by_width.values() for each in row]}
    for width, row in sorted(rows.items()):
        yield width, sorted(map(int, row))


def _holes(prefix: str, width: int, row: list[int]) -> Iterator[Gap]:
    for before, after in pairwise(row):
        missing = after - before - 1
        if 0 < missing <= WIDEST:
            first, last = (f"{prefix}{each:0{width}}" for each in (before + 1, after - 1))
            yield Gap(first=first, last=last, missing=missing)
