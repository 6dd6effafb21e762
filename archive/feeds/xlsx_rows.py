"""Excel workbooks (.xlsx), read as the values that Excel kept; nothing in them is calculated.

A formula counts as the value that the file holds for it, and one without is a problem of its row.
Workbooks come from outside: what they unpack to is bounded before anything is unpacked, and their
XML is read by a parser that expands no entities.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any
from zlib import error as zlib_error

import openpyxl
from openpyxl.cell.cell import TYPE_FORMULA
from openpyxl.utils.exceptions import InvalidFileException

from archive.catalogue.feeds import RowProblem
from archive.feeds.contract import Raw, Sheet, unreadable
from evidence.names import folded

UNPACKED = 64 * 1024**2
"""Bytes that all parts of a workbook unpack to at most."""
MOST_PARTS = 500
MOST_ROWS = 100_000
MOST_COLUMNS = 200
MOST_EMPTY = 1000
"""Empty rows on end: what only claims to be longer is not counted through."""
_SIGNATURE = b"PK\x03\x04"
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib_error,
)
"""What the library raises for workbooks that are none; it promises nothing narrower."""
Cell = Any
"""The library's own kinds of cells have no type that they share."""


def sheet_of(data: bytes, name: str = "") -> Sheet:
    """The rows of the sheet called *name*, or of the first, in the workbook with these bytes."""
    if not openpyxl.DEFUSEDXML:
        return unreadable("workbooks are read with defusedxml only, which is not installed")
    if (problem := _too_much(data)) is not None:
        return unreadable(problem)
    try:
        return _sheet(data, name)
    except _BROKEN as error:
        return unreadable(f"is no workbook that can be read: {type(error).__name__}: {error}"[:300])


def _too_much(data: bytes) -> str | None:
    """Why the workbook is not even opened, or None."""
    if not data.startswith(_SIGNATURE):
        return "is no .xlsx workbook (one with a password is not, either)"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except _BROKEN as error:
        return f"is no .xlsx workbook: {error}"[:300]
    unpacked = sum(each.file_size for each in parts)
    if len(parts) > MOST_PARTS or unpacked > UNPACKED:
        return f"unpacks to {unpacked} bytes in {len(parts)} parts: more than is read"
    return None


def _sheet(data: bytes, name: str) -> Sheet:
    """Twice opened: once for what formulas were worth, once to see which cells are formulas."""
    values, formulas = (
        openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=only, keep_links=False)
        for only in (True, False)
    )
    if name and name not in values.sheetnames:
        return unreadable(f"has no sheet {name!r}: {', '.join(values.sheetnames)[:200]}")
    title = name or values.sheetnames[0]
    rows = zip_longest(_rows(values[title]), _rows(formulas[title]), fillvalue=())
    header: tuple[str, ...] = ()
    start = 0
    for cells, _ in rows:
        start += 1
        header = tuple(folded(_text(cell.value)) for cell in cells)
        if any(header) or start == MOST_EMPTY:
            break
    return Sheet(rows=_told(rows, start, header), columns=header, encoding="xlsx")


def _rows(sheet: Any) -> Iterator[Sequence[Cell]]:
    found: Iterator[Sequence[Cell]] = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS)
    return found


def _told(
    rows: Iterator[tuple[Sequence[Cell], Sequence[Cell]]], start: int, header: tuple[str, ...]
) -> Iterator[Raw | RowProblem]:
    """Every row behind row *start*, as far as the workbook can be read."""
    place = last = start
    try:
        for place, (cells, formulas) in enumerate(rows, start=start + 1):
            found = _row(place, cells, formulas, header)
            last = last if found is None else place
            if place > MOST_ROWS or place - last > MOST_EMPTY:
                much = f"more than {MOST_ROWS} rows, or {MOST_EMPTY} empty ones on end"
                yield RowProblem(row=0, reason=f"{much}: not read from row {place} on")
                return
            if found is not None:
                yield found
    except _BROKEN as error:
        reason = f"the workbook ends in row {place + 1}: {type(error).__name__}: {error}"[:300]
        yield RowProblem(row=place + 1, reason=reason)


def _row(
    place: int, cells: Sequence[Cell], formulas: Sequence[Cell], header: tuple[str, ...]
) -> Raw | RowProblem | None:
    """One row; None if nothing stands in it."""
    told = {column: "" for column in header if column}
    for number, (cell, formula) in enumerate(zip(cells, formulas, strict=False)):
        column = header[number] if number < len(header) else ""
        text = _text(cell.value)
        if cell.value is None and formula.data_type == TYPE_FORMULA:
            reason = f"{column or number + 1} is a formula, and the file holds no value of it"
            return RowProblem(row=place, field=column, reason=reason)
        if cell.data_type == "e":
            reason = f"{column or number + 1} is the error {text}"
            return RowProblem(row=place, field=column, reason=reason)
        if text and column:
            told[column] = text
        elif text:
            return RowProblem(row=place, reason=f"a cell {number + 1} under {len(header)} columns")
    return Raw(row=place, cells=told) if any(told.values()) else None


def _text(value: object) -> str:
    """A cell as a person reads it; a whole number has no point, and a time is ISO 8601."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 1e15:  # noqa: PLR2004  exact
            return str(int(value))
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value).strip()
