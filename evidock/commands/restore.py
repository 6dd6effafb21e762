"""``evidock restore``: a home made from a backup; it may not sign before it caught up."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import msgspec

from archive.restoring import mark_restored
from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidock.backup_file import Contents
from evidock.commands.arguments import Commands, add_json, folder
from evidock.home import Home
from evidock.restoring import BEFORE, MAY_BE_THERE, must_take_a_backup, restore


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("restore", help="make a home from a backup")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="the backup")
    parser.add_argument(
        "--into",
        type=folder,
        required=True,
        metavar="HOME",
        help="a new folder, or one that holds nothing but the embedded vault's",
    )
    parser.add_argument(
        "--same-station",
        action="store_true",
        help="let the station go on as the one it was; only if it did nothing since the backup",
    )
    parser.add_argument(
        "--database-restored",
        action="store_true",
        help="no FILE: the home's PostgreSQL was restored by other means, and has to catch up",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Restore, or mark what was restored otherwise; 0."""
    home = Home(chosen.into)
    if chosen.database_restored == (chosen.file is not None):
        raise SetupError("name either a backup FILE or --database-restored")
    if chosen.database_restored:
        with home.existing().locked():
            mark_restored(home.archive, SystemClock())
        print("restore: the home signs nothing before it caught up", file=sys.stderr)
        return 0
    must_take_a_backup(home)
    with home.locked(MAY_BE_THERE):
        made = restore(home, chosen.file, SystemClock(), same_station=chosen.same_station)
    _say(made, home, chosen)
    return 0


def _say(made: Contents, home: Home, chosen: argparse.Namespace) -> None:
    if chosen.json:
        print(json.dumps(msgspec.to_builtins(made)))
    else:
        print(f"{home.folder}: restored from {made.made}, the log had {made.size} entries")
    said = [
        f"it signs nothing before it caught up: start it with evidock up --home {home.folder}",
        "stop the home it was made of for good: two homes with one key would fork the log",
    ]
    if not made.keys:
        said.append(f"put the log's key back before: {home.archive / 'log.key'} (chmod 600)")
    if not chosen.same_station and any(name.startswith("station/") for name in made.parts):
        said.append(f"the station enrols anew; what it was lies in {home.folder / BEFORE}")
    if not home.vault.is_dir() and home.settings().vault.kind == "embedded":
        said.append(f"put the embedded vault's folder back: {home.vault}")
    said += [f"put back what lies outside the home: {place}" for place in made.elsewhere]
    for line in said:
        print(f"restore: {line}", file=sys.stderr)
