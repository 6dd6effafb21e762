"""``evidock station assign|unassign|issue|badge|assignments``: who wears which camera."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, cast

from evidence.clock import SystemClock
from evidock.commands.arguments import add_home, add_json
from evidock.home import Home
from evidock.resting import ask_if_running, ask_running
from evidock.station_operations import ASSIGN, ASSIGNMENTS, BADGE, ISSUE, UNASSIGN, as_wire
from evidock.tables import table
from station.at_rest import stored_assignments

if TYPE_CHECKING:
    from evidock.commands.arguments import Commands

COLUMNS = ("camera", "officer", "how", "since", "until", "by")


def add_to(verbs: Commands) -> None:
    """Declare the verbs."""
    assign = verbs.add_parser("assign", help="a camera is one officer's until that is ended")
    assign.set_defaults(run=_assign)
    unassign = verbs.add_parser("unassign", help="nobody wears a camera any more")
    unassign.set_defaults(run=_unassign)
    issue = verbs.add_parser("issue", help="an officer takes a camera until it is docked again")
    issue.set_defaults(run=_issue)
    for verb in (assign, unassign):
        verb.add_argument("--camera", required=True, help="number of the camera")
    issue.add_argument("--camera", help="which one; without it, the next that is ready")
    for verb in (assign, issue):
        verb.add_argument("--officer", required=True, help="number of the officer")
    badge = verbs.add_parser("badge", help="whose badge is whose")
    badge.add_argument("--number", required=True, help="as the reader types it")
    whose = badge.add_mutually_exclusive_group(required=True)
    whose.add_argument("--officer", help="number of the officer")
    whose.add_argument("--nobody", action="store_true", help="it was lost, or handed back")
    badge.set_defaults(run=_badge)
    for verb in (assign, unassign, issue, badge):
        verb.add_argument("--by", required=True, metavar="NAME", help="who says so; kept with it")
    history = verbs.add_parser("assignments", help="who wore which camera when, running or not")
    history.add_argument("--camera", help="of this camera alone")
    history.set_defaults(run=_history)
    for verb in (assign, unassign, issue, badge, history):
        add_home(verb)
    for verb in (issue, history):
        add_json(verb)


def _assign(chosen: argparse.Namespace) -> int:
    told = ask_running(
        Home(chosen.home), ASSIGN, camera=chosen.camera, officer=chosen.officer, by=chosen.by
    )
    print(f"{told['camera']} is assigned to {told['officer']} since {told['since']}")
    return 0


def _unassign(chosen: argparse.Namespace) -> int:
    told = ask_running(Home(chosen.home), UNASSIGN, camera=chosen.camera, by=chosen.by)
    print(f"{told['camera']} was {told['officer']}'s and is nobody's now")
    return 0


def _issue(chosen: argparse.Namespace) -> int:
    told = ask_running(
        Home(chosen.home), ISSUE, camera=chosen.camera, officer=chosen.officer, by=chosen.by
    )
    if chosen.json:
        print(json.dumps(told))
        return 0
    print(f"slot {told['slot']}: camera {told['camera']} is for {told['officer']}")
    out = cast("list[str]", told["still_out"])
    if out:
        print(f"not back yet: {', '.join(out)}")
    return 0


def _badge(chosen: argparse.Namespace) -> int:
    said = {"number": chosen.number, "officer": chosen.officer, "by": chosen.by}
    ask_running(Home(chosen.home), BADGE, **said)
    print("nobody's from now on" if chosen.nobody else f"{chosen.officer}'s from now on")
    return 0


def _history(chosen: argparse.Namespace) -> int:
    home = Home(chosen.home)
    told = ask_if_running(home, ASSIGNMENTS, camera=chosen.camera)
    if told is None:
        with home.locked():
            found = stored_assignments(home.station, chosen.camera, SystemClock())
        rows = [as_wire(each) for each in found]
    else:
        rows = cast("list[dict[str, str | None]]", told["assignments"])
    if chosen.json:
        print(json.dumps({"assignments": rows}))
        return 0
    print(table(COLUMNS, ([row[each] for each in COLUMNS] for row in rows)), end="")
    return 0
