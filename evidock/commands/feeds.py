"""``evidock feeds``: how the feeds of a home are, what they left out, and who may push them."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

import msgspec

from evidence.clock import SystemClock
from evidence.errors import SetupError
from evidence.wire import FeedPage, GapShown
from evidock import control
from evidock.commands.arguments import Commands, add_home, add_json, folder
from evidock.feed_operations import GAPS, KEY, KEYS, REPORT, REVOKE, STATUS, do
from evidock.home import Home
from evidock.resting import ask_if_running, resting
from evidock.tables import table

_MOST = 50
"""Problems that people are shown; --json and ``problems`` have more."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("feeds", help="what other systems tell: incidents, cases, duties")
    parser.add_argument("--home", type=folder, metavar="DIR", help="folder of this installation")
    add_json(parser)
    parser.set_defaults(run=status)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    missing = verbs.add_parser("gaps", help="list event numbers that no feed told")
    missing.set_defaults(run=gaps)
    problems = verbs.add_parser("problems", help="print rows that could not be used, as CSV")
    problems.add_argument("--feed", metavar="NAME", help="of this feed only")
    problems.set_defaults(run=report)
    key = verbs.add_parser("key", help="make the key with which a feed is pushed, and print it")
    revoke = verbs.add_parser("revoke", help="have the key of a feed count no more")
    for verb, run in ((key, make_key), (revoke, revoke_key)):
        verb.add_argument("name", metavar="NAME", help="of the feed, as the settings have it")
        verb.set_defaults(run=run)
    keys = verbs.add_parser("keys", help="list the keys there ever were")
    keys.set_defaults(run=list_keys)
    for verb in (missing, problems, key, revoke, keys):
        add_home(verb)
        if verb is not problems:
            add_json(verb)


def status(chosen: argparse.Namespace) -> int:
    """Print how each feed is; 0."""
    if chosen.home is None:
        raise SetupError("say which home", advice="evidock feeds --home DIR")
    found = _asked(chosen, STATUS)
    print(json.dumps(found) if chosen.json else _shown(msgspec.convert(found, FeedPage)))
    return 0


def gaps(chosen: argparse.Namespace) -> int:
    """Print the numbers that are missing; 0."""
    found = _asked(chosen, GAPS)
    if chosen.json:
        print(json.dumps(found))
        return 0
    print(_gaps(msgspec.convert(found["gaps"], list[GapShown])))
    return 0


def report(chosen: argparse.Namespace) -> int:
    """Print the rows that could not be used; 0."""
    sys.stdout.write(str(_asked(chosen, REPORT, feed=chosen.feed)["csv"]))
    return 0


def make_key(chosen: argparse.Namespace) -> int:
    """Make a key and print it, once; 0."""
    return _print(chosen, _asked(chosen, KEY, name=chosen.name))


def revoke_key(chosen: argparse.Namespace) -> int:
    """Revoke a key; 0."""
    return _print(chosen, _asked(chosen, REVOKE, name=chosen.name))


def list_keys(chosen: argparse.Namespace) -> int:
    """Print the keys there ever were, without what they are; 0."""
    found = _asked(chosen, KEYS)
    if chosen.json:
        print(json.dumps(found))
        return 0
    keys = msgspec.convert(found["keys"], list[dict[str, object]])
    rows = [(e["name"], e["kind"], "revoked" if e["revoked"] else "counts", e["id"]) for e in keys]
    print(table(("feed", "kind", "state", "id"), rows))
    return 0


def _print(chosen: argparse.Namespace, found: control.Answer) -> int:
    told = json.dumps(found) if chosen.json else "\n".join(f"{k}: {v}" for k, v in found.items())
    print(told)
    return 0


def _asked(chosen: argparse.Namespace, op: str, **arguments: object) -> control.Answer:
    home = Home(chosen.home)
    answer = ask_if_running(home, op, **arguments)
    return answer if answer is not None else asyncio.run(_at_rest(home, op, arguments))


async def _at_rest(home: Home, op: str, arguments: dict[str, object]) -> control.Answer:
    async with resting(home, SystemClock()) as still:
        return await do(op, still.archive.catalogue, home.settings(), arguments)


def _shown(page: FeedPage) -> str:
    feeds = table(
        ("feed", "kind", "how", "last heard", "used", "not used", "open", "problem"),
        [
            (
                *(each.name, each.kind, each.how, each.heard or "never"),
                *(each.used, each.unused, each.open_problems, each.problem),
            )
            for each in page.feeds
        ],
    )
    parts = [feeds if page.feeds else "no feed is set up: [[feeds]] in the settings\n"]
    if page.problems:
        rows = [(e.source, e.row, e.field, e.reason) for e in page.problems[:_MOST]]
        parts.append(table(("source", "row", "column", "not used, since"), rows))
    if page.gaps:
        parts.append(_gaps(page.gaps[:_MOST]))
    return "\n".join(parts)


def _gaps(found: list[GapShown]) -> str:
    if not found:
        return "no event number is missing"
    rows = [(each.first, each.last, each.missing) for each in found]
    return table(("missing from", "to", "numbers"), rows)
