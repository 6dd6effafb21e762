"""``evidock person add``: give somebody an account."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import secrets
import sys

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.rights import Role
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_if_running, resting

_SHORTEST_PASSWORD = 12


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("person", help="accounts of the people who use a home")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="make an account")
    add_home(add)
    add.add_argument("name", help="the name they sign in with")
    add.add_argument("--role", required=True, choices=[role.value for role in Role])
    add.add_argument("--officer", metavar="NUMBER", help="officer number, for people with a camera")
    add.add_argument(
        "--generate", action="store_true", help="make a password and print it, instead of asking"
    )
    add_json(add)
    add.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Make the account; 0."""
    password = secrets.token_urlsafe(15) if chosen.generate else _asked_password()
    home = Home(chosen.home)
    asked = {"name": chosen.name, "role": chosen.role, "officer": chosen.officer}
    if ask_if_running(home, "person-add", password=password, **asked) is None:
        asyncio.run(_add(home, chosen, password))
    shown = {"name": chosen.name, "role": chosen.role}
    if chosen.generate:
        shown["password"] = password
    print(json.dumps(shown) if chosen.json else "\n".join(f"{k}: {v}" for k, v in shown.items()))
    return 0


async def _add(home: Home, chosen: argparse.Namespace, password: str) -> None:
    async with resting(home, SystemClock()) as still:
        await still.archive.create_person(chosen.name, password, Role(chosen.role), chosen.officer)


def _asked_password() -> str:
    if not sys.stdin.isatty():
        raise SetupError("there is no terminal to ask for a password on", advice="Use --generate.")
    password = getpass.getpass("Password: ")
    if len(password) < _SHORTEST_PASSWORD:
        raise SetupError(f"a password has at least {_SHORTEST_PASSWORD} characters")
    if getpass.getpass("Again: ") != password:
        raise SetupError("the two passwords differ")
    return password
