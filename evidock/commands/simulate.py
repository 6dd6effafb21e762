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
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

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
from evidock.simulation.cameras import Camera, Kind, made, write_passwords
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
    plan = _Plan.of(chosen, clock)
    with plan.home.locked():
        apart.prepare(plan.home)
        durable.make_folder(plan.home.docks)
        if plan.place.exists():
            shutil.rmtree(plan.place)  # of a run that was killed
        durable.make_folder(plan.place)
        told: list[int] = []

        async def show() -> None:
            told.append(await _show(plan, progress))

        try:
            async with stop_signal() as stopped, Progress.shown(sys.stderr) as progress:
                await either(stopped, show())
        finally:
            shutil.rmtree(plan.place, ignore_errors=True)
    return told[0] if told else STOPPED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is simulated where."""

    home: Home
    kind: Kind
    folders: Sequence[Path]
    """Cards of the user's own; none: samples."""
    chosen: argparse.Namespace

    @classmethod
    def of(cls, chosen: argparse.Namespace, clock: Clock) -> Self:
        """SetupError if that cannot be simulated; nothing was made yet."""
        if chosen.folders and chosen.cards:
            raise SetupError(
                "either folders are given, or --cards", advice="Leave one of them out."
            )
        kind = Kind(profile=_profile(chosen), clock=clock)
        kind.see_simulable()
        return cls(
            home=Home(chosen.home),
            kind=kind,
            folders=[dock_root(each, chosen.home, "FOLDER") for each in chosen.folders],
            chosen=chosen,
        )

    @property
    def place(self) -> Path:
        """Where cards and ports lie while they are simulated, and no longer."""
        return self.home.folder / "simulated"

    @property
    def passwords(self) -> Path:
        return self.place / "passwords.toml"

    async def cameras(self, note: Callable[[str], None]) -> list[Camera]:
        """The cameras, with their cards."""
        count = self.chosen.cards or SHIFT
        folders = self.folders or await samples(self.home, count, self.kind.clock, note)
        write_passwords(self.kind, self.passwords)
        return await asyncio.to_thread(made, folders, self.place, self.kind, self.chosen.yank_at)

    def settings(self) -> Settings:
        """Those of the home, with its USB ports open to what is simulated."""
        settings, own = self.home.settings(), self.chosen.profiles
        station = replace(
            settings.station,
            usb=True,
            camera_passwords=str(self.passwords),
            profiles=str(own) if own else settings.station.profiles,
            erase_cards=False,
        )
        return replace(settings, station=station)


async def _show(plan: _Plan, progress: Progress) -> int:
    cameras, clock = await plan.cameras(progress.note), plan.kind.clock
    async with SimulatedHost.running(plan.place / "usb") as host:
        docks = plan.home.docks
        cards = Cards(root=docks, may_erase=lambda _folder: False, simulated=host.host)
        async with running(plan.home, cards, clock, plan.settings()) as whole:
            await let_in(whole)
            progress.follow(whole)
            progress.note(f"Board   {whole.board_url}\n{CAVEAT}")
            shift = Shift(host=host, cameras=cameras, clock=clock, note=progress.note)
            is_done = await shift.run(whole.station)
            found = await _found(whole, shift, progress, is_done=is_done)
            _print(found, progress, as_json=plan.chosen.json)
            shift.unplug()
            if plan.chosen.stay:
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


def _print(found: Sequence[Finding], progress: Progress, *, as_json: bool) -> None:
    if as_json:
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
