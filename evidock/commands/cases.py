"""``evidock cases``: which cases there are, what each has, and what people put in."""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from archive.documents import LARGEST
from evidence.errors import SetupError
from evidence.wire import CaseShown, DocumentShown, DossierShown, RecordingShown
from evidock.case_operations import ADD_CLIP, DOCUMENT, DOSSIER, list_cases, show_case
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.resting import ask_running
from evidock.signing_in import password
from evidock.tables import table

_TOLD = ("number", "clip", "reason", "title")
"""What the acts are told, besides who acts."""


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("cases", help="cases, their clips, documents and dossiers")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    every = verbs.add_parser("list", help="every case that anything names")
    every.set_defaults(run=list_all)
    one = verbs.add_parser("show", help="what one case has, and why")
    one.set_defaults(run=show)
    clip = verbs.add_parser("add-clip", help="place a clip in a case")
    clip.set_defaults(run=act, op=ADD_CLIP)
    document = verbs.add_parser("document", help="add a document to a case")
    document.set_defaults(run=act, op=DOCUMENT)
    dossier = verbs.add_parser("dossier", help="make the next version of a case's dossier")
    dossier.set_defaults(run=act, op=DOSSIER)
    for verb in (one, clip, document, dossier):
        verb.add_argument("number", metavar="NUMBER", help="of the case")
    clip.add_argument("clip", metavar="CLIP", help="its id")
    clip.add_argument("--reason", required=True, help="goes on record, as a commitment")
    document.add_argument("file", metavar="FILE", type=Path)
    document.add_argument("--title", required=True, help="goes on record, as a commitment")
    for verb in (clip, document, dossier):
        verb.add_argument("--person", required=True, metavar="NAME", help="who you are")
    for verb in (every, one, clip, document, dossier):
        add_home(verb)
        add_json(verb)


def list_all(chosen: argparse.Namespace) -> int:
    """Print the cases; 0."""
    found = list_cases(Home(chosen.home).existing())
    print(json.dumps(found) if chosen.json else _listed(found))
    return 0


def show(chosen: argparse.Namespace) -> int:
    """Print one case; 0."""
    found = show_case(Home(chosen.home).existing(), chosen.number)
    print(json.dumps(found) if chosen.json else _shown(found))
    return 0


def act(chosen: argparse.Namespace) -> int:
    """Sign in and put something in; 0."""
    told = {name: getattr(chosen, name) for name in _TOLD if hasattr(chosen, name)}
    if chosen.op == DOCUMENT:
        told |= {"file": chosen.file.name, "data": base64.b64encode(_read(chosen.file)).decode()}
    told |= {"name": chosen.person, "password": password()}
    found = ask_running(Home(chosen.home).existing(), chosen.op, **told)
    print(json.dumps(found) if chosen.json else _done(chosen.op, found))
    return 0


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size <= LARGEST:
            return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error}", advice="Name a file.") from error
    raise SetupError(
        f"{path} has {size} bytes; a document has at most {LARGEST}",
        advice="Split it, or bring footage in with `evidock import`.",
    )


def _listed(found: Mapping[str, object]) -> str:
    cases = msgspec.convert(found["cases"], list[CaseShown])
    rows = [
        (
            each.number,
            each.title or "-",
            "open" if each.is_open else "closed",
            str(each.incidents),
            str(each.clips),
        )
        for each in cases
    ]
    if not rows:
        return "no case is known yet"
    return table(("case", "title", "stands", "incidents", "clips"), rows)


def _shown(found: Mapping[str, object]) -> str:
    case = msgspec.convert(found["case"], CaseShown)
    clips = msgspec.convert(found["clips"], list[RecordingShown])
    documents = msgspec.convert(found["documents"], list[DocumentShown])
    dossiers = msgspec.convert(found["dossiers"], list[DossierShown])
    lines = [f"case {case.number}: {'open' if case.is_open else 'closed'}"]
    lines += [
        table(
            ("clip", "camera", "start", "why"),
            [(e.clip, e.camera, e.start or "-", ", ".join(w.reason for w in e.why)) for e in clips],
        )
        if clips
        else "no clip"
    ]
    lines += [f"document {each.id}: {each.title} ({each.sha256})" for each in documents]
    lines += [
        f"dossier version {each.number}, {each.at}: {each.items} items, index {each.sha256}"
        for each in dossiers
    ]
    return "\n".join(lines)


def _done(op: str, found: Mapping[str, object]) -> str:
    if op == ADD_CLIP:
        return f"clip {found['clip']} is in case {found['number']}, by entry {found['entry']}"
    if op == DOCUMENT:
        return f"document {found['id']}, SHA-256 {found['sha256']}, by entry {found['entry']}"
    return f"dossier version {found['number']}, index {found['sha256']}, by entry {found['entry']}"
