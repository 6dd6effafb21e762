"""``evidock backup``: what neither vault nor log keeps, in one file."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import msgspec

from evidence.clock import SystemClock
from evidock.backing_up import back_up
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "backup", help="copy catalogue, accounts, settings and keys of a home into one file"
    )
    add_home(parser)
    parser.add_argument("file", type=Path, metavar="FILE", help="the new file; mode 0600")
    parser.add_argument(
        "--without-keys", action="store_true", help="leave the private keys out: they lie elsewhere"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Write the backup; 0."""
    home = Home(chosen.home).existing()
    made = back_up(home, chosen.file, SystemClock(), keys=not chosen.without_keys)
    if chosen.json:
        print(json.dumps(msgspec.to_builtins(made)))
    else:
        print(f"{chosen.file}: {len(made.parts)} files, the log had {made.size} entries")
    keys = "HOLDS THE HOME'S PRIVATE KEYS, NOT ENCRYPTED" if made.keys else "holds no private keys"
    print(f"backup: {chosen.file} {keys}.", file=sys.stderr)
    for place in made.elsewhere:
        print(f"backup: not in it, since it lies outside the home: {place}", file=sys.stderr)
    return 0
