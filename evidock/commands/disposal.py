"""``evidock disposal queue``: what is on its way out of a home.

It only shows: whoever proposes, approves or restores signs in at the player, as themselves.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence

import msgspec

from evidence.clock import SystemClock, unstamp
from evidence.wire import ProposalShown, QueuedClip
from evidock import disposal_queue
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.tables import table

_MOST = 50
"""Rows that people are shown; --json has all."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("disposal", help="what is to be destroyed, and who wants it")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    queue = verbs.add_parser(
        "queue", help="whose time ends, what is proposed and what can be restored; changes nothing"
    )
    add_home(queue)
    add_json(queue)
    queue.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Print the queue; 0."""
    found = disposal_queue.ask(Home(chosen.home).existing())
    print(json.dumps(found) if chosen.json else _told(found))
    return 0


def _told(found: Mapping[str, object]) -> str:
    clips = msgspec.convert(found["clips"], list[QueuedClip])
    others = msgspec.convert(found["proposals"], list[ProposalShown])
    outside = f"{found['outside_at']} ({found['outside_by']})" if found["outside_at"] else "none"
    lines = [f"newest time from outside: {outside}"]
    if found["limit_today"] is not None:
        lines.append(
            f"destroyed in the last 24 hours: {found['done_today']} of {found['limit_today']}"
        )
    if found["stopped"] is not None:
        lines.append(f"nothing is destroyed now: {found['stopped']}")
    if clips:
        lines.append(_table(clips[:_MOST]))
    if len(clips) > _MOST:
        lines.append(f"and {len(clips) - _MOST} more (--json lists all)")
    lines += [
        f"{each.id}: {each.by_name} wants footage kept for less: {each.reason}" for each in others
    ]
    if not clips and not others:
        lines.append("no clip's time ends soon, and nothing is proposed")
    return "\n".join(lines)


def _table(clips: Sequence[QueuedClip]) -> str:
    rows = [
        (each.clip, each.name, each.retain_until[:10], each.retain_rule, _stands(each), _who(each))
        for each in clips
    ]
    return table(("clip", "name", "kept until", "rule", "stands", "by"), rows)


def _stands(clip: QueuedClip) -> str:
    """What is next for *clip*."""
    proposal, now = clip.proposal, SystemClock().now()
    if proposal is not None and proposal.act in {"dispose", "destroy"}:
        if proposal.not_before is None:
            return f"{proposal.act}: waits for a second person"
        if unstamp(proposal.not_before) > now:
            return f"{proposal.act}: can be restored until {proposal.not_before}"
        return f"{proposal.act}: to be destroyed once every rule allows it"
    if clip.held:
        return "held, or in an open case"
    return "its time is over" if unstamp(clip.retain_until) <= now else "its time ends soon"


def _who(clip: QueuedClip) -> str:
    proposal = clip.proposal
    if proposal is None:
        return "-"
    return " and ".join(filter(None, [proposal.by_name, proposal.approved_name]))
