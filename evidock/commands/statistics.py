"""``evidock statistics``: figures of a home, on screen or in files, and their check by the log."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec

from evidence import durable, spreadsheet
from evidence.spreadsheet import Table
from evidence.statistics.periods import By
from evidence.statistics.suppression import DEFAULT_K, LEAST_K, Told
from evidence.statistics.verdicts import Measure
from evidence.wire import FiguresShown, RateShown, StatisticsShown
from evidock import figures
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.figures import Wanted
from evidock.home import Home
from evidock.tables import table
from player.charts import percent

DIFFERS = 1
_MOST = 50
"""Differences that people are shown; --json has all."""
_HOUR_MS = 3_600_000


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("statistics", help="figures of clips and incidents, and how sure")
    add_home(parser)
    parser.add_argument("--from", dest="first", metavar="YYYY-MM-DD", help="default: this month")
    parser.add_argument("--to", dest="last", metavar="YYYY-MM-DD", help="inclusive; default: today")
    ways = [each.value for each in By]
    parser.add_argument("--by", choices=ways, default=By.MONTH.value, help="default: month")
    parser.add_argument("--unit", metavar="CODE", help="only of this unit")
    parser.add_argument("--officer", metavar="NUMBER", help="only of this officer")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table there, too")
    parser.add_argument("--xlsx", type=Path, metavar="FILE", help="the same as an Excel workbook")
    add_json(parser)
    also = parser.add_mutually_exclusive_group()
    also.add_argument(
        "--for-others",
        action="store_true",
        help="counts that no officer can be made out by; what is too small is left out",
    )
    also.add_argument(
        "--check",
        action="store_true",
        help="make the figures anew from the signed log alone and compare; 1 if they differ",
    )
    parser.add_argument(
        "--k",
        type=int,
        metavar="N",
        help=f"for others: the fewest officers and clips to be told of, {LEAST_K} or more"
        f" (default: {DEFAULT_K})",
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print and write the figures; 0, or 1 if a check found that they differ."""
    home = Home(chosen.home).existing()
    names = ("first", "last", "by", "unit", "officer", "k")
    wanted = Wanted(**{name: getattr(chosen, name) for name in names})
    if chosen.check:
        return _check(figures.ask_check(home, wanted), as_json=chosen.json)
    if chosen.for_others:
        told = figures.ask_open(home, wanted)
        _write(chosen, spreadsheet.of_told(wanted.by, told))
        print(json.dumps(_open_json(told)) if chosen.json else _open_table(wanted.by, told))
        return 0
    found = figures.ask(home, wanted)
    _write(chosen, spreadsheet.of_figures(found))
    print(json.dumps(msgspec.to_builtins(found)) if chosen.json else _table(found))
    return 0


def _write(chosen: argparse.Namespace, cells: Table) -> None:
    """The files that were asked for; durable errors as they come."""
    for path, made in ((chosen.csv, spreadsheet.csv_of), (chosen.xlsx, spreadsheet.xlsx_of)):
        if path is not None:
            durable.replace(path, made(cells))


def _table(found: StatisticsShown) -> str:
    measures = [each.value for each in Measure]
    rows = [*((each.name or "-", each) for each in found.groups), ("all together", found.total)]
    lines = [
        table(
            (found.by, "clips", "hours", *measures),
            [
                (name, each.clips, _hours(each), *(_rate(each.rates[m]) for m in measures))
                for name, each in rows
            ],
        ).rstrip(),
    ]
    bases = found.bases
    lines.append(
        f"delays are from the end of duty for {bases['duty']} uploads, and where no roster is known"
        f" from the end of the recording, for {bases['recording']}"
    )
    if found.disposed:
        lines.append(
            f"{found.disposed} clips of these days were disposed of and count for nothing any more"
        )
    return "\n".join(lines)


def _hours(figures: FiguresShown) -> str:
    return f"{figures.duration_ms / _HOUR_MS:,.1f}"


def _rate(rate: RateShown) -> str:
    if rate.value is None:
        return "no value"
    return f"{rate.met}/{rate.whole} = {percent(rate.value)}"


def _open_json(told: Told) -> Mapping[str, object]:
    rows = [{"name": name, "counts": cells} for name, cells in told.rows]
    return {"rows": rows, "total": told.total}


def _open_table(by: str, told: Told) -> str:
    """Rows, and which of them are left out."""
    if not told.rows:
        return "nothing to count in these days"
    measures = [each.value for each in Measure]
    rows = []
    for name, cells in [*told.rows, ("all together", told.total)]:
        if cells is None:
            rows.append((name, *("left out" for _ in measures)))
            continue
        counts = [(cells[f"{m}_met"], cells[f"{m}_met"] + cells[f"{m}_unmet"]) for m in measures]
        rows.append((name, *(f"{met}/{whole}" for met, whole in counts)))
    return table((by, *measures), rows).rstrip()


def _check(found: Mapping[str, object], *, as_json: bool) -> int:
    differences = cast("Sequence[str]", found["differences"])
    unopened = cast("Sequence[str]", found["unopened"])
    if as_json:
        print(json.dumps(found))
        return DIFFERS if differences or unopened else 0
    print(f"{found['from']} to {found['to']}, made anew from {found['entries']} signed entries")
    print(_beside(found))
    for each in [*differences, *unopened][:_MOST]:
        print(each)
    if (more := len(differences) + len(unopened) - _MOST) > 0:
        print(f"and {more} more (--json lists all)")
    if found["undated"]:
        print(
            f"{found['undated']} clips have no start that the log tells: by the log they count on"
            " the day of their receipt, and are not compared"
        )
    print("hours and delays cannot be told by the log: no entry holds how long a recording is")
    if not differences and not unopened:
        apart = f", but for {found['undated']} that are not compared" if found["undated"] else ""
        print(f"log and tables agree{apart}")
        return 0
    return DIFFERS


def _beside(found: Mapping[str, object]) -> str:
    sides = [cast("Mapping[str, object]", found[side]) for side in ("log", "tables")]
    rates = [msgspec.convert(each["rates"], dict[str, RateShown]) for each in sides]
    rows: list[Sequence[object]] = [(name, *(side[name] for side in sides)) for name in _SUMS]
    rows += [(name, *(_rate(each[name]) for each in rates)) for name in rates[0]]
    return table(("figure", "by the log", "by the tables"), rows).rstrip()


_SUMS = ("clips", "bytes")
