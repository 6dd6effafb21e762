"""``evidock simulate``: a whole station whose USB ports are simulated, and the cameras in them.

One rule: it shows that our own code holds together, and nothing about a real camera, cable or
kernel.  What it keeps is no evidence, and lies in a home that says so.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import uvloop

from evidence import durable
from evidence.clock import Clock, SystemClock
from evidence.errors import SetupError
from evidence.settings import Settings
from evidock import apart
from evidock.cards import Cards
from evidock.commands.arguments import Commands, add_home, add_json, dock_root, folder
from evidock.commands.demo import keep_serving, let_in
from evidock.home import Home
from evidock.progress import Progress
from evidock.running import RunningHome, running, wait_idle
from evidock.simulation.cameras import Kind, made, write_passwords
from evidock.simulation.cut import Cut
from evidock.simulation.findings import Finding, findings
from evidock.simulation.samples import MOST, SHIFT, samples
from evidock.simulation.shift import Shift
from evidock.stopping import either, stop_signal
from evidock.tables import shown_bytes, table
from station.profile import Profile, load_profiles
from station.simulator.host import SimulatedHost

ALL_EQUAL, SOME_DIFFER, STOPPED = 0, 1, 5
CAVEAT = (
    "Simulated: this shows that our own code holds together, and says nothing about a real camera."
    " What this home keeps is no evidence."
)


def add_to(commands: Commands) -> None:
    """Declare the command."""
    parser = commands.add_parser("simulate", help="run a station with simulated cameras")
    add_home(parser)
    add_json(parser)
    parser.add_argument(
        "folders", nargs="*", type=folder, metavar="FOLDER", help="each is a camera's card"
    )
    parser.add_argument(
        "--cards", type=_count, metavar="N", help=f"so many cameras with sample footage ({SHIFT})"
    )
    parser.add_argument(
        "--yank-at",
        type=_cut,
        metavar="BYTES|PERCENT%",
        help="pull each cable out in the middle of the card's longest file, and plug it in again",
    )
    parser.add_argument("--profile", metavar="NAME", help="what the cameras are, by its id")
    parser.add_argument(
        "--profiles", type=folder, metavar="DIR", help="a folder of profiles of your own"
    )
    parser.add_argument(
        "--stay", action="store_true", help="go on serving board and player until Ctrl-C"
    )
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Simulate; 0 if the archive holds what the folders hold, 1 if not, 5 if it was stopped."""
    return uvloop.run(_simulate(chosen, SystemClock()))


async def _simulate(chosen: argparse.Namespace, clock: Clock) -> int:
    if chosen.folders and chosen.cards:
        raise SetupError("either folders are given, or --cards", advice="Leave one of them out.")
    home = Home(chosen.home)
    profile = _profile(chosen)
    with home.locked():
        apart.prepare(home)
        durable.make_folder(home.docks)
        place = home.folder / "simulated"
        if place.exists():
            shutil.rmtree(place)  # of a run that was killed
        durable.make_folder(place)
        told: list[int] = []

        async def show() -> None:
            told.append(
                await _show(chosen, home, place, Kind(profile=profile, clock=clock), progress)
            )

        try:
            async with stop_signal() as stopped, Progress.shown(sys.stderr) as progress:
                await either(stopped, show())
        finally:
            shutil.rmtree(place, ignore_errors=True)
    return told[0] if told else STOPPED


async def _show(
    chosen: argparse.Namespace, home: Home, place: Path, kind: Kind, progress: Progress
) -> int:
    own = [dock_root(each, home.folder, "FOLDER") for each in chosen.folders]
    folders = own or await samples(home, chosen.cards or SHIFT, kind.clock, progress.note)
    cameras = await asyncio.to_thread(made, folders, place, kind, chosen.yank_at)
    write_passwords(kind, place / "passwords.toml")
    async with SimulatedHost.running(place / "usb") as host:
        cards = Cards(root=home.docks, may_erase=lambda _folder: False, simulated=host.host)
        settings = _settings(chosen, home, place)
        async with running(home, cards, kind.clock, settings) as whole:
            await let_in(whole)
            progress.follow(whole)
            progress.note(f"Board   {whole.board_url}\n{CAVEAT}")
            shift = Shift(host=host, cameras=cameras, clock=kind.clock, note=progress.note)
            is_done = await shift.run(whole.station)
            found = await _found(whole, shift, progress, is_done=is_done)
            _print(chosen, found, progress)
            shift.unplug()
            if chosen.stay:
                await keep_serving(whole)
    return SOME_DIFFER if not is_done or any(each.differing for each in found) else ALL_EQUAL


async def _found(
    whole: RunningHome, shift: Shift, progress: Progress, *, is_done: bool
) -> list[Finding]:
    if is_done:
        await wait_idle(whole)
    else:
        progress.note("nothing moved any more: this is what stands")
    await progress.finish()
    clips, details = await whole.clips(), await whole.archive.clips()
    return await asyncio.to_thread(findings, shift.cameras, clips.clips, details, shift.was_pulled)


def _settings(chosen: argparse.Namespace, home: Home, place: Path) -> Settings:
    """Those of the home, with its USB ports open to what is simulated."""
    settings = home.settings()
    station = replace(
        settings.station,
        usb=True,
        camera_passwords=str(place / "passwords.toml"),
        profiles=str(chosen.profiles) if chosen.profiles else settings.station.profiles,
        erase_cards=False,
    )
    return replace(settings, station=station)


def _print(chosen: argparse.Namespace, found: Sequence[Finding], progress: Progress) -> None:
    if chosen.json:
        print(
            json.dumps({"proves": CAVEAT, "cameras": [asdict(each) for each in found]}), flush=True
        )
        return
    columns = ("camera", "files", "bytes", "yanked at", "resumed at", "equal", "left out")
    print(table(columns, map(_row, found)), flush=True)
    for each in found:
        for name, why in [*each.left_out.items(), *each.differing.items()]:
            progress.note(f"{each.slot}/{name}: {why}")


def _row(found: Finding) -> list[object]:
    return [
        found.slot,
        found.files,
        shown_bytes(found.bytes),
        "" if found.yanked_at is None else f"{found.yanked_at:,}",
        "" if found.resumed_at is None else f"{found.resumed_at:,}",
        f"{found.equal} of {found.files}",
        len(found.left_out) or "",
    ]


def _profile(chosen: argparse.Namespace) -> Profile | None:
    """The profile that cameras are made of; SetupError if there is none of that id."""
    if chosen.profile is None:
        return None
    profiles = {each.id: each for each in load_profiles(chosen.profiles)}
    if chosen.profile not in profiles:
        raise SetupError(
            f"there is no profile {chosen.profile!r}",
            advice="`evidock profiles list` shows those there are; --profiles names your own.",
        )
    return profiles[chosen.profile]


def _count(text: str) -> int:
    if not 1 <= (count := int(text)) <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {MOST}")
    return count


def _cut(text: str) -> Cut:
    try:
        return Cut.of(text)
    except ValueError:
        told = f"{text!r} is neither a number of bytes nor a percentage below 100 such as 50%"
        raise argparse.ArgumentTypeError(told) from None
