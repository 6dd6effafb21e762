"""Excel workbooks: what Excel kept is read, and nothing else is done with them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from archive.catalogue.incidents import Told
from archive.feeds import xlsx_rows
from archive.feeds.contract import Reading
from archive.feeds.moments import Times
from tests.archive.feeds.sheets import SHANGHAI, mapping, read, told, workbook

HEADER = ("Event ID", "Officer", "Dispatched", "Cleared", "Call type")
DAY = datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)
ROW = ("E-1", 4711, DAY.replace(hour=15), DAY.replace(hour=16), "盗窃")
SHEET = "xl/worksheets/sheet1.xml"


def of(data: bytes) -> Reading:
    return read(data, mapping(times=Times(zone=SHANGHAI)), "a.XLSX")


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with another part *name*."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
    return out.getvalue()


def test_numbers_and_times_are_read_as_a_person_sees_them() -> None:
    (found,) = told(of(workbook([(), HEADER, (), ROW])))

    assert isinstance(found, Told)
    assert (found.officer, found.call_type, found.dispatched.hour) == ("4711", "盗窃", 7)


def test_the_row_is_that_of_the_workbook() -> None:
    reading = of(workbook([HEADER, ROW, (), ("E-2", None, *ROW[2:])]))

    assert [(each.row, each.field) for each in reading.problems] == [(4, "officer")]


def test_a_formula_counts_as_the_value_that_was_kept() -> None:
    data = workbook([HEADER, ROW, ("E-2", "=4700+11", *ROW[2:])])
    kept = changed(
        data,
        SHEET,
        lambda xml: (
            xml.replace(b"<v></v>", b"<v>4711</v>")
            .replace(b"<v/>", b"<v>4711</v>")
            .replace(b"<v />", b"<v>4711</v>")
        ),
    )

    assert [each.row for each in of(data).problems] == [3]
    assert "is a formula" in of(data).problems[0].reason
    assert [each.officer for each in told(of(kept)) if isinstance(each, Told)] == ["4711"] * 2


def test_an_error_in_a_cell_is_a_problem() -> None:
    (problem,) = of(workbook([HEADER, ("E-1", "#N/A", *ROW[2:])])).problems

    assert "is the error #N/A" in problem.reason


def test_a_bomb_is_not_unpacked() -> None:
    data = changed(workbook([HEADER, ROW]), SHEET, lambda _: bytes(xlsx_rows.UNPACKED + 1))

    (problem,) = of(data).problems
    assert len(data) < 200_000
    assert "unpacks to" in problem.reason


def test_entities_are_not_expanded() -> None:
    good = workbook([HEADER, ROW])
    plain, evil = (
        changed(good, SHEET, lambda xml, dtd=dtd: dtd + xml[xml.index(b"<worksheet") :])  # type: ignore[misc]
        for dtd in (b"<!DOCTYPE x>", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>')
    )

    assert len(told(of(plain))) == 1
    assert told(of(evil)) == []
    assert "invalid XML" in of(evil).problems[0].reason


def test_a_sheet_that_claims_a_million_rows_is_read_to_its_bound() -> None:
    data = changed(
        workbook([HEADER, ROW]), SHEET, lambda xml: xml.replace(b'r="2"', b'r="1048576"')
    )

    (problem,) = of(data).problems
    assert "empty ones on end: not read from row 1002 on" in problem.reason


@pytest.mark.parametrize("cut", [0, 3, 100, 2000, -30])
def test_a_workbook_cut_short_is_a_problem(cut: int) -> None:
    (problem,) = of(workbook([HEADER, ROW])[:cut]).problems

    assert problem.row == 0


def test_a_sheet_that_breaks_off_keeps_its_good_rows() -> None:
    data = changed(
        workbook([HEADER, ROW, ("E-2", *ROW[1:])]), SHEET, lambda xml: xml[: xml.rindex(b"<row")]
    )

    reading = of(data)
    assert [each.number for each in told(reading) if isinstance(each, Told)] == ["E-1"]
    assert len(reading.problems) == 1
