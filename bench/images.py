"""Cards as images: what a raw card is read from, beside the same files in folders for the peer.

A kernel that mounts FAT is not everywhere, so the peer's files lie in plain folders on the same
disk: ``cp`` has no file system of a card's to read through.
"""

from __future__ import annotations

import os
import shlex
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import tools
from bench.process import Process
from bench.rounds import WrongResult
from bench.supply import Supply, cool
from evidence.clock import SystemClock
from ingest.pull import Pulled, pull
from ingest.staging import Staging
from ingest.watch import Watch
from station.disk.raw_card import RawCard
from station.port.process import PortProcess

NEEDS = ("mkfs.vfat", "mcopy")
_SLACK = 1 << 30
_LEAST = 3 << 30
"""FAT32 has 65,525 clusters at least; of 32 KiB each, as on real cards, these take 2 GiB."""


@dataclass(slots=True, kw_only=True)
class Images:
    """The cards of *supply*, each on a FAT32 image as well; made anew for every round."""

    supply: Supply
    folder: Path
    paths: Sequence[Path] = ()
    _round: int | None = None

    def make(self, number: int) -> None:
        """See that images and folders of round *number* lie on disk, and out of the page cache."""
        self.supply.make(number)
        if self._round != number:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir()
            self.paths = [self._made(card) for card in range(self.supply.cards)]
            tools.run(["sync", "-f", self.folder])
            self._round = number
        cool(*self.paths)

    def _made(self, card: int) -> Path:
        image = self.folder / f"card-{card}.img"
        image.touch()
        os.truncate(image, max(_LEAST, self.supply.files * self.supply.size + _SLACK))
        tools.run(["mkfs.vfat", "-F", "32", "-s", "64", image])
        files = sorted((self.supply.folder / f"card-{card}").iterdir())
        tools.run(["mcopy", "-i", image, *files, "::"])
        return image


@dataclass(slots=True, kw_only=True)
class RawPulling:
    """Ours: every file of every image, pulled by the raw reader.

    Each card has a thread, and a process that reads it, as at a port: it starts beforehand, while
    people still have the cable in their hands.
    """

    images: Images
    staging: Staging
    name: str = "evidock: pull, raw card"
    cpu: float = 0.0
    """CPU seconds of the last run."""
    apart: float = 0.0
    """CPU seconds of its cards' processes, but for their start."""
    _processes: dict[Path, PortProcess] = field(default_factory=dict)
    _pulled: dict[str, Pulled] = field(default_factory=dict)

    def prepare(self, number: int) -> None:
        self.images.make(number)
        self._processes = {image: PortProcess(image.stem) for image in self.images.paths}
        for process in self._processes.values():
            process.ask(str, "starting", "do", str)

    def run(self) -> None:
        started, before = time.process_time(), self._apart()
        with ThreadPoolExecutor(len(self.images.paths)) as threads:
            list(threads.map(self._pull, self.images.paths))
        self.cpu, self.apart = time.process_time() - started, self._apart() - before

    def _apart(self) -> float:
        return sum(Process(each.pid).cpu for each in self._processes.values())

    def _pull(self, image: Path) -> None:
        card = self._processes[image].open(partial(RawCard, image))
        for listed in card.listing():
            clip = f"{image.stem}-{listed.path.decode('ascii')}"
            watch = Watch(_nobody, SystemClock())
            self._pulled[clip] = pull(card, listed, self.staging, clip, watch)

    def check(self) -> None:
        for process in self._processes.values():
            process.close()
        for made in self.images.supply.made:
            clip = "-".join(made.relative.parts)
            copy = self._pulled.pop(clip)
            if copy.sha256.hex != made.sha256:
                raise WrongResult(f"{made.relative} was pulled as {copy}")
            self.staging.free(clip)


@dataclass(slots=True, kw_only=True)
class FolderCopies:
    """The peer: ``cp`` and then ``sha256sum`` of each card's folder, all cards at the same time."""

    images: Images
    staging: Path
    syncs: bool
    _said: Sequence[str] = ()

    @property
    def name(self) -> str:
        does = "cp + sync + sha256sum" if self.syncs else "cp + sha256sum"
        files = "of the same files in a folder"
        return f"{does} {files}" if self.syncs else f"{does} {files}, nothing synced"

    def prepare(self, number: int) -> None:
        self.images.make(number)
        self.staging.mkdir()

    def run(self) -> None:
        cards = [self.images.supply.folder / f"card-{card}" for card in range(self._cards)]
        self._said = tools.run(["sh", "-c", f"{' '.join(map(self._one, cards))} wait"]).split()

    @property
    def _cards(self) -> int:
        return self.images.supply.cards

    def _one(self, card: Path) -> str:
        copy = shlex.quote(str(self.staging / card.name))
        synced = f"sync {copy}/* {copy} && " if self.syncs else ""
        return f"(cp -r {shlex.quote(str(card))} {copy} && {synced}sha256sum {copy}/*) &"

    def check(self) -> None:
        if set(self._said[::2]) != {made.sha256 for made in self.images.supply.made}:
            raise WrongResult("sha256sum says other digests than were made")
        shutil.rmtree(self.staging)


def _nobody(_bytes: int) -> None:
    """Nobody wants to hear how many bytes were copied."""
