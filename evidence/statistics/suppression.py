"""Figures for others, in which no person can be made out: what must be left out, and what with it.

A row (a unit, a month) says nothing while one of its cells counts fewer than *k* but not none, or
has fewer than *k* officers behind it (primary suppression): each cell by itself, since many clips
of one officer beside few of four others are one officer's figures all the same.  What is left out
could still be had as the total less what is shown.  So more rows are left out, the smallest first,
until what the shown rows lack of the total is of two rows and would itself be told (complementary
suppression); if no row is left, the total is left out, too.

One rule: a row is left out whole.  Shown in part, its parts would tell of one another.  What it
cannot do: two exports over spans that differ by a day differ by that day's officers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEFAULT_K = 5
LEAST_K = 3
"""With fewer than three, one of two could make out the other."""
_TWO = 2

Cells = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Counts of one unit or period, and who stands behind them."""

    name: str
    cells: Cells
    """Name of the count -> how many."""
    officers: Mapping[str, frozenset[str]]
    """Name of the count -> whose; they are counted and never told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What others may know: the cells, or None for what was left out."""

    rows: Sequence[tuple[str, Cells | None]]
    total: Cells | None


def suppress(rows: Sequence[Row], k: int = DEFAULT_K) -> Told:
    """What may be told of *rows* and of their sum; ValueError for *k* under 3."""
    if k < LEAST_K:
        raise ValueError(f"with fewer than {LEAST_K} in a cell people can be made out; k is {k}")
    whole = _sum(rows)
    if not _is_safe(whole, k):
        return Told(rows=[(row.name, None) for row in rows], total=None)
    hidden = {row.name for row in rows if not _is_safe(row, k)}
    filled = [row for row in rows if any(row.cells.values())]
    by_size = sorted(filled, key=lambda row: (sum(row.cells.values()), row.name))
    for row in by_size:
        if _hides(rows, hidden, k):
            break
        hidden.add(row.name)
    shown = [(row.name, None if row.name in hidden else row.cells) for row in rows]
    total = whole.cells if _hides(rows, hidden, k) else None
    return Told(rows=shown, total=total)


def _hides(rows: Sequence[Row], hidden: set[str], k: int) -> bool:
    """Whether the total less the shown rows tells nothing that may not be told."""
    lacking = [row for row in rows if row.name in hidden]
    return not lacking or (len(lacking) >= _TWO and _is_safe(_sum(lacking), k))


def _is_safe(row: Row, k: int) -> bool:
    """Whether each cell is empty, or counts *k* at least and is of *k* officers at least."""
    return all(
        not count or (count >= k and len(row.officers.get(name, ())) >= k)
        for name, count in row.cells.items()
    )


def _sum(rows: Sequence[Row]) -> Row:
    names = dict.fromkeys(name for row in rows for name in row.cells)
    nobody: frozenset[str] = frozenset()
    return Row(
        name="",
        cells={name: sum(row.cells.get(name, 0) for row in rows) for name in names},
        officers={
            name: nobody.union(*(row.officers.get(name, nobody) for row in rows)) for name in names
        },
    )
