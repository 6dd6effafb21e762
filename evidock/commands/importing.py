"""``evidock import``: footage that a person hands in, into the archive with its weaker grade."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import uvloop

from evidence import durable
from evidence.clip import ClipClass, ClipState
from evidence.clock import Clock, SystemClock
from evidence.errors import HomeBusy
from evidence.names import shown
from evidock import control
from evidock.apart import see_takes_imports
from evidock.cards import Cards
from evidock.commands.arguments import Commands, add_home, add_json
from evidock.home import Home
from evidock.import_progress import shown_progress
from evidock.importing import BEGIN, END, FILES, STATUS, UNDER_WAY, whole_path
from evidock.running import running
from evidock.stopping import either, stop_signal
from evidock.tables import shown_bytes, table
from station.imports.desk import Stage
from station.imports.sums import given_of, read_sums
from station.service import never

ALL_ARCHIVED = 0
SOME_INCOMPLETE = 4
SOME_UNARCHIVED = 5
NOT_AS_LISTED = 6
_EVERY = 0.5
"""Seconds between two looks."""
_ARCHIVED = "archived"


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("import", help="take in footage that was handed in as files")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file, folder or image")
    add_home(parser)
    parser.add_argument("--by", required=True, metavar="NAME", help="who imports; kept with it")
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with it")
    parser.add_argument("--from", dest="source", metavar="TEXT", help="whom it comes from")
    parser.add_argument("--camera", metavar="NAME", help="one camera's name for all of it")
    parser.add_argument(
        "--profile",
        metavar="ID",
        help="how a recorder named the files: recorder, channel and begin are read out of names",
    )
    parser.add_argument(
        "--as-files", action="store_true", help="keep images of disks as files; look into none"
    )
    parser.add_argument(
        "--sha256sums",
        type=Path,
        metavar="FILE",
        help="the giver's own list, as sha256sum prints it: each file is held against it",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Import, and print what became of each file; the exit codes of ``docs/import.md``."""
    home = Home(chosen.home).existing()
    see_takes_imports(home)
    work = _Import(chosen, home, SystemClock())
    with ExitStack() as held:
        try:
            held.enter_context(home.locked())
        except HomeBusy:
            return uvloop.run(_until_stopped(work, work.through()))
        durable.make_folder(home.docks)
        return uvloop.run(_until_stopped(work, work.alone()))


async def _until_stopped(work: _Import, doing: Coroutine[None, None, None]) -> int:
    async with stop_signal() as stopped:
        await either(stopped, doing)
    return work.report()


class _Import:
    """One run of the command."""

    def __init__(self, chosen: argparse.Namespace, home: Home, clock: Clock) -> None:
        self._chosen = chosen
        self._home = home
        self._clock = clock
        self._stage = Stage.WAITING
        self._sums = {} if chosen.sha256sums is None else read_sums(chosen.sha256sums)
        self._files: list[Mapping[str, object]] = []

    async def alone(self) -> None:
        """Run the home, whose lock is held, as long as the import takes."""
        cards = Cards(root=self._home.docks, may_erase=never)
        async with running(self._home, cards, self._clock):
            await self.through()

    async def through(self) -> None:
        """Ask the process that runs the home, and follow it until all is done that can be."""
        begun = await self._ask(BEGIN, **self._order)
        try:
            with shown_progress(self._clock) as show:
                while self._stage in UNDER_WAY:
                    told = await self._ask(STATUS, **begun)
                    show(told)
                    self._stage = Stage(str(told["stage"]))
                    if self._stage in UNDER_WAY:
                        await self._clock.sleep(_EVERY)
        finally:
            await self._ask(END, **begun)
            found = await self._ask(FILES, **begun)
            self._files = cast("list[Mapping[str, object]]", found["files"])

    def report(self) -> int:
        """Print what became of each file; the exit code."""
        files, missing = compared(self._files, self._sums)
        if self._chosen.json:
            told = {"stage": self._stage.value, "files": files}
            print(json.dumps(told | {"missing": [shown(name) for name in missing]}))
        else:
            print(_table(files))
        counts = Counter(_fate(each) for each in files)
        told_counts = ", ".join(f"{number} {fate}" for fate, number in sorted(counts.items()))
        print(f"{len(files)} files: {told_counts or 'none'}", file=sys.stderr)
        differing = [each for each in files if each["given_agrees"] is False]
        for each in differing:
            print(f"ALARM: {each['path']} is not what its giver listed", file=sys.stderr)
        for name in missing:
            print(f"ALARM: {shown(name)} is listed by its giver and not here", file=sys.stderr)
        if self._stage is not Stage.DONE:
            print("not done: give the same command again, and it goes on", file=sys.stderr)
        elif not files:
            print("nothing was found there: is it the right place, and mounted?", file=sys.stderr)
        return exit_code(self._stage, files, missing)

    @property
    def _order(self) -> Mapping[str, object]:
        chosen = self._chosen
        return {
            "paths": [whole_path(path) for path in chosen.paths],
            "by": chosen.by,
            "reason": chosen.reason,
            "source": chosen.source,
            "camera": chosen.camera,
            "as_files": chosen.as_files,
            "profile": chosen.profile,
            "sums": {os.fsdecode(path): digest for path, digest in self._sums.items()},
        }

    async def _ask(self, op: str, **arguments: object) -> Mapping[str, object]:
        return await asyncio.to_thread(control.ask, self._home.socket, op, **arguments)


def compared(
    files: Sequence[Mapping[str, object]], sums: Mapping[bytes, str]
) -> tuple[list[Mapping[str, object]], list[bytes]]:
    """*files*, each with the digest its giver listed, and the names that are listed for no file."""
    found: list[Mapping[str, object]] = []
    left = set(sums)
    for each in files:
        given = given_of(bytes.fromhex(str(each["path_hex"])), sums)
        if given is None or each["class"] == ClipClass.REFUSED.value:
            found.append({**each, "given": None, "given_agrees": None})
            continue
        left.discard(given[0])
        agrees = None if each["sha256"] is None else each["sha256"] == given[1]
        found.append({**each, "given": given[1], "given_agrees": agrees})
    return found, sorted(left)


def exit_code(stage: Stage, files: Sequence[Mapping[str, object]], missing: Sequence[bytes]) -> int:
    """What a script may believe (``docs/import.md``); *files* and *missing* as :func:`compared`.

    An import of nothing is not one of which all is archived: a disc may not have been mounted.
    """
    if stage is not Stage.DONE:
        return SOME_UNARCHIVED
    if missing or any(each["given_agrees"] is False for each in files):
        return NOT_AS_LISTED
    all_archived = bool(files) and {_fate(each) for each in files} == {_ARCHIVED}
    return ALL_ARCHIVED if all_archived else SOME_INCOMPLETE


def _fate(told: Mapping[str, object]) -> str:
    if told["class"] == ClipClass.REFUSED.value:
        return "refused"
    if told["state"] in {ClipState.ARCHIVED.value, ClipState.RELEASED.value}:
        return _ARCHIVED if told["receipt"] is not None else "without its receipt"
    return "partial" if told["class"] == ClipClass.PARTIAL.value else "not archived yet"


def _table(files: Sequence[Mapping[str, object]]) -> str:
    rows = (
        (
            each["path"],
            each["sha256"],
            shown_bytes(cast("int", each["bytes"])),
            _fate(each) + (", seen before" if each["before"] else ""),
            each["problem"],
        )
        for each in files
    )
    return table(("file", "sha256", "size", "state", "problem"), rows)
