"""Feed files read as what they are, by a mapping."""

from __future__ import annotations

from pathlib import PurePath

from archive.catalogue.feeds import RowProblem
from archive.feeds import csv_rows, xlsx_rows
from archive.feeds.contract import Raw, Sheet, unreadable
from archive.feeds.facts import fact
from archive.feeds.mapping import FeedMapping

LARGEST = csv_rows.LARGEST
"""Bytes of the largest file that is read."""
WORKBOOKS = frozenset({".xlsx", ".xlsm"})
SUFFIXES = frozenset({".csv", *WORKBOOKS})
"""What feed files in a folder are called, in small letters."""


def sheet_of(file: PurePath, data: bytes, mapping: FeedMapping) -> Sheet:
    """The rows of *file* with these bytes."""
    if len(data) > LARGEST:
        return unreadable(f"larger than {LARGEST} bytes: split it")
    if file.suffix.lower() in WORKBOOKS:
        return xlsx_rows.sheet_of(data, mapping.sheet)

    def usable(raw: Raw) -> bool:
        return not isinstance(fact(raw, mapping), RowProblem)

    return csv_rows.sheet_of(data, usable, mapping.encoding)
