"""``evidock up``: run a home until it is told to stop."""

from __future__ import annotations

import argparse
import json
import os
import sys

import uvloop

from evidence import durable
from evidence.clock import SystemClock
from evidock.cards import Cards
from evidock.commands.arguments import Commands, add_cards, add_home, dock_root
from evidock.home import Home, Login
from evidock.notify import Supervisor
from evidock.running import running
from evidock.stopping import either, stop_signal


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("up", help="run vault, archive, station and player of a home")
    add_home(parser)
    add_cards(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; 0 after a clean stop, at any moment.

    The first line of stdout is JSON: ``ready``, ``player``, ``archive``, ``board``, ``login`` in
    demo homes, and ``simulated`` in those of simulated cameras.
    """
    return uvloop.run(_serve(chosen))


async def _serve(chosen: argparse.Namespace) -> int:
    home = Home(chosen.home)
    root = dock_root(chosen.cards, home.folder) if chosen.cards else home.docks
    erase = chosen.erase or home.settings().station.erase_cards
    cards = Cards(root=root, may_erase=lambda _folder: erase)
    with home.locked():
        home.prepare()
        durable.make_folder(home.docks)
        login = home.demo_login(make=False)
        async with stop_signal() as stopped:
            await either(stopped, _run(home, cards, login))
    return 0


async def _run(home: Home, cards: Cards, login: Login | None) -> None:
    """Serve until cancelled.  Raises what ended a part, such as a refused enrolment."""
    supervisor, clock = Supervisor.of(os.environ), SystemClock()
    async with running(home, cards, clock) as whole:
        ready: dict[str, object] = {
            "ready": True,
            "player": whole.player_url,
            "archive": whole.archive_url,
            "board": whole.board_url,
            "pid": os.getpid(),
        }
        if home.is_simulated:
            ready["simulated"] = True
        if login:
            ready["login"] = {"name": login.name, "password": login.password}
        print(json.dumps(ready), flush=True)
        parts = {"the archive": whole.archive.answers, "the journal": whole.station.answers}
        try:
            async with supervisor.told(parts, clock):
                await whole.wait_ended()
        finally:
            print("stopping", file=sys.stderr)
