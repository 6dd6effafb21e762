"""``evidock station dockings``: each docking, and the record of what stood on its card."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from evidence.clock import SystemClock
from evidock.commands.arguments import add_home, add_json
from evidock.home import Home
from evidock.resting import ask_if_running
from evidock.station_operations import DOCKINGS
from evidock.tables import table
from station.at_rest import stored_dockings
from station.journal.records import DockingRecord

if TYPE_CHECKING:
    from evidock.commands.arguments import Commands

COLUMNS = (
    "docked",
    "left",
    "slot",
    "camera",
    "files",
    "archived",
    "erased",
    "lacking",
    "gaps",
    "clock, s",
    "battery",
    "firmware",
)


def add_to(verbs: Commands) -> None:
    """Declare the verb."""
    verb = verbs.add_parser("dockings", help="the record of each docking, running or not")
    verb.add_argument("--camera", help="of this camera alone")
    verb.set_defaults(run=_run)
    add_home(verb)
    add_json(verb)


def _run(chosen: argparse.Namespace) -> int:
    home = Home(chosen.home).existing()
    told = ask_if_running(home, DOCKINGS, camera=chosen.camera)
    if told is None:
        with home.locked():
            found = stored_dockings(home.station, chosen.camera, SystemClock())
    else:
        found = msgspec.convert(told["dockings"], list[DockingRecord])
    if chosen.json:
        print(json.dumps({"dockings": msgspec.to_builtins(found)}))
        return 0
    print(table(COLUMNS, (_row(each) for each in found)), end="")
    return 0


def _row(each: DockingRecord) -> Sequence[str]:
    end, begin = each.end or {}, each.begin or {}
    offset = end.get("clock_offset_ms")
    left = "" if each.undocked is None else each.undocked
    if end.get("how") == "unseen":
        left += " (not seen)"
    return (
        each.docked,
        left,
        each.slot,
        each.camera or "",
        f"{begin.get('files', '?')} > {end.get('files', '?')}",
        *(str(end.get(name, "")) for name in ("archived", "erased", "lacking", "gaps")),
        f"{offset / 1000:+.1f}" if isinstance(offset, int) else "",
        f"{end['battery']}%" if "battery" in end else "",
        each.end_words.get("firmware", ""),
    )
