"""Rows as JSON objects, from a push or the answer to a pull: name of the column -> value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archive.catalogue.feeds import RowProblem
from archive.feeds.cells import APART
from archive.feeds.contract import Raw, Sheet
from evidence.names import folded

MOST_CELLS = 200


def sheet_of(rows: Sequence[object]) -> Sheet:
    """The *rows*, the first of which has place 1."""
    return Sheet(rows=_rows(rows))


def _rows(rows: Sequence[object]) -> Iterator[Raw | RowProblem]:
    for place, row in enumerate(rows, start=1):
        yield _row(place, row)


def _row(place: int, row: object) -> Raw | RowProblem:
    if not isinstance(row, Mapping) or not row or len(row) > MOST_CELLS:
        reason = f"is no JSON object of 1 to {MOST_CELLS} columns"
        return RowProblem(row=place, reason=reason)
    told: dict[str, str] = {}
    for name, value in row.items():
        column, text = folded(str(name)), _text(value)
        if text is None:
            reason = f"{column[:80]} is none of text, number, true, false, null and list of texts"
            return RowProblem(row=place, field=column[:80], reason=reason)
        if column in told:
            reason = f"{column[:80]} is there twice"
            return RowProblem(row=place, field=column[:80], reason=reason)
        told[column] = text
    return Raw(row=place, cells=told)


def _text(value: object) -> str | None:
    """The value as its cell; None: it is none."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value.strip()
        case int() | float():
            return str(int(value)) if float(value).is_integer() else str(value)
        case list() if all(isinstance(each, str) and not APART.search(each) for each in value):
            return " ".join(value)
        case _:
            return None
