from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence.numbering import MOST, WIDEST, Gap, gaps


def spans(*numbers: str) -> list[tuple[str, str, int]]:
    return [(each.first, each.last, each.missing) for each in gaps(numbers)]


def test_numbers_that_are_missing_are_named_in_their_own_form() -> None:
    assert spans("E-7", "E-12", "E-8") == [("E-9", "E-11", 3)]
    assert spans("20261123-0007", "20261123-0009") == [("20261123-0008", "20261123-0008", 1)]


def test_each_day_and_station_has_a_row_of_its_own() -> None:
    assert spans("350203202611230001", "350203202611230002", "350203202611240001") == []
    assert spans("A-1", "B-5") == []


def test_another_row_is_no_hole() -> None:
    assert spans("E-1", f"E-{WIDEST + 3}") == []
    assert spans("E-1", f"E-{WIDEST + 2}") != []


def test_leading_zeros_part_rows() -> None:
    assert spans("E-001", "E-3") == []
    assert spans("E-099", "E-101") == [("E-100", "E-100", 1)]


def test_what_has_no_number_is_in_no_row() -> None:
    assert spans("walk-in", "", "E-١", "E-3") == []


def test_no_feed_fills_the_memory() -> None:
    assert len(gaps(f"{day}-{n}" for day in range(MOST) for n in (1, 3, 5))) == MOST


@given(st.sets(st.integers(1, 300), min_size=1))
def test_told_and_missing_make_a_whole_row(told: set[int]) -> None:
    found = gaps(f"E-{each}" for each in told)

    missing = {n for gap in found for n in _numbers(gap)}
    assert told | missing == set(range(min(told), max(told) + 1))
    assert not told & missing


def _numbers(gap: Gap) -> range:
    first, last = (int(each.removeprefix("E-")) for each in (gap.first, gap.last))
    assert last - first + 1 == gap.missing
    return range(first, last + 1)
