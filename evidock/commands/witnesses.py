"""``evidock witnesses``: who witnesses a home's log, and what is carried to those without network.

``status`` says how it stands with each, ``request`` writes what one is asked, ``answer`` takes in
what it answered, ``resume`` lets a stopped log sign again.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import msgspec

from evidence.errors import SetupError
from evidock import carried
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.tables import table
from evidock.witness_operations import ANSWER, REQUEST, RESUME, STATUS, ask_home


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("witnesses", help="the witnesses of a home's log")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    status = _verb(verbs, "status", "how it stands with each of them")
    add_json(status)
    status.set_defaults(run=shown)
    request = _verb(verbs, "request", "write what is carried to a witness")
    request.add_argument("--witness", required=True, metavar="NAME", help="as the policy calls it")
    request.add_argument("--since", type=int, metavar="N", help="the size that it saw last")
    request.add_argument("--out", type=Path, metavar="FILE", help="a file; .svg, .png: a QR code")
    request.add_argument("--qr", action="store_true", help="a QR code in the terminal")
    request.set_defaults(run=requested)
    answer = _verb(verbs, "answer", "take in what a witness answered")
    answer.add_argument("answer", type=Path, metavar="FILE", help="its file, or - for stdin")
    add_json(answer)
    answer.set_defaults(run=answered)
    resume = _verb(verbs, "resume", "somebody has looked: let a stopped log sign again (logged)")
    resume.set_defaults(run=resumed)


def _verb(verbs: Commands, name: str, help_: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=help_)
    add_home(parser)
    return parser


def shown(chosen: argparse.Namespace) -> int:
    """Print how it stands; 0, or 1 if somebody should look."""
    told = ask_home(Home(chosen.home), STATUS)
    problems = msgspec.convert(told["problems"], list[str])
    if chosen.json:
        print(json.dumps(told))
        return 1 if problems else 0
    each = msgspec.convert(told["witnesses"], list[dict[str, object]])
    rows = [[str(row[name] or "-") for name in ("name", "size", "at", "url")] for row in each]
    print(table(("witness", "has seen", "at", "URL"), rows))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def requested(chosen: argparse.Namespace) -> int:
    """Write the request; 0."""
    told = ask_home(Home(chosen.home), REQUEST, witness=chosen.witness, since=chosen.since)
    data = str(told["request"]).encode()
    if chosen.qr:
        carried.show(data)
    if chosen.out is not None or not chosen.qr:
        carried.write(data, chosen.out)
    return 0


def answered(chosen: argparse.Namespace) -> int:
    """Take the answer in; 0."""
    try:
        note = carried.read(chosen.answer).decode("utf-8")
    except UnicodeDecodeError as error:
        raise SetupError(f"{chosen.answer} is no answer of a witness: {error}") from error
    told = ask_home(Home(chosen.home), ANSWER, note=note)
    if chosen.json:
        print(json.dumps(told))
        return 0
    names = ", ".join(msgspec.convert(told["cosigned_by"], list[str]))
    enough = "a quorum" if told["quorum"] else "not a quorum yet"
    print(f"{told['size']} entries were seen by {names}: {enough}")
    return 0


def resumed(chosen: argparse.Namespace) -> int:
    """Let the log sign again; 0."""
    told = ask_home(Home(chosen.home), RESUME)
    was = told["stopped"]
    print("it was not stopped" if was is None else f"signs again; it was stopped: {was}")
    by_hand = ", ".join(msgspec.convert(told["by_hand"], list[str]))
    if was is not None and by_hand:
        print(
            f"{by_hand} cannot be asked from here whether more was signed: carry a request there"
            " before anybody relies on this log (evidock witnesses request)",
            file=sys.stderr,
        )
    for problem in msgspec.convert(told["problems"], list[str]):
        print(problem, file=sys.stderr)
    return 0
