"""``evidock anchor``: roots over the whole log by other hashes than SHA-256, put into the log."""

from __future__ import annotations

import argparse
import sys

from evidock.anchoring import anchor_home
from evidock.commands.arguments import Commands, add_home
from evidock.home import Home


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "anchor", help="hash the whole log by SHA-512 and SM3, too, and put the roots on record"
    )
    add_home(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the anchor, a line of JSON, to be kept where this home cannot change it; 0."""
    print(anchor_home(Home(chosen.home)))
    print(
        "anchor: the roots are in the log. Give this line to whoever is to hold the log against it"
        " one day (docs/hash-agility.md).",
        file=sys.stderr,
    )
    return 0
