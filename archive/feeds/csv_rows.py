"""CSV as exports write it: UTF-8, UTF-16 with its mark, or GB 18030, which covers GBK.

A file has one encoding.  A line in another one is told from it where it can be, and its letters are
lost rather than taken for others; where a mapping names the encoding nothing is told apart.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence

from archive.catalogue.feeds import RowProblem
from archive.feeds.contract import Raw, Sheet, unreadable
from evidence.names import folded

LARGEST = 16 * 1024**2
"""Bytes of the largest file that is read: 200,000 rows, or 0.7 GB of memory at worst."""
_LONGEST_RECORD = 20
"""Lines that one record may run over (quoted line breaks)."""
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ABOVE_GREEK = 0x0800
"""Letters from here on take three bytes of UTF-8: no accident makes them of GB 18030."""


Usable = Callable[[Raw], bool]


def sheet_of(data: bytes, usable: Usable, encoding: str = "") -> Sheet:
    """The rows of the CSV file with these bytes.

    Of a row that runs over several lines it matters whether it is *usable*: a quote left open
    swallows the lines after it, so if not, reading goes on at the very next line.
    """
    if len(data) > LARGEST:
        return unreadable(f"larger than {LARGEST} bytes: split it")
    try:
        text, found = _decoded(data, encoding)
    except UnicodeDecodeError as error:
        return unreadable(f"is marked as UTF-16 and is none: {error.reason}")
    lines = list(io.StringIO(text, newline=None))
    try:
        start, header = _header(lines)
    except csv.Error as error:
        return unreadable(f"the line of column names is no CSV: {error}", encoding=found)
    if any("\0" in name for name in header):
        return unreadable("the line of column names holds NUL: is it UTF-16 without its mark?")
    return Sheet(rows=_rows(lines, start, header, usable), columns=header, encoding=found)


def _decoded(data: bytes, wanted: str) -> tuple[str, str]:
    """Text and encoding; what cannot be read becomes U+FFFD."""
    if data.startswith(_UTF16):
        return data.decode("utf-16"), "utf-16"
    data = data.removeprefix(codecs.BOM_UTF8)
    if wanted:
        return data.decode(wanted, errors="replace"), wanted
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _line_by_line(data)


def _line_by_line(data: bytes) -> tuple[str, str]:
    """Whether more lines are in the one encoding or in the other, and all by that."""
    told = [(line, _told_by(line)) for line in data.splitlines(keepends=True)]
    in_utf8 = sum(each == "utf-8" for _, each in told)
    in_gb = sum(each == "gb18030" for _, each in told)
    chosen, other = ("utf-8", "gb18030") if in_utf8 > in_gb else ("gb18030", "utf-8")
    text = "".join(
        line.decode("ascii" if each == other else chosen, errors="replace") for line, each in told
    )
    return text, chosen


def _told_by(line: bytes) -> str:
    """The encoding that *line* must be in; empty: it could be either, or is neither."""
    if line.isascii():
        return ""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030" if _is_gb(line) else ""
    return "utf-8" if any(ord(each) >= _ABOVE_GREEK for each in text) else ""


def _is_gb(line: bytes) -> bool:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _header(lines: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """Where the rows start, and the column names as they are compared; csv.Error if none."""
    for place, line in enumerate(lines):
        if line.strip():
            taken, cells = _record(lines, place)
            return place + taken, tuple(folded(cell) for cell in cells)
    return len(lines), ()


def _record(lines: Sequence[str], place: int) -> tuple[int, list[str]]:
    """How many lines the record at *place* takes, and its cells; csv.Error if it is none."""
    reader = csv.reader(lines[place : place + _LONGEST_RECORD], strict=True)
    cells = next(reader, [])
    return max(reader.line_num, 1), cells


def _rows(
    lines: Sequence[str], place: int, header: tuple[str, ...], usable: Usable
) -> Iterator[Raw | RowProblem]:
    """Every row from *place* on."""
    while place < len(lines):
        taken = 1
        try:
            taken, cells = _record(lines, place)
        except csv.Error as error:
            yield RowProblem(row=place + 1, reason=str(error))
            place += 1
            continue
        if len(cells) > len(header):
            reason = f"{len(cells)} cells under {len(header)} columns"
            yield RowProblem(row=place + 1, reason=reason)
            taken = 1
        elif any(cell.strip() for cell in cells):
            told = {n: cell.strip() for n, cell in zip(header, cells, strict=False)}
            raw = Raw(row=place + 1, cells=told)
            yield raw
            if taken > 1 and not usable(raw):
                taken = 1
        place += taken
