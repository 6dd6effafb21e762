"""``evidock coverage``: which incidents have their footage, and what lacks."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from datetime import UTC, date, datetime, timedelta

import msgspec

from evidence.clock import SystemClock, stamp
from evidence.wire import NumbersLack, PartShown
from evidock.commands.arguments import Commands, add_home
from evidock.coverage_acts import OP, Told
from evidock.home import Home
from evidock.resting import ask_running
from evidock.tables import table

_COLUMNS = ("event", "officer", "unit", "since", "until", "camera", "outcome", "awaited", "clips")


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("coverage", help="which incidents have their footage, or why not")
    add_home(parser)
    parser.add_argument("--since", metavar="DAY", type=date.fromisoformat, help="from this day")
    parser.add_argument("--until", metavar="DAY", type=date.fromisoformat, help="before this day")
    for name in ("unit", "officer", "event"):
        parser.add_argument(f"--{name}", default="", metavar=name.upper())
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
    how.add_argument("--csv", action="store_true", help="one line a recording, for a table")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print what lacks; 0.  TemporaryError if the home is at rest."""
    until = _midnight(chosen.until) if chosen.until else SystemClock().now()
    since = _midnight(chosen.since) if chosen.since else until - timedelta(days=7)
    asked = {"since": stamp(since), "until": stamp(until)}
    asked |= {name: str(getattr(chosen, name)) for name in ("unit", "officer", "event")}
    found = ask_running(Home(chosen.home), OP, **asked)
    if chosen.json:
        print(json.dumps(found))
        return 0
    told = msgspec.convert(found, Told)
    if chosen.csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(_COLUMNS)
        writer.writerows(map(_safe, _rows(told.parts)))
    else:
        print(_shown(told))
    return 0


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _rows(parts: list[PartShown]) -> list[tuple[object, ...]]:
    return [
        (
            *(part.event, part.officer, part.unit, part.since, part.until),
            *(each.camera, each.outcome, each.awaited, " ".join(each.clips)),
        )
        for part in parts
        for each in part.recordings
    ]


def _safe(row: tuple[object, ...]) -> list[str]:
    """Cells that no spreadsheet takes for a formula, whatever another system wrote."""
    cells = ["" if each is None else str(each) for each in row]
    return [f"'{each}" if each[:1] in {"=", "+", "-", "@", "\t", "\r"} else each for each in cells]


def _shown(told: Told) -> str:
    count = told.count
    counted = table(
        ("events", "without video", "recorded", "excused", "late", "partly", "missing", "awaited"),
        [
            (
                *(count.events, count.events_without, count.recorded, count.excused),
                *(count.late, count.partly, count.missing, count.awaited),
            )
        ],
    )
    lacking = [row for row in _rows(told.parts) if row[6] != "recorded"]
    numbers = [_number(each) for each in told.withheld.numbers]
    cameras = [
        (each.camera, each.officer, each.seen or "never", each.missed_since)
        for each in told.withheld.cameras
    ]
    waiting = [
        (each.camera, each.name, each.station, each.since, each.problem)
        for each in told.withheld.waiting
    ]
    texts = [counted, table(_COLUMNS, lacking) if lacking else "Nothing lacks."]
    for columns, rows in (
        (("camera", "first number", "last", "how many", "from", "to"), numbers),
        (("camera not docked", "officer", "last docked", "missed since"), cameras),
        (("camera", "clip not archived", "station", "listed", "problem"), waiting),
    ):
        texts += [table(columns, rows)] if rows else []
    if told.more or told.withheld.more:
        texts.append("There is more: name a shorter span.")
    return "\n".join(texts)


def _number(each: NumbersLack) -> tuple[object, ...]:
    return each.camera, each.first, each.last, each.count, each.since, each.until
