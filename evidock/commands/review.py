"""``evidock review`` and ``evidock findings``: draws that anyone recomputes, and what follows."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import msgspec

from evidence.drawn_file import Checked, DrawFile, check
from evidence.errors import SetupError
from evidence.policy import Policy
from evidence.wire import DrawPage, FindingPage, FindingShown
from evidock.brought import if_named
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_running
from evidock.review_acts import (
    ABANDON,
    CONFIRM,
    DRAW,
    FILE,
    FINDINGS,
    SEED,
    SHEET,
    STATUS,
    VOID,
)
from evidock.signing_in import password
from evidock.tables import table

_FIELDS = (
    *("purpose", "since", "until", "size", "per", "station", "category", "recheck", "sheet"),
    *("owner", "seed", "which", "due", "redoes", "redo_reason"),
)
_LARGEST = 64 * 1024**2


def add_to(commands: Commands) -> None:
    """Declare both commands."""
    parser = commands.add_parser("review", help="clips drawn at random, and who looks at them")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_draw(verbs)
    for name, op, told in (
        ("seed", SEED, ("draw", "value")),
        ("confirm", CONFIRM, ("draw", "value", "drawn_at")),
        ("abandon", ABANDON, ("draw", "reason")),
        ("sheet", SHEET, ("review", "answers")),
        ("void", VOID, ("review", "code", "reason")),
    ):
        verb = verbs.add_parser(name, help=_HELP[name])
        for argument in told:
            if argument in _OPTIONAL:
                verb.add_argument(f"--{argument.replace('_', '-')}", help=_OPTIONAL[argument])
            else:
                verb.add_argument(argument, metavar=argument.upper())
        _add_act(verb, op)
    status = verbs.add_parser("status", help="every draw, and what came of it")
    _add_paging(status)
    add_home(status)
    add_json(status)
    status.set_defaults(run=run_status)
    out = verbs.add_parser("file", help="write the file of a draw, for strangers")
    add_home(out)
    out.add_argument("draw", metavar="DRAW")
    out.add_argument("out", type=Path, metavar="FILE")
    out.set_defaults(run=run_file)
    seen = verbs.add_parser("verify", help="recompute the draw in a file")
    seen.add_argument("file", type=Path, metavar="FILE")
    seen.add_argument("--policy", type=Path, metavar="FILE", help="trusted keys (tlog-policy)")
    add_json(seen)
    seen.set_defaults(run=run_verify)
    _add_findings(commands)


def _add_findings(commands: Commands) -> None:
    found = commands.add_parser("findings", help="what somebody must answer")
    found.add_argument("--all", action="store_true", help="those that are closed, too")
    _add_paging(found)
    add_home(found)
    add_json(found)
    found.set_defaults(run=run_findings)


_CAME_TO = {True: "passed", False: "not passed", None: "nothing on it counts"}
_OPTIONAL = {"drawn_at": "when the numbers of a public seed were drawn (RFC 3339)"}
_HELP = {
    "seed": "enter the value that the seed had, as the first of two persons",
    "confirm": "enter the same, as the second one: that draws",
    "abandon": "say that nothing is drawn by it, and why",
    "sheet": "fill in a sheet: ANSWERS is a JSON file [{point, verdict, note}]",
    "void": "say why nobody can do a review; CODE is clip (sealed or gone), checker, or other",
}


def _add_draw(verbs: Commands) -> None:
    verb = verbs.add_parser("draw", help="commit to what is drawn from, and to its seed")
    for name in ("purpose", "since", "until", "sheet", "which"):
        verb.add_argument(f"--{name}", required=True)
    verb.add_argument("--size", type=int, required=True, help="how many clips, of each")
    verb.add_argument("--recheck", type=int, default=0, help="%% that a second person looks at")
    verb.add_argument("--per", choices=("all", "station"), default="all")
    verb.add_argument("--seed", choices=("drand-quicknet", "public", "dice"), required=True)
    for name in ("station", "category", "owner", "due", "redoes", "redo-reason"):
        verb.add_argument(f"--{name}")
    _add_act(verb, DRAW)


def _add_paging(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--after", metavar="NUMBER", help="go on where the answer before ended")


def _say_more(following: str | None) -> None:
    """What was printed is not all."""
    if following is not None:
        print(f"there is more: --after {following}", file=sys.stderr)


def _add_act(verb: argparse.ArgumentParser, op: str) -> None:
    add_home(verb)
    verb.add_argument("--person", required=True, metavar="NAME", help="who you are")
    add_json(verb)
    verb.set_defaults(run=act, op=op)


def act(chosen: argparse.Namespace) -> int:
    """Sign in, and do it; 0."""
    told: dict[str, object] = {
        name: getattr(chosen, name)
        for name in ("draw", "value", "drawn_at", "reason", "review", "code")
        if hasattr(chosen, name)
    }
    if chosen.op == DRAW:
        told["wanted"] = {
            name: value for name in _FIELDS if (value := getattr(chosen, name)) is not None
        }
    if chosen.op == SHEET:
        told["answers"] = _answers(Path(chosen.answers))
    told |= {"name": chosen.person, "password": password()}
    found = ask_running(Home(chosen.home).existing(), chosen.op, **told)
    if chosen.json:
        print(json.dumps(found))
    elif chosen.op == SHEET:
        sheet = cast("Mapping[str, object]", found["sheet"])
        print(f"sheet {sheet['id']}: {_CAME_TO[cast('bool | None', sheet['passed'])]}")
    elif chosen.op == VOID:
        print(f"review {found['id']}: void")
    else:
        print(f"draw {found['number']} ({found['id']}): {found['ended'] or 'open'}")
    return 0


def _answers(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(f"{path} holds no answers: {error}") from error


def run_status(chosen: argparse.Namespace) -> int:
    """Print the draws; 0."""
    found = ask_running(Home(chosen.home).existing(), STATUS, after=chosen.after)
    if chosen.json:
        print(json.dumps(found))
        return 0
    rows = []
    page = msgspec.convert(found, DrawPage)
    for each in page.draws:
        of, stands = each.count, each.ended or ("LATE" if each.is_late else "open")
        sheets = f"{of.filled} of {of.clips}, {of.passed} passed"
        sheets += f", {of.empty} empty" if of.empty else ""
        sheets += f", {of.void} void" if of.void else ""
        again = f"{of.pairs} of {of.rechecks}, {of.disagree} differ"
        rows.append((str(each.number), each.id, stands, f"{each.objects}", sheets, again))
    heads = ("no.", "draw", "stands", "clips", "sheets", "looked at twice")
    print(table(heads, rows) if rows else "nothing was ever drawn")
    _say_more(page.next)
    return 0


def run_file(chosen: argparse.Namespace) -> int:
    """Write the file of a draw; 0."""
    found = ask_running(Home(chosen.home).existing(), FILE, draw=chosen.draw)
    try:
        chosen.out.write_text(str(found["file"]), "utf-8")
    except OSError as error:
        raise SetupError(f"{chosen.out} cannot be written: {error.strerror}") from error
    return 0


def run_verify(chosen: argparse.Namespace) -> int:
    """Recompute a draw; 0 true, 1 something is false, 3 true as far as it goes without a policy."""
    brought = if_named(chosen.policy)
    policy = None if brought is None else Policy.parse(brought)
    try:
        if chosen.file.stat().st_size > _LARGEST:
            raise SetupError(f"{chosen.file} is too large to be the file of a draw")
        found = check(DrawFile.from_bytes(chosen.file.read_bytes()), policy)
    except OSError as error:
        raise SetupError(f"{chosen.file} cannot be read: {error.strerror}") from error
    print(json.dumps(_told(found)) if chosen.json else _lines(found, policy))
    if found.problems:
        return 1
    return 0 if policy is not None else 3


def _told(found: Checked) -> Mapping[str, object]:
    return {
        "number": found.number,
        "problems": found.problems,
        "remarks": found.remarks,
        "tasks": msgspec.to_builtins(found.tasks),
    }


def _lines(found: Checked, policy: Policy | None) -> str:
    lines = [f"FALSE: {each}" for each in found.problems]
    lines += [f"note: {each}" for each in found.remarks]
    if policy is None:
        lines.append("note: nobody's keys were brought (--policy): the entries may be invented")
    rows = [
        (str(each.place), each.clip, each.checker, "again" if each.recheck else "")
        for each in found.tasks
    ]
    lines += [table(("place", "clip", "checker", "look"), rows)] if rows else []
    verdict = "is not what it says" if found.problems else "is what its seed draws"
    return "\n".join([*lines, f"draw {found.number} {verdict}"])


def run_findings(chosen: argparse.Namespace) -> int:
    """Print the findings; 0."""
    found = ask_running(Home(chosen.home).existing(), FINDINGS, all=chosen.all, after=chosen.after)
    if chosen.json:
        print(json.dumps(found))
        return 0
    page = msgspec.convert(found, FindingPage)
    rows = [
        (each.id, each.code, each.subject, each.owner_name, each.due[:10], _stands(each))
        for each in page.findings
    ]
    heads = ("finding", "code", "about", "owner", "due", "stands")
    print(table(heads, rows) if rows else "nothing waits for an answer")
    _say_more(page.next)
    return 0


def _stands(finding: FindingShown) -> str:
    if finding.closed:
        return "closed"
    if finding.overdue:
        return "OVERDUE"
    return "answered" if finding.answered else "open"
