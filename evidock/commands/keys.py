"""``evidock keys``: the keys of a home, and the log's key followed by another one."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable

from evidence.clock import Clock, SystemClock
from evidence.vault import Vault
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.key_rotation import listed, retired, rotated
from evidock.vaults import open_vault


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("keys", help="the keys of a home; the log's followed by another")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, words, run in (
        ("list", "which there are, and what others pin of them", show),
        ("rotate", "let another key sign the log, the present one beside it for a time", rotate),
        ("retire", "let the key before the present one sign no more", retire),
    ):
        verb = verbs.add_parser(name, help=words)
        add_home(verb)
        add_json(verb)
        verb.set_defaults(run=run)


def show(chosen: argparse.Namespace) -> int:
    """Print every private key of the home's own by its public half; 0."""
    found = listed(Home(chosen.home).existing())
    if chosen.json:
        print(json.dumps({"keys": found}))
    else:
        print("\n".join(f"{each['what']}\t{each['public']}\t{each['file']}" for each in found))
    return 0


def rotate(chosen: argparse.Namespace) -> int:
    """Let another key sign, of a home at rest; 0."""
    home = Home(chosen.home).existing()
    made = _with_vault(home, rotated)
    print(json.dumps(made) if chosen.json else f"{made['new']}\nfollows\n{made['old']}")
    print(
        "keys: both sign from now on. Hand the statement in public/ to whoever pinned the old key;"
        " stations follow at their next start. When all have: evidock keys retire.",
        file=sys.stderr,
    )
    return 0


def _with_vault(
    home: Home, change: Callable[[Home, Vault, Clock], Awaitable[dict[str, str]]]
) -> dict[str, str]:
    """Which keys *change* changed, of a home at rest whose vault is there to be asked."""
    clock = SystemClock()

    async def changed() -> dict[str, str]:
        async with open_vault(home, home.settings(), clock, proven=False) as opened:
            return await change(home, opened.vault, clock)

    with home.locked():
        return asyncio.run(changed())


def retire(chosen: argparse.Namespace) -> int:
    """End the time of both keys, of a home at rest; 0."""
    home = Home(chosen.home).existing()
    made = _with_vault(home, retired)
    print(json.dumps(made) if chosen.json else f"{made['old']} signs no more")
    return 0
