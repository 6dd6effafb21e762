"""``evidock retention``: what other rules would make of the clips of a home, before they do."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import cast

from evidence.law import shelf
from evidock import retention_preview
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.tables import table

_MOST = 50
"""Clips of a kind that people are shown; --json has all."""
_Shown = Mapping[str, Mapping[str, str | None]]


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("retention", help="how long footage is kept, and by what rules")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    ahead = verbs.add_parser(
        "preview", help="which clips other rules would keep for longer or less; changes nothing"
    )
    add_home(ahead)
    ahead.add_argument("--law", metavar="PACK", help="a law pack's name, or a file")
    ahead.add_argument(
        "--rules", action="append", default=[], metavar="FILE", help="a rule set of the agency"
    )
    add_json(ahead)
    ahead.set_defaults(run=preview)
    packs = verbs.add_parser("packs", help="list the law packs that come with the product")
    add_json(packs)
    packs.set_defaults(run=list_packs)


def preview(chosen: argparse.Namespace) -> int:
    """Print what would change; 0."""
    found = retention_preview.ask(Home(chosen.home).existing(), chosen.law, chosen.rules)
    print(json.dumps(found) if chosen.json else _told(found))
    return 0


def list_packs(chosen: argparse.Namespace) -> int:
    """Print the packs; 0."""
    packs = [shelf.pack(name) for name in shelf.shipped()]
    if chosen.json:
        print(json.dumps([_of_pack(pack.reference, pack.title, pack.citation) for pack in packs]))
        return 0
    rows = [(each.reference, each.title, each.floor, each.citation) for each in packs]
    print(table(("pack", "title", "floor", "citation"), rows))
    return 0


def _of_pack(reference: str, title: str, citation: str) -> Mapping[str, str]:
    return {"pack": reference, "title": title, "citation": citation}


def _told(found: Mapping[str, object]) -> str:
    longer, shorter = (cast("Sequence[_Shown]", found[kind]) for kind in ("longer", "shorter"))
    packs = cast("Sequence[Mapping[str, str]]", found["packs"])
    lines = [f"by {each['pack']}: {each['title']}" for each in packs]
    lines.append(
        f"{found['clips']} clips: {len(longer)} would be kept for longer, {len(shorter)} for less"
    )
    for kind, clips in (("longer", longer), ("less", shorter)):
        if clips:
            lines.append(f"kept for {kind}:\n{_table(clips[:_MOST])}".rstrip())
        if len(clips) > _MOST:
            lines.append(f"and {len(clips) - _MOST} more (--json lists all)")
    lines.append(
        "Nothing was changed. With these rules in the settings the archive keeps for longer what"
        " they want for longer, within a day; it keeps nothing for less than was promised."
    )
    return "\n".join(lines)


def _table(clips: Sequence[_Shown]) -> str:
    rows = [(each["clip"], *(_date(each[when]) for when in ("now", "then"))) for each in clips]
    return table(("clip", "now", "then"), rows)


def _date(kept: Mapping[str, str | None]) -> str:
    return f"{(kept['until'] or 'for ever')[:10]} ({kept['rule']})"
