"""``evidock rebuild``: the evidence tables, made anew from vault and log, or from a package."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.verification.case import Brought
from evidock.brought import if_named, must_be_outside
from evidock.commands.arguments import Commands, add_json, folder
from evidock.home import Home
from evidock.keys_brought import KeysBrought
from evidock.rebuilding import Rebuilt, must_be_empty, rebuild
from evidock.taking_over import Terms, is_package, take_over
from evidock.telling import told_on_stderr

LACKS = 1
_OF_PACKAGES = (
    "policy",
    "tsa_ca",
    "log_key",
    "census_key",
    "settings",
    "succession",
    "unverified",
    "accept_losses",
)
"""What is said of a package only."""
_FROM_HOME = """\
rebuild: {new} has the evidence and the log's key, but no accounts (docs/backup.md).
rebuild: never start {old} again: two homes with one key would fork the log."""
_FROM_PACKAGE = """\
rebuild: {new} has the evidence and the log's key, but no accounts (docs/backup.md).
rebuild: nothing is signed yet: evidock up hears the witnesses first, then signs.
rebuild: the home that the package came from must never start again, and must have done nothing
rebuild: after the {size} entries of it: two homes with one key would fork the log."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "rebuild",
        help="make a new home from the vault and the log of another, or from a whole package",
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=folder,
        required=True,
        metavar="HOME|PACKAGE",
        help="the home whose vault and log are used, which is only read and must not run;"
        " or a package of evidock export --all, folder or zip",
    )
    parser.add_argument(
        "--into", type=folder, required=True, metavar="NEWHOME", help="a new or empty folder"
    )
    _add_package(parser)
    add_json(parser)
    parser.set_defaults(run=run, parser=parser)


def _add_package(parser: argparse.ArgumentParser) -> None:
    """What is said of a package only."""
    package = parser.add_argument_group("from a package")
    for option, text in (
        ("--policy", "the keys that are trusted (C2SP tlog-policy)"),
        ("--tsa-ca", "certificates of time stamps (PEM)"),
        ("--log-key", "the private key that signs the log"),
        ("--census-key", "the private key of the log's censuses"),
        ("--settings", "settings of the new home (default: the agency's name and origin only)"),
    ):
        package.add_argument(option, type=Path, metavar="FILE", help=text)
    package.add_argument(
        "--succession",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="public/log-succession.N of the old home; once for each, the first one first",
    )
    package.add_argument(
        "--unverified", action="store_true", help="take it though nobody's keys are trusted"
    )
    package.add_argument(
        "--accept-losses",
        action="store_true",
        help="take it though the vault had some of it no more when it was made; each is named",
    )


def run(chosen: argparse.Namespace) -> int:
    """Rebuild; 0 if everything came back, 1 if something could not be had: each is named."""
    target = Home(chosen.into)
    if is_package(chosen.source):
        return _from_package(chosen, target)
    for name in _OF_PACKAGES:
        if getattr(chosen, name) not in (None, [], False):
            chosen.parser.error(
                f"{chosen.source} is no package: --{name.replace('_', '-')} is not for homes"
            )
    source = Home(chosen.source).existing()
    _see_apart(source, target)
    must_be_empty(target)
    with source.locked(), target.locked(), told_on_stderr("rebuild") as told:
        made = asyncio.run(rebuild(source, target, SystemClock(), told))
    _say(made, as_json=chosen.json)
    print(_FROM_HOME.format(new=target.folder, old=source.folder), file=sys.stderr)
    return LACKS if made.findings else 0


def _from_package(chosen: argparse.Namespace, target: Home) -> int:
    keys = (chosen.log_key, chosen.census_key, *chosen.succession)
    must_be_outside(chosen.source, chosen.policy, chosen.tsa_ca, chosen.settings, *keys)
    _see_apart(Home(chosen.source), target)
    must_be_empty(target)
    clock = SystemClock()
    terms = Terms(
        brought=Brought(
            policy=if_named(chosen.policy), tsa_ca=if_named(chosen.tsa_ca), now=clock.now()
        ),
        unverified=chosen.unverified,
        accept_losses=chosen.accept_losses,
        keys=KeysBrought(
            log=chosen.log_key,
            census=chosen.census_key,
            successions=tuple(chosen.succession),
        ),
        settings=chosen.settings,
    )
    with target.locked(), told_on_stderr("rebuild") as told:
        made = asyncio.run(take_over(chosen.source, target, terms, clock, told))
    _say(made, as_json=chosen.json)
    print(_FROM_PACKAGE.format(new=target.folder, size=made.entries), file=sys.stderr)
    return LACKS if made.findings else 0


def _see_apart(source: Home, target: Home) -> None:
    old, new = source.folder.resolve(), target.folder.resolve()
    if old == new or old in new.parents or new in old.parents:
        raise SetupError(f"--from {old} and --into {new} lie within one another")


def _say(made: Rebuilt, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(made.to_wire()))
        return
    print(f"{made.entries} entries, {made.clips} clips, from {made.log}")
    for finding in made.findings:
        print(f"not to be had: {finding}")
