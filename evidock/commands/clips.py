"""``evidock clips``: every file a home has ever seen on a card, and where it stands."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import cast

from evidence.clock import SystemClock
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_if_running, resting
from evidock.tables import clip_table


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("clips", help="list the clips of a home, running or not")
    add_home(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the clips; 0."""
    home = Home(chosen.home)
    found = ask_if_running(home, "clips") or asyncio.run(_read(home))
    if chosen.json:
        print(json.dumps(found))
    else:
        print(clip_table(cast("list[dict[str, object]]", found["clips"])))
    return 0


async def _read(home: Home) -> dict[str, object]:
    async with resting(home, SystemClock()) as still:
        return await still.clips()
