"""Ingest: from a docked card to archived, read back and receipted, beside a bare upload.

``python -m bench.ingest --json``.  Ours is ``evidock up`` on a new home with default settings: real
station, archive and hardened store; the clock runs from the card's appearance at the dock to the
last receipt on disk.  The peers send the same bytes to the same store.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.command import Choice, Tell, main
from bench.home import BenchHome, running_home
from bench.report import Comparison, Peak, Report
from bench.rounds import WrongResult, race
from bench.steps import costs_by_step
from bench.supply import MEGABYTE, Supply
from bench.tools import version
from bench.upload import BareUpload, CarefulUpload, Rclone
from evidence.settings import StationSettings

_CASES = ((1, 16), (4, 4))
"""Cards, and files on each."""
_LARGER = 4
"""How many times as large the second file is that memory is measured with."""


@dataclass(slots=True, kw_only=True)
class Docking:
    """Ours: cards appear at the dock, and the last receipt is waited for."""

    home: BenchHome
    supply: Supply
    name: str = "evidock: dock to receipt"
    _before: int = 0

    def prepare(self, number: int) -> None:
        self.supply.make(number)
        self._before = self.home.receipts

    def run(self) -> None:
        for card in sorted(self.supply.folder.iterdir()):
            card.rename(self.home.docks / card.name)
        self.home.await_receipts(self._before + len(self.supply.made))

    def check(self) -> None:
        self.home.await_rest()
        held = {clip["sha256"]: clip for clip in self.home.clips()}
        for made in self.supply.made:
            clip = held.get(made.sha256)
            if clip is None or clip["state"] != "ARCHIVED" or not clip["receipt"]:
                raise WrongResult(f"{made.relative} became {clip}")
        for card in sorted(self.home.docks.iterdir()):
            card.rename(self.supply.folder / card.name)


def measure(choice: Choice, tell: Tell) -> Report:
    """Race on one card and on four; then what each step costs, and memory at two file sizes."""
    size = choice.megabytes * MEGABYTE
    found = [_case(choice, cards, files, size, tell) for cards, files in _CASES]
    bare, careful = zip(*found, strict=True)
    folder = choice.folder / "alone"
    folder.mkdir()
    with running_home(folder) as home:
        tell("CPU of each step, one file alone")
        costs = costs_by_step(home, folder, size)
        tell("memory at two file sizes")
        peaks = [_peak(home, folder, each) for each in (size, size * _LARGER)]
    return Report(
        bench="ingest",
        comparisons=[*bare, *careful],
        deciding=len(bare),
        cache="cards cold",
        costs=costs,
        peaks=peaks,
        facts={
            "waits_for_files_to_hold_still": StationSettings().settle_seconds,
            "peer_version": version("rclone", "version"),
        },
    )


def _case(
    choice: Choice, cards: int, files: int, size: int, tell: Tell
) -> tuple[Comparison, Comparison]:
    """Ours beside the bare upload, and beside the careful one."""
    name = f"{cards} card{'s' if cards > 1 else ''} x {files} x {size // MEGABYTE} MB"
    folder = choice.folder / f"cards-{cards}"
    folder.mkdir()
    supply = Supply(folder=folder / "ready", cards=cards, files=files, size=size)
    with running_home(folder) as home:
        rclone = Rclone(store=home.store())
        ours = Docking(home=home, supply=supply)
        bare = BareUpload(rclone=rclone, supply=supply)
        careful = CarefulUpload(rclone=rclone, supply=supply, staging=folder / "staging")
        times = race([ours, bare, careful], choice.rounds, lambda text: tell(f"{name}: {text}"))
    shutil.rmtree(folder)

    def against(peer: BareUpload | CarefulUpload) -> Comparison:
        return Comparison(
            case=name,
            bytes=supply.bytes,
            ours_name=ours.name,
            ours=times[ours.name],
            peer_name=peer.name,
            peer=times[peer.name],
        )

    return against(bare), against(careful)


def _peak(home: BenchHome, folder: Path, size: int) -> Peak:
    """What was resident at most while one file of *size* bytes was taken in."""
    docking = Docking(
        home=home, supply=Supply(folder=folder / "ready", cards=1, files=1, size=size)
    )
    docking.prepare(0)
    home.process.forget_peak()
    home.engine.forget_peak()
    docking.run()
    docking.check()
    return Peak(bytes=size, ours=home.process.peak, other=home.engine.peak)


if __name__ == "__main__":
    sys.exit(main("ingest", __doc__ or "", 128, measure, ("rclone", "sha256sum")))
