"""``evidock axis``: what an Axis body worn system must be told to push footage here.

``connection`` prints the connection file; it holds the key that lets a controller push.
"""

from __future__ import annotations

import argparse
import sys

from evidence.errors import SetupError
from evidock.commands.arguments import Commands, add_home
from evidock.home import Home
from station.axis.connection import connection_file
from station.axis.credentials import credentials_in


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("axis", help="about the door for Axis body worn systems")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    connection = verbs.add_parser(
        "connection", help="print the connection file (JSON, holds a secret) for a controller"
    )
    add_home(connection)
    connection.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the connection file; 0.  SetupError if the door is closed or cannot be reached."""
    home = Home(chosen.home).existing()
    settings = home.settings()
    if not settings.axis.enabled:
        raise SetupError(
            f"the door for Axis systems is closed in {home.folder}",
            advice=f"Set [axis] enabled = true in {home.settings_file} (docs/axis.md).",
        )
    told = connection_file(
        settings.axis, site=settings.station.name, credentials=credentials_in(home.station)
    )
    sys.stdout.write(told.decode("ascii"))
    return 0
