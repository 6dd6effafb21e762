"""``evidock rebuild``: the evidence tables, made anew from vault and log."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidock.commands.arguments import Commands, add_json, folder
from evidock.home import Home
from evidock.rebuilding import Rebuilt, must_be_empty, rebuild
from evidock.telling import told_on_stderr

LACKS = 1


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "rebuild", help="make a new home's evidence tables from the vault and the log of another"
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=folder,
        required=True,
        metavar="HOME",
        help="the home whose vault and log are used; it is only read, and must not run",
    )
    parser.add_argument(
        "--into", type=folder, required=True, metavar="NEWHOME", help="a new or empty folder"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Rebuild; 0 if everything came back, 1 if something could not be had: each is named."""
    source, target = Home(chosen.source).existing(), Home(chosen.into)
    _see_apart(source, target)
    must_be_empty(target)
    with source.locked(), target.locked(), told_on_stderr("rebuild") as told:
        made = asyncio.run(rebuild(source, target, SystemClock(), told))
    _say(made, source, target, as_json=chosen.json)
    return LACKS if made.findings else 0


def _see_apart(source: Home, target: Home) -> None:
    old, new = source.folder.resolve(), target.folder.resolve()
    if old == new or old in new.parents or new in old.parents:
        raise SetupError(f"--from {old} and --into {new} lie within one another")


def _say(made: Rebuilt, source: Home, target: Home, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(made.to_wire()))
    else:
        print(f"{made.entries} entries, {made.clips} clips, from {made.log}")
        for finding in made.findings:
            print(f"not to be had: {finding}")
    print(
        f"rebuild: {target.folder} has the evidence and the log's key, but no accounts"
        " (docs/backup.md).\nrebuild: never start"
        f" {source.folder} again: two homes with one key would fork the log.",
        file=sys.stderr,
    )
