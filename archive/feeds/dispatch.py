"""Dispatch incidents as CSV, in the columns of Axon's Auto-Tagging export that agencies have.

Every row ends as a fact or as a problem with its line number, none is dropped silently, and a bad
one holds up no other.  A file of nothing but bad rows must not fill the memory either: beyond
:data:`MOST_PROBLEMS` they are only counted.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from archive.catalogue.incidents import RowProblem, Told
from evidence.clock import unstamp
from evidence.linking import window_problem
from evidence.names import folded

EVENT = "event id"
OFFICER = "officer badge id"
DISPATCHED = "officer dispatched datetime"
CLEARED = "officer cleared datetime"
CALL_TYPE = "call type"
CASE = "case id"
REQUIRED = (EVENT, OFFICER, DISPATCHED, CLEARED)
"""Column names as they are compared: without case and outer blanks."""
_KNOWN = frozenset({*REQUIRED, CALL_TYPE, CASE})
LARGEST = 16 * 1024**2
"""Bytes of the largest feed file that is read: 200,000 dispatches, or 0.7 GB of memory at worst."""
MOST_PROBLEMS = 1000
_LONGEST = 512
_LONGEST_RECORD = 20
"""Lines that one record may run over (quoted line breaks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a feed file says."""

    rows: tuple[Told, ...]
    problems: tuple[RowProblem, ...]
    encoding: str
    """``utf-8``, or ``gb18030`` where the file was not UTF-8; empty if it was not read."""
    ignored_columns: tuple[str, ...]


def read(data: bytes) -> Reading:
    """All that the CSV file with these bytes says, right or wrong."""
    if len(data) > LARGEST:
        return _unreadable(f"larger than {LARGEST} bytes: split it", encoding="")
    text, encoding = _decoded(data)
    lines = list(io.StringIO(text, newline=None))
    try:
        start, header = _header(lines)
    except csv.Error as error:
        return _unreadable(f"the line of column names is no CSV: {error}", encoding)
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        return _unreadable(f"columns missing: {', '.join(missing)}", encoding)
    rows: list[Told] = []
    problems: list[RowProblem] = []
    more = 0
    for found in _rows(lines, start, header):
        if isinstance(found, Told):
            rows.append(found)
        elif len(problems) < MOST_PROBLEMS:
            problems.append(found)
        else:
            more += 1
    if more:
        problems.append(RowProblem(row=0, reason=f"{more} more rows cannot be used"))
    return Reading(
        rows=tuple(_numbered(rows)),
        problems=tuple(problems),
        encoding=encoding,
        ignored_columns=tuple(name for name in header if name not in _KNOWN),
    )


def _unreadable(reason: str, encoding: str) -> Reading:
    """The reading of a file of which no row can be read."""
    problem = RowProblem(row=0, reason=reason)
    return Reading(rows=(), problems=(problem,), encoding=encoding, ignored_columns=())


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and encoding.  A file that is not UTF-8 is read as GB 18030, which covers GBK."""
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace"), "gb18030"


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


def _rows(lines: Sequence[str], place: int, header: tuple[str, ...]) -> Iterator[Told | RowProblem]:
    """Every row from *place* on.

    A quote left open swallows the lines after it; so after a row that cannot be used, reading goes
    on at the very next line.
    """
    while place < len(lines):
        taken = 1
        try:
            taken, cells = _record(lines, place)
            if any(cell.strip() for cell in cells):
                yield _told(header, cells)
        except (csv.Error, ValueError) as error:
            taken = 1
            yield RowProblem(row=place + 1, reason=str(error))
        place += taken


def _told(header: tuple[str, ...], cells: Sequence[str]) -> Told:
    """What the *cells* tell; ValueError says what is wrong with them."""
    if len(cells) > len(header):
        raise ValueError(f"{len(cells)} cells under {len(header)} columns")
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
    for name in REQUIRED:
        if not row.get(name):
            raise ValueError(f"no {name}")
    for name in _KNOWN & row.keys():
        if "\ufffd" in row[name] or "\0" in row[name] or len(row[name]) > _LONGEST:
            raise ValueError(f"{name} is not readable text of at most {_LONGEST} characters")
    dispatched, cleared = _moment(row, DISPATCHED), _moment(row, CLEARED)
    problem = window_problem(dispatched, cleared)
    if problem is not None:
        raise ValueError(problem)
    return Told(
        number=row[EVENT],
        officer=row[OFFICER],
        nth=1,
        dispatched=dispatched,
        cleared=cleared,
        call_type=row.get(CALL_TYPE) or None,
        case_id=row.get(CASE) or None,
    )


def _moment(row: Mapping[str, str], name: str) -> datetime:
    try:
        return unstamp(row[name])
    except ValueError as error:
        raise ValueError(
            f"{name} {row[name]!r} is not an ISO 8601 date and time with a time zone"
        ) from error


def _numbered(rows: Iterable[Told]) -> Iterator[Told]:
    """The rows, each officer's dispatches to one event counted in order of time.

    The same row told twice is one fact.
    """
    count: Counter[tuple[str, str]] = Counter()
    for row in sorted(dict.fromkeys(rows), key=lambda row: (row.dispatched, row.cleared)):
        part = (row.number, folded(row.officer))
        count[part] += 1
        yield replace(row, nth=count[part])
