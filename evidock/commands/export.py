"""``evidock export``: an evidence package that anyone can check without this system."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import msgspec
from rich.console import Console
from rich.live import Live
from rich.text import Text

from archive.export.vouching import COSIGNATURES
from evidence.errors import HomeBusy
from evidence.package import Selection
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.exporting import Shown, export_resting, export_running
from evidock.home import Home
from evidock.importing import whole_path
from evidock.tables import shown_bytes

WITHOUT_SOME = 4


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("export", help="take out an evidence package")
    add_home(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="everything, with the whole log")
    which.add_argument("--clip", nargs="+", metavar="ID", help="these clips")
    which.add_argument("--incident", metavar="ID", help="the clips of an incident, by id or number")
    which.add_argument("--case", metavar="ID", help="a case: clips, documents, dossier")
    which.add_argument("--officer", metavar="NUMBER", help="the clips of an officer's --day")
    parser.add_argument("--day", metavar="DAY", help="with --officer: the day of the recordings")
    parser.add_argument(
        "--reason", metavar="TEXT", help="why; goes on record.  Needed for all but --all"
    )
    parser.add_argument("--without-renditions", action="store_true", help="originals only")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder, or a new file.zip")
    add_json(parser)
    parser.set_defaults(run=run, parser=parser)


def run(chosen: argparse.Namespace) -> int:
    """Make the package; 0, or 4 if some original, document or version is not in it."""
    if (chosen.officer is None) != (chosen.day is None):
        chosen.parser.error("--officer and --day belong together")
    if chosen.reason is None and not chosen.all:
        chosen.parser.error("--reason is needed: why this is taken out goes on record")
    home = Home(chosen.home).existing()
    request: dict[str, object] = {
        "selection": msgspec.to_builtins(selection_of(chosen)),
        "reason": chosen.reason,
        "renditions": not chosen.without_renditions,
        "out": whole_path(chosen.out),
    }
    with _shown() as show:
        made = _export(home, request, show)
    if chosen.json:
        print(json.dumps(made))
    else:
        print(made["out"])
    for line in _about(made):
        print(f"export: {line}", file=sys.stderr)
    return WITHOUT_SOME if made["without"] or made["lost"] else 0


def selection_of(chosen: argparse.Namespace) -> Selection:
    """What the command line selects."""
    if chosen.clip:
        return Selection(kind="clips", clips=sorted(set(chosen.clip)))
    if chosen.incident is not None:
        return Selection(kind="incident", subject=chosen.incident)
    if chosen.case is not None:
        return Selection(kind="case", subject=chosen.case)
    if chosen.officer is not None:
        return Selection(kind="officer-day", subject=chosen.officer, day=chosen.day)
    return Selection(kind="all")


def _export(home: Home, request: Mapping[str, object], show: Shown) -> Mapping[str, object]:
    try:
        with home.locked():
            return asyncio.run(export_resting(home, request, show))
    except HomeBusy:
        return export_running(home, request, show)


def _about(made: Mapping[str, object]) -> Iterator[str]:
    size = shown_bytes(int(str(made["bytes"])))
    yield f"{made['clips']} clips, {made['originals']} originals, {size}, entry {made['entry']}"
    if made["documents"] or made["dossiers"]:
        yield f"{made['documents']} documents, {made['dossiers']} versions of dossiers"
    if made["lost"]:
        yield f"{made['lost']} of these are not there: statement.json names them"
    if made["without"]:
        yield f"of {made['without']} clips the original is not there: statement.json names them"
    if made["complete_to"] is not None:
        yield f"shown to be complete up to log index {made['complete_to']}"
    for path, why in cast("Mapping[str, str]", made["left_out"]).items():
        yield f"left out: {path}, since {why}"
    for what, why in cast("Mapping[str, str]", made["lacking"]).items():
        yield f"NO {what.upper()} in it: {why}"
        if what == COSIGNATURES:
            yield "to whoever asks for the quorum of public/policy it is not genuine: export again"


@contextmanager
def _shown() -> Iterator[Shown]:
    """How far it is, on stderr: a line that changes on a terminal, else a line a stage."""
    console = Console(stderr=True, highlight=False)
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            yield lambda told: live.update(Text(line(told)))
        return
    said = ""

    def say(told: Mapping[str, object]) -> None:
        nonlocal said
        if told["stage"] != said:
            said = str(told["stage"])
            console.print(Text(line(told)), soft_wrap=True)

    yield say


def line(told: Mapping[str, object]) -> str:
    """How far an export is, in one line."""
    read, of = (shown_bytes(int(str(told[name]))) for name in ("bytes", "of_bytes"))
    if not told["of"]:
        return f"export: {told['stage']}"
    return f"export: {told['stage']}, {told['originals']} of {told['of']} originals, {read} of {of}"
