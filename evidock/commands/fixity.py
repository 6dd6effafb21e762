"""``evidock fixity``: how far the rounds are that read everything back, and what that proves."""

from __future__ import annotations

import argparse
import json

import msgspec

from evidock.commands.arguments import Commands, add_home, add_json
from evidock.fixity_operations import ask_home
from evidock.home import Home

WRONG = 1


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "fixity", help="how far everything was read back, and how far the second vault is"
    )
    add_home(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print how far it is; 0, or 1 if somebody should look."""
    told = dict(ask_home(Home(chosen.home).existing()))
    words = msgspec.convert(told.pop("words"), list[str])
    problems = msgspec.convert(told["problems"], list[str])
    print(json.dumps(told) if chosen.json else "\n".join([*words, *problems]))
    are_wrong = any(
        each["are_wrong"] for each in msgspec.convert(told["rounds"], list[dict[str, object]])
    )
    return WRONG if problems or are_wrong else 0
