"""Tables for spreadsheets: CSV as Excel reads it right, and XLSX.

One rule: every text in them goes through :func:`evidence.statistics.cells.neutral`; numbers are
numbers, and what has no value is empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from evidence.statistics.cells import Cell, neutral
from evidence.statistics.figures import DELAYS
from evidence.statistics.suppression import Told
from evidence.statistics.verdicts import Measure
from evidence.wire import FiguresShown, StatisticsShown

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Table = Sequence[Sequence[Cell]]
"""Rows; the first one names the columns."""
_BOM = "\ufeff"
_HOUR_MS = 3_600_000
_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001  a ZIP archive knows no zone
_RATE = ("met", "counted", "rate", "low", "high", "left_out")


def of_figures(found: StatisticsShown) -> Table:
    """The figures of *found*: a row a group, the last one all together."""
    hours = [f"delay_{int(each.total_seconds()) // 3600}h" for each in DELAYS]
    columns = [
        found.by,
        "from",
        "to",
        "clips",
        "bytes",
        "hours",
        "recordings_without_length",
        "officers",
        *(f"{measure.value}_{name}" for measure in Measure for name in _RATE),
        *hours,
        "delay_longer",
    ]
    rows = [_row(each.name, each) for each in found.groups]
    return [columns, *rows, _row("total", found.total)]


def _row(name: str | None, figures: FiguresShown) -> list[Cell]:
    rates = [figures.rates[measure.value] for measure in Measure]
    return [
        name,
        figures.since,
        figures.until,
        figures.clips,
        figures.bytes,
        figures.duration_ms / _HOUR_MS,
        figures.unmeasured,
        figures.officers,
        *(
            each
            for rate in rates
            for each in (
                rate.met,
                rate.whole,
                rate.value,
                rate.low,
                rate.high,
                sum(rate.left_out.values()),
            )
        ),
        *figures.delays,
    ]


def of_told(by: str, told: Told) -> Table:
    """Figures for others: what was left out is empty, and its row says so."""
    names = list(
        dict.fromkeys(
            name
            for cells in (*(cells for _, cells in told.rows), told.total)
            for name in cells or {}
        )
    )
    rows = [*told.rows, ("total", told.total)]
    return [
        [by, "suppressed", *names],
        *(
            [name, int(cells is None), *((cells or {}).get(each) for each in names)]
            for name, cells in rows
        ),
    ]


def csv_of(table: Table) -> bytes:
    """CSV (RFC 4180) with the mark by which Excel knows UTF-8; every text is quoted."""
    made = io.StringIO(newline="")
    made.write(_BOM)
    csv.writer(made, quoting=csv.QUOTE_NONNUMERIC).writerows(
        [["" if each is None else neutral(each) for each in row] for row in table]
    )
    return made.getvalue().encode("utf-8", "replace")


def xlsx_of(table: Table) -> bytes:
    """The same as a workbook of one sheet."""
    book = Workbook(write_only=True)
    into = book.create_sheet("statistics")
    into.freeze_panes = "B2"
    bold = Font(bold=True)
    for n, row in enumerate(table):
        cells = [_xlsx_cell(into, each) for each in row]
        for cell in cells if n == 0 else ():
            cell.font = bold
        into.append(cells)
    book.properties.created = book.properties.modified = _EPOCH
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _xlsx_cell(sheet: Any, value: Cell) -> Any:
    """A cell that is what it is: a text never becomes a formula, whatever it begins with."""
    cell = WriteOnlyCell(sheet, value=_writable(neutral(value)))
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def _writable(value: Cell) -> Cell:
    """*value* without the control characters that no XML holds."""
    if not isinstance(value, str):
        return value
    return "".join(letter if _fits(letter) else "\ufffd" for letter in value)


def _fits(letter: str) -> bool:
    return letter in "\t\n\r" or (letter >= " " and not "\ud800" <= letter <= "\udfff")
