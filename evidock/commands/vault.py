"""``evidock vault credentials``: the embedded store's root identity, for the owner of the home."""

from __future__ import annotations

import argparse
import asyncio
import json

from evidence.clock import SystemClock
from evidence.vault.embedded import Engine
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.credentials import root_credentials
from evidock.home import Home
from evidock.resting import ask_if_running, resting
from evidock.running import record_credentials_read


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("vault", help="about the object store of a home")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    credentials = verbs.add_parser(
        "credentials", help="show the embedded store's root identity (a logged act)"
    )
    add_home(credentials)
    add_json(credentials)
    credentials.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the credentials after the act is on record; 0."""
    home = Home(chosen.home)
    shown = ask_if_running(home, "vault-credentials") or asyncio.run(_read(home))
    if chosen.json:
        print(json.dumps(shown))
    else:
        for name, value in shown.items():
            print(f"{name}: {value}")
    return 0


async def _read(home: Home) -> dict[str, object]:
    """At rest the store does not answer; its identity and last address are shown all the same."""
    clock = SystemClock()
    async with resting(home, clock) as still:
        settings = home.settings()
        engine = Engine(home.vault, agency=settings.agency.name, clock=clock)
        await record_credentials_read(still.archive)
        return root_credentials(engine)
