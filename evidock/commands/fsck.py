"""``evidock fsck``: whether catalogue, vault and log of a home agree, down to the last bit."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence

from evidence.errors import HomeBusy
from evidock.checking import Told, check_resting, check_running
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.telling import told_on_stderr

DIFFERS = 1


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("fsck", help="compare catalogue, vault and log; change nothing")
    add_home(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print every difference; 0 only if there is none, 1 if there is any."""
    home = Home(chosen.home).existing()
    with told_on_stderr("fsck") as told:
        found = _check(home, told)
    if chosen.json:
        print(json.dumps({"findings": list(found)}))
    else:
        print("\n".join(_lines(found)) or "catalogue, vault and log agree")
    return DIFFERS if found else 0


def _check(home: Home, told: Told) -> Sequence[Mapping[str, object]]:
    try:
        with home.locked():
            return asyncio.run(check_resting(home, told))
    except HomeBusy:
        return check_running(home, told)


def _lines(found: Sequence[Mapping[str, object]]) -> Iterator[str]:
    for each in found:
        yield f"{each['component']} {each['subject']}: {each['problem']} (step {each['step']})"
