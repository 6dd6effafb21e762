"""Nothing that is told, and no difference of it, is of fewer than k officers or clips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.statistics.suppression import DEFAULT_K, Row, suppress

NAMES = ("link_met", "link_unmet", "review_met", "review_unmet")
cells = st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(0, 12) | st.integers(0, 900)))
officers = st.frozensets(st.integers(0, 30).map(str), max_size=14)
rows = st.lists(st.tuples(cells, officers), max_size=8).map(
    lambda found: [Row(name=f"u{n}", cells=c, officers=o) for n, (c, o) in enumerate(found)]
)


def small(counts: dict[str, int], whose: set[str], k: int) -> bool:
    """Whether what these counts say is of too few."""
    if not any(counts.values()):
        return False
    return len(whose) < k or any(0 < count < k for count in counts.values())


@given(rows, st.integers(3, 8))
def test_neither_rows_nor_what_the_total_lacks_tell_of_few(rows: list[Row], k: int) -> None:
    told = suppress(rows, k)
    shown = {name for name, counts in told.rows if counts is not None}

    assert not any(small(dict(r.cells), set(r.officers), k) for r in rows if r.name in shown)
    if told.total is None:
        return
    hidden = [row for row in rows if row.name not in shown]
    lacking = {
        name: told.total.get(name, 0) - sum(r.cells[name] for r in rows if r.name in shown)
        for name in NAMES
    }
    assert len(hidden) != 1
    assert not small(lacking, {each for row in hidden for each in row.officers}, k)


@given(rows)
def test_what_is_told_is_true(rows: list[Row]) -> None:
    told = suppress(rows)

    assert [name for name, _ in told.rows] == [row.name for row in rows]
    for row, (_, counts) in zip(rows, told.rows, strict=True):
        assert counts in (None, row.cells)
    sums = {name: sum(row.cells[name] for row in rows) for name in NAMES if rows}
    assert told.total in (None, sums)


def _row(name: str, count: int, people: range) -> Row:
    return Row(
        name=name, cells={"link_met": count, "link_unmet": 0}, officers=frozenset(map(str, people))
    )


def test_a_second_row_goes_with_a_single_small_one() -> None:
    rows = [_row("a", 50, range(20)), _row("b", 40, range(20, 40)), _row("c", 2, range(40, 42))]

    told = dict(suppress(rows).rows)

    assert (told["b"], told["c"]) == (None, None)
    assert told["a"] is not None


def test_many_clips_of_few_officers_are_few() -> None:
    rows = [_row("a", 500, range(20)), _row("b", 600, range(20, 24)), _row("c", 700, range(9))]

    assert {name for name, cells in suppress(rows).rows if cells is None} == {"a", "b"}


@pytest.mark.parametrize("k", [-1, 0, 1, 2])
def test_k_is_three_at_least(k: int) -> None:
    with pytest.raises(ValueError, match="people can be made out"):
        suppress([], k)


def test_five_is_the_default() -> None:
    assert DEFAULT_K == 5
