"""``evidock demo``: the main job, from docked cards to a clip that plays."""

from __future__ import annotations

import argparse
import json
import sys

import uvloop

from evidence import durable
from evidence.clock import Clock, SystemClock
from evidence.rights import Role
from evidock.cards import Cards
from evidock.commands.arguments import (
    DEFAULT_DEMO_HOME,
    Commands,
    add_cards,
    add_home,
    add_json,
    dock_root,
)
from evidock.demo.shift import SampleShift
from evidock.home import Home
from evidock.progress import Progress
from evidock.report import ClipReport
from evidock.running import RunningHome, running, wait_idle
from evidock.stopping import either, stop_signal
from evidock.tables import clip_table

ALL_ARCHIVED = 0
SOME_INCOMPLETE = 4
SOME_UNARCHIVED = 5


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("demo", help="dock sample cards (or yours) and show the journey")
    add_home(parser, default=DEFAULT_DEMO_HOME)
    add_cards(parser)
    add_json(parser)
    parser.add_argument("--once", action="store_true", help="stop when all is archived and linked")
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Run the demonstration; the exit codes of ``docs/cli.md``."""
    return uvloop.run(_demonstrate(chosen, SystemClock()))


async def _demonstrate(chosen: argparse.Namespace, clock: Clock) -> int:
    home = Home(chosen.home)
    root = dock_root(chosen.cards, home.folder) if chosen.cards else home.docks
    with home.locked():
        shift = SampleShift.of(home, clock, wanted=not chosen.cards)
        own = frozenset() if shift is None else shift.folders
        cards = Cards(root=root, may_erase=lambda folder: chosen.erase or folder in own)
        home.prepare()
        durable.make_folder(home.docks)
        told: list[ClipReport] = []

        async def show() -> None:
            if shift:
                await shift.make(progress.note)
            async with running(home, cards, clock) as whole:
                told.append(await _show(chosen, whole, shift, progress))
                if not chosen.once:
                    await keep_serving(whole)

        async with stop_signal() as stopped, Progress.shown(sys.stderr) as progress:
            await either(stopped, show())
            if told:
                return _exit_code(told[0])
            progress.note("stopped before all was done; run it again and it goes on where it was")
            return SOME_UNARCHIVED


async def _show(
    chosen: argparse.Namespace, whole: RunningHome, shift: SampleShift | None, progress: Progress
) -> ClipReport:
    """Dock everything, and print what became of it."""
    await let_in(whole)
    progress.follow(whole)
    if shift:
        await shift.dock_one_after_another()
    await wait_idle(whole)
    found = await whole.clips()
    await progress.finish()
    progress.note(f"\n{found.sentence}\n")
    print(json.dumps(found.to_wire()) if chosen.json else clip_table(found.clips), flush=True)
    return found


async def let_in(whole: RunningHome) -> None:
    """See that somebody can sign in: demo homes have one reviewer."""
    login = whole.home.demo_login(make=True)
    if login and await whole.archive.person(login.name) is None:
        await whole.archive.create_person(
            name=login.name, password=login.password, role=Role.REVIEWER
        )


async def keep_serving(whole: RunningHome) -> None:
    """Serve until Ctrl-C, saying where; not at all where there is no terminal to press it on."""
    login = whole.home.demo_login(make=False)
    if login is None:
        return
    print(
        f"\nPlayer  {whole.player_url}   sign in as {login.name} / {login.password}\n"
        f"Board   {whole.board_url}   what officers see at the dock\n",
        file=sys.stderr,
    )
    if not sys.stdin.isatty():
        print("There is no terminal to press Ctrl-C on, so this ends here.\n"
              f"Go on with: evidock up --home {whole.home.folder}", file=sys.stderr)  # fmt: skip
        return
    print("Ctrl-C stops.", file=sys.stderr)
    await whole.wait_ended()


def _exit_code(found: ClipReport) -> int:
    if found.unarchived:
        return SOME_UNARCHIVED
    return SOME_INCOMPLETE if found.incomplete else ALL_ARCHIVED
