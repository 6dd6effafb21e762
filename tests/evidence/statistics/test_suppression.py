"""Nothing that is told, and no difference of it, is of fewer than k officers or clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.statistics.suppression import DEFAULT_K, Row, suppress

NAMES = ("link_met", "link_unmet", "review_met", "review_unmet")
cells = st.fixed_dictionaries(dict.fromkeys(NAMES, st.integers(0, 12) | st.integers(0, 900)))
people = st.frozensets(st.integers(0, 30).map(str), max_size=14)
officers = st.fixed_dictionaries(dict.fromkeys(NAMES, people))
rows = st.lists(st.tuples(cells, officers), max_size=8).map(
    lambda found: [Row(name=f"u{n}", cells=c, officers=o) for n, (c, o) in enumerate(found)]
)


def small(counts: Mapping[str, int], rows: Sequence[Row], k: int) -> bool:
    """Whether what these counts say, which are of *rows* together, is of too few."""
    return any(
        count and (count < k or len({each for row in rows for each in row.officers[name]}) < k)
        for name, count in counts.items()
    )


@given(rows, st.integers(3, 8))
def test_neither_rows_nor_what_the_total_lacks_tell_of_few(rows: list[Row], k: int) -> None:
    told = suppress(rows, k)
    shown = {name for name, counts in told.rows if counts is not None}

    assert not any(small(row.cells, [row], k) for row in rows if row.name in shown)
    if told.total is None:
        return
    hidden = [row for row in rows if row.name not in shown]
    lacking = {
        name: told.total.get(name, 0) - sum(r.cells[name] for r in rows if r.name in shown)
        for name in NAMES
    }
    assert len(hidden) != 1
    assert not small(lacking, hidden, k)


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
        name=name,
        cells={"link_met": count, "link_unmet": 0},
        officers={"link_met": frozenset(map(str, people)), "link_unmet": frozenset()},
    )


def test_a_second_row_goes_with_a_single_small_one() -> None:
    rows = [_row("a", 50, range(20)), _row("b", 40, range(20, 40)), _row("c", 2, range(40, 42))]

    told = dict(suppress(rows).rows)

    assert (told["b"], told["c"]) == (None, None)
    assert told["a"] is not None


def test_many_clips_of_few_officers_are_few() -> None:
    rows = [_row("a", 500, range(20)), _row("b", 600, range(20, 24)), _row("c", 700, range(9))]

    assert {name for name, cells in suppress(rows).rows if cells is None} == {"a", "b"}


def test_one_officers_clips_are_not_hidden_behind_others_few() -> None:
    """Twelve unclassified clips of one officer, and five of four others: whose the twelve are."""
    crowd, one = frozenset(map(str, range(5))), frozenset({"0"})
    cells = {"category_met": 5, "category_unmet": 12}
    rows = [
        Row(name="a", cells=cells, officers={"category_met": crowd, "category_unmet": one}),
        _row("b", 50, range(20)),
        _row("c", 60, range(20)),
    ]

    assert dict(suppress(rows).rows)["a"] is None


@pytest.mark.parametrize("k", [-1, 0, 1, 2])
def test_k_is_three_at_least(k: int) -> None:
    with pytest.raises(ValueError, match="people can be made out"):
        suppress([], k)


def test_five_is_the_default() -> None:
    assert DEFAULT_K == 5
