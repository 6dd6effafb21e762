"""``evidock database``: how the databases of a home stand, and their tables forward or back."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from evidence.migration import Standing
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.databases import CATALOGUE, NAMES, Owner, change, stand
from evidock.home import Home


def add_to(commands: Commands) -> None:
    """Declare the command and its verbs."""
    parser = commands.add_parser("database", help="tables of a home's databases, forward or back")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    current = verbs.add_parser("current", help="say which revision the tables have")
    upgrade = verbs.add_parser("upgrade", help="bring the tables to what this product knows")
    downgrade = verbs.add_parser("downgrade", help="bring the tables of one database back")
    downgrade.add_argument("revision", help="as 0002; refused where facts would be lost")
    for verb in (current, upgrade, downgrade):
        add_home(verb)
        add_json(verb)
        verb.set_defaults(run=run, revision="head")
    downgrade.add_argument("--of", choices=NAMES, default=CATALOGUE, help="which database")
    for verb in (upgrade, downgrade):
        verb.add_argument("--owner", default="", metavar="ADDRESS", help="PostgreSQL: as whom")
        verb.add_argument("--owner-password-file", default="", metavar="FILE")
    upgrade.add_argument(
        "--for",
        dest="workers",
        action="append",
        default=[],
        metavar="ROLE",
        help="PostgreSQL: the role the archive works as; gets its rights, and no more",
    )


def run(chosen: argparse.Namespace) -> int:
    """Do it, then print how the databases stand; 0."""
    home = Home(chosen.home)
    if chosen.verb != "upgrade":
        home.existing()
    names = [chosen.of] if chosen.verb == "downgrade" else list(NAMES)
    with home.locked():
        if chosen.verb == "upgrade":
            home.prepare()  # the tables may come before everything else
        if chosen.verb != "current":
            owner = Owner(
                address=chosen.owner,
                password_file=chosen.owner_password_file,
                workers=getattr(chosen, "workers", ()),
            )
            for name in names:
                change(home, name, chosen.revision, owner)
        found = [stand(home, name) for name in names]
    if chosen.json:
        print(json.dumps([asdict(one) | {"today": one.today} for one in found]))
    else:
        print("\n".join(map(_line, found)))
    return 0


def _line(one: Standing) -> str:
    known = "" if one.today else f" (this product knows {one.head})"
    return f"{one.of}: revision {one.revision}{known}, {one.kept_by or 'not made yet'}"
