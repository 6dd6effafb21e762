"""``evidock station stage``, ``staged`` and ``order``: signed settings and firmware for cameras.

One rule: nothing here touches a camera; docs/usb.md tells when one is written to.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import cast

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidock.commands.arguments import Commands, add_home, add_json, folder
from evidock.home import Home
from evidock.resting import ask_if_running
from evidock.supply_operations import ORDER, STAGE, STAGED, do
from evidock.tables import table
from station.approval import approvals
from station.change import What, wordless
from station.signed import Kind
from station.supplies import supplies_in


def add_to(verbs: Commands) -> None:
    """Declare the three below ``evidock station``."""
    stage = verbs.add_parser("stage", help="keep signed settings or firmware for cameras")
    stage.add_argument("kind", choices=[Kind.CONFIG.value, Kind.FIRMWARE.value])
    stage.add_argument("file", type=folder, metavar="FILE")
    stage.add_argument("--sig", required=True, type=folder, metavar="FILE.sig")
    stage.add_argument("--profile", required=True, help="whose cameras take it, by profile id")
    stage.set_defaults(run=_stage)
    staged = verbs.add_parser("staged", help="what is kept for cameras, and who is to get what")
    staged.set_defaults(run=_staged)
    order = verbs.add_parser("order", help="let one camera get what is staged, once")
    order.add_argument("supply", nargs="?", metavar="ID", help="as `station staged` lists it")
    order.add_argument("--camera", required=True, metavar="NUMBER", help="as it tells it itself")
    order.add_argument("--withdraw", action="store_true", help="let it get nothing")
    order.set_defaults(run=_order)
    for verb in (stage, staged, order):
        add_home(verb)
        add_json(verb)


def _stage(chosen: argparse.Namespace) -> int:
    """Keep it; 0."""
    told = _asked(
        chosen,
        STAGE,
        file=str(chosen.file.absolute()),
        note=str(chosen.sig.absolute()),
        kind=chosen.kind,
        profile=chosen.profile,
    )
    print(json.dumps(told) if chosen.json else told["id"])
    if why := _never_written(chosen):
        print(f"evidock: it is kept, and no camera will get it: {why}", file=sys.stderr)
    return 0


def _never_written(chosen: argparse.Namespace) -> str:
    """Why no camera could get what was staged, as far as the profiles of the home tell."""
    used = approvals(Home(chosen.home).settings().station).profiles
    for profile in used:
        if profile.id == chosen.profile:
            return wordless(What(chosen.kind), profile)
    return f"this station uses no profile {chosen.profile!r}"


def _staged(chosen: argparse.Namespace) -> int:
    """List them; 0."""
    told = _asked(chosen, STAGED)
    if chosen.json:
        print(json.dumps(told))
        return 0
    kept = cast("list[dict[str, object]]", told["staged"])
    orders = cast("list[dict[str, object]]", told["orders"])
    columns = ("id", "what", "name", "profile", "from", "to", "bytes", "signed_by", "problem")
    rows = [[_text(each.get(column)) for column in columns] for each in kept]
    print(table([column.replace("_", " ") for column in columns], rows))
    wanted = ("camera", "supply", "ordered")
    print(table(list(wanted), [[_text(each[column]) for column in wanted] for each in orders]))
    return 0


def _order(chosen: argparse.Namespace) -> int:
    """Order it, or withdraw what was ordered; 0."""
    if (chosen.supply is None) != chosen.withdraw:
        raise SetupError("`station order` needs an ID, or --withdraw, and not both")
    told = _asked(chosen, ORDER, camera=chosen.camera, supply=chosen.supply)
    if chosen.json:
        print(json.dumps(told))
    elif chosen.withdraw:
        print("withdrawn" if told["withdrawn"] else "nothing was ordered for it")
    else:
        print(f"camera {told['camera']} is to get {told['supply']} when it is docked next")
    return 0


def _asked(chosen: argparse.Namespace, op: str, **arguments: object) -> dict[str, object]:
    """What the running home answers to *op*; if it rests, what comes of doing it here."""
    home = Home(chosen.home).existing()
    told = ask_if_running(home, op, **arguments)
    if told is not None:
        return told
    supplies = supplies_in(home.station, home.settings().station)
    with home.locked():
        return do(op, supplies, SystemClock(), arguments)


def _text(value: object) -> str:
    return "" if value is None else str(value)
