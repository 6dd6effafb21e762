"""``evidock retention``: what rules would make of a home's clips, and what people agree to."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import cast

from evidence.law import shelf
from evidock import retention_preview
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_running
from evidock.retention_acts import APPROVE, IMPACT, PROPOSE, WITHDRAW
from evidock.signing_in import password
from evidock.tables import table

_MOST = 50
"""Clips of a kind that people are shown; --json has all."""
_TOLD = ("impact", "proposal", "reason")
"""What the acts are told, besides who acts."""
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
    _add_acts(verbs)
    packs = verbs.add_parser("packs", help="list the law packs that come with the product")
    add_json(packs)
    packs.set_defaults(run=list_packs)


def _add_acts(verbs: Commands) -> None:
    """What two persons do so that footage is kept for less; the home must run."""
    seen = verbs.add_parser("impact", help="which clips could be kept for less, if two want it")
    add_home(seen)
    seen.add_argument("--proposal", metavar="ID", help="the list that somebody proposed")
    add_json(seen)
    seen.set_defaults(run=impact)
    propose = verbs.add_parser("propose", help="propose a list of shorter dates that you saw")
    propose.add_argument("impact", metavar="SHA256", help="of the list, as `impact` prints it")
    approve = verbs.add_parser("approve", help="agree to what another person proposed")
    withdraw = verbs.add_parser("withdraw", help="have a proposal not take effect")
    for verb in (approve, withdraw):
        verb.add_argument("proposal", metavar="ID")
    for verb, op in ((propose, PROPOSE), (approve, APPROVE), (withdraw, WITHDRAW)):
        add_home(verb)
        verb.add_argument("--person", required=True, metavar="NAME", help="who you are")
        if op != APPROVE:
            verb.add_argument("--reason", required=True, help="goes on record, as a commitment")
        add_json(verb)
        verb.set_defaults(run=act, op=op)


def impact(chosen: argparse.Namespace) -> int:
    """Print the list; 0."""
    found = ask_running(Home(chosen.home).existing(), IMPACT, proposal=chosen.proposal)
    print(json.dumps(found) if chosen.json else _listed(found))
    return 0


def act(chosen: argparse.Namespace) -> int:
    """Sign in, and propose, approve or withdraw; 0."""
    told = {name: getattr(chosen, name) for name in _TOLD if hasattr(chosen, name)}
    told |= {"name": chosen.person, "password": password()}
    found = ask_running(Home(chosen.home).existing(), chosen.op, **told)
    print(json.dumps(found) if chosen.json else _proposal(found))
    return 0


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


def _listed(found: Mapping[str, object]) -> str:
    clips = cast("Sequence[Mapping[str, str]]", found["clips"])
    rows = [
        (
            each["clip"],
            f"{each['now'][:10]} ({each['now_rule']})",
            f"{each['then'][:10]} ({each['then_rule']})",
        )
        for each in clips[:_MOST]
    ]
    lines = [f"{len(clips)} clips could be kept for less", f"list: {found['sha256']}"]
    lines += [table(("clip", "now", "then"), rows)] if rows else []
    if len(clips) > _MOST:
        lines.append(f"and {len(clips) - _MOST} more (--json lists all)")
    lines.append(
        "Nothing was changed. One person proposes just this list, and another approves it."
    )
    return "\n".join(lines)


def _proposal(found: Mapping[str, object]) -> str:
    lines = [f"proposal {found['id']}: {found['act']}, by {found['by_name']}"]
    if found["approved_name"] is not None:
        lines.append(f"approved by {found['approved_name']}; no earlier than {found['not_before']}")
    else:
        lines.append("another person has to approve it")
    if found["ended"] is not None:
        lines.append(f"{found['ended']} at {found['ended_at']}")
    return "\n".join(lines)


def _table(clips: Sequence[_Shown]) -> str:
    rows = [(each["clip"], *(_date(each[when]) for when in ("now", "then"))) for each in clips]
    return table(("clip", "now", "then"), rows)


def _date(kept: Mapping[str, str | None]) -> str:
    return f"{(kept['until'] or 'for ever')[:10]} ({kept['rule']})"
