"""Feed files as tests write them, and how they are read."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from zoneinfo import ZoneInfo

import openpyxl

from archive.feeds import facts
from archive.feeds.contract import Reading
from archive.feeds.fields import FIELDS
from archive.feeds.mapping import FeedMapping
from archive.feeds.moments import Times
from archive.feeds.reading import sheet_of
from evidence.feed_settings import FeedKind

HEADER = (
    "Event ID,Officer Badge ID,Officer Dispatched DateTime,Officer Cleared DateTime,Call type,"
    "Case ID,Beat\n"
)
GOOD = "E-1,4711,2026-11-23T07:00:00Z,2026-11-23T08:00:00+00:00,Theft,C-9,12\n"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def mapping(kind: FeedKind = FeedKind.INCIDENTS, **more: object) -> FeedMapping:
    """Our own column names, and whatever else is said."""
    names = {name: each.columns for name, each in FIELDS[kind].items()}
    held: dict[str, object] = {"columns": names, "times": Times(), **more}
    return FeedMapping(kind=kind, **held)  # type: ignore[arg-type]


def read(data: bytes, how: FeedMapping | None = None, name: str = "a.csv") -> Reading:
    """What the file called *name* says."""
    how = how or mapping()
    return facts.read(sheet_of(PurePath(name), data, how), how)


def told(reading: Reading) -> list[object]:
    """The facts alone."""
    return [each for _, each in reading.facts]


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def row(**more: object) -> Mapping[str, object]:
    """A row of an incident, as JSON tells it."""
    return {
        "number": "E-1",
        "officer": "4711",
        "dispatched": "2026-11-23T07:00:00Z",
        "cleared": "2026-11-23T08:00:00Z",
        **more,
    }
