"""``evidock coverage``: which incidents have their footage, and what lacks."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec

from evidence.clock import SystemClock, stamp
from evidence.errors import SetupError
from evidence.wire import NumbersLack, PartShown, StayPage
from evidock.commands.arguments import Commands, add_home
from evidock.coverage_acts import OP, ROOMS, Told
from evidock.home import Home
from evidock.resting import ask_running
from evidock.tables import table

ROOMS_TOO = "rooms"
_OF_INCIDENTS = ("unit", "officer", "event")
_COLUMNS = ("event", "officer", "unit", "since", "until", "camera", "outcome", "awaited", "clips")


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("coverage", help="which incidents have their footage, or why not")
    parser.add_argument(
        "what",
        nargs="?",
        choices=("incidents", ROOMS_TOO),
        default="incidents",
        help="rooms: whether rooms were recorded while somebody was in them",
    )
    add_home(parser)
    parser.add_argument("--since", metavar="DAY", type=date.fromisoformat, help="from this day")
    parser.add_argument("--until", metavar="DAY", type=date.fromisoformat, help="before this day")
    for name in (*_OF_INCIDENTS, "room"):
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
    _see_fits(chosen)
    if chosen.what == ROOMS_TOO:
        return _rooms(chosen, asked | {"room": str(chosen.room)})
    asked |= {name: str(getattr(chosen, name)) for name in _OF_INCIDENTS}
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


def _see_fits(chosen: argparse.Namespace) -> None:
    """SetupError for an option that is not of what was asked."""
    rooms = chosen.what == ROOMS_TOO
    given = [name for name in (*_OF_INCIDENTS, "room") if getattr(chosen, name)]
    wrong = [name for name in given if (name == "room") is not rooms]
    if wrong or (rooms and chosen.csv):
        option = wrong[0] if wrong else "csv"
        raise SetupError(f"--{option} is not of {chosen.what}")


def _rooms(chosen: argparse.Namespace, asked: Mapping[str, str]) -> int:
    """Print which stays were recorded; whom they are about is not told here."""
    found = ask_running(Home(chosen.home), ROOMS, **asked)
    if chosen.json:
        print(json.dumps(found))
        return 0
    told = msgspec.convert(found, StayPage)
    rows = [
        (
            *(stay.session, span.room, span.since, span.until or "still there"),
            *(span.outcome, "yes" if span.awaited else "no", len(span.clips)),
            " ".join(f"{gap.since}/{gap.until}" for gap in span.gaps if not gap.outages),
        )
        for stay in told.stays
        for span in stay.spans
    ]
    columns = ("stay", "room", "enters", "leaves", "outcome", "awaited", "files", "gaps")
    print(table(columns, rows) if rows else "No stay was told of in that time.")
    untold = [(stay.session, gap.since, gap.until) for stay in told.stays for gap in stay.untold]
    if untold:
        print(table(("stay", "in no room from", "to"), untold))
    if told.next is not None:
        print("There is more: name a shorter span.")
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
