"""``evidock vault``: what the owner of a home may do about its object store; both are logged acts.

``credentials`` shows the embedded store's root identity; ``accept`` says that somebody has looked
at a store that failed its canary.
"""

from __future__ import annotations

import argparse
import asyncio
import json

import msgspec

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.credentials import root_credentials
from evidock.home import Home
from evidock.resting import ask_if_running, resting
from evidock.running import record_credentials_read
from evidock.vaults import embedded


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
    accept = verbs.add_parser(
        "accept", help="after a failed canary: prove the store anew, and take in if it passes"
    )
    add_home(accept)
    add_json(accept)
    accept.set_defaults(run=accepted)


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


def accepted(chosen: argparse.Namespace) -> int:
    """Print what is still wrong after the store was proven anew; 0, or 1 if something is.

    SetupError if the home does not run: only a running one can prove its store.
    """
    shown = ask_if_running(Home(chosen.home), "vault-accept")
    if shown is None:
        raise SetupError(
            f"{chosen.home} is not running", advice="Start it (evidock up), then accept its vault."
        )
    problems = msgspec.convert(shown["problems"], list[str])
    print(json.dumps(shown) if chosen.json else "\n".join(problems) or "nothing is wrong now")
    return 1 if problems else 0


async def _read(home: Home) -> dict[str, object]:
    """At rest the store does not answer; its identity and last address are shown all the same."""
    clock = SystemClock()
    async with resting(home, clock) as still:
        settings = home.settings()
        engine = embedded(home, settings, clock)
        await record_credentials_read(still.archive)
        return root_credentials(engine)
