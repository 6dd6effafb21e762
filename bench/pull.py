"""Pull: from a card into staging, hashed and durable, beside ``cp`` and ``sha256sum``.

``python -m bench.pull --json``.  Ours reads each file once, hashes what it reads, writes, syncs and
lands it under its final name.  The deciding peer copies, then hashes the copy, and syncs nothing;
the second syncs as well.  Ours with verify reads each copy again from the disk, as the peers do.

The same from an image of a FAT32 card, read without a mount, and from eight such cards at a time.
Each has both peers, too.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import tools
from bench.command import Choice, Tell, main
from bench.images import NEEDS, FolderCopies, Images, RawPulling
from bench.process import own
from bench.report import Comparison, Cost, Peak, Report
from bench.rounds import Times, WrongResult, race
from bench.supply import MEGABYTE, Supply
from evidence import durable
from evidence.clock import SystemClock
from ingest.pull import Pulled, pull
from ingest.staging import Staging
from ingest.verify import verify
from ingest.watch import Watch
from station.card import FolderCard

_FILES = 4
_MANY = 8
"""Cards that are pulled at the same time."""
_LARGER = 4
"""How many times as large the second file is that memory is measured with."""


@dataclass(slots=True, kw_only=True)
class Pulling:
    """Ours: every file of the card pulled, and verified if so chosen."""

    supply: Supply
    staging: Staging
    verifies: bool
    name: str
    cpu: float = 0.0
    """CPU seconds of the last run."""
    _pulled: dict[str, Pulled] = field(default_factory=dict)

    def prepare(self, number: int) -> None:
        self.supply.make(number)

    def run(self) -> None:
        started = time.process_time()
        card = FolderCard(self.supply.folder / "card-0")
        for listed in card.listing():
            clip, watch = listed.path.decode("ascii"), Watch(_nobody, SystemClock())
            copy = pull(card, listed, self.staging, clip, watch)
            if self.verifies:
                verify(self.staging.whole(clip), digests=copy.digests, size=copy.size)
            self._pulled[clip] = copy
        card.close()
        self.cpu = time.process_time() - started

    def check(self) -> None:
        for made in self.supply.made:
            copy = self._pulled.pop(made.relative.name)
            if copy.sha256.hex != made.sha256:
                raise WrongResult(f"{made.relative} was pulled as {copy}")
            self.staging.free(made.relative.name)


@dataclass(slots=True, kw_only=True)
class CopyAndHash:
    """The peer: ``cp -r``, perhaps ``sync -f``, then ``sha256sum`` over the copies."""

    supply: Supply
    staging: Path
    syncs: bool
    _said: Sequence[str] = ()

    @property
    def name(self) -> str:
        return "cp + sync -f + sha256sum" if self.syncs else "cp + sha256sum, nothing synced"

    def prepare(self, number: int) -> None:
        self.supply.make(number)

    def run(self) -> None:
        tools.run(["cp", "-r", self.supply.folder, self.staging])
        if self.syncs:
            tools.run(["sync", "-f", self.staging])
        copies = [self.staging / made.relative for made in self.supply.made]
        self._said = tools.run(["sha256sum", *copies]).split()[::2]

    def check(self) -> None:
        if list(self._said) != [made.sha256 for made in self.supply.made]:
            raise WrongResult("sha256sum says other digests than were made")
        shutil.rmtree(self.staging)


def measure(choice: Choice, tell: Tell) -> Report:
    """Race pull, pull with verify, and both peers; then memory at two file sizes."""
    size = choice.megabytes * MEGABYTE
    supply = Supply(folder=choice.folder / "ready", cards=1, files=_FILES, size=size)
    staging = Staging(folder=choice.folder / "staging")
    durable.make_folder(staging.folder)
    pulling = Pulling(supply=supply, staging=staging, verifies=False, name="evidock: pull")
    checked = Pulling(supply=supply, staging=staging, verifies=True, name="evidock: pull + verify")
    bare = CopyAndHash(supply=supply, staging=choice.folder / "copy", syncs=False)
    synced = CopyAndHash(supply=supply, staging=choice.folder / "copy", syncs=True)
    times = race([pulling, bare, checked, synced], choice.rounds, tell)
    raw, many = (_raw(choice, staging, cards, tell) for cards in (1, _MANY))
    return Report(
        bench="pull",
        comparisons=[
            _compared(times, supply, pulling, bare),
            raw.deciding,
            many.deciding,
            *(_compared(times, supply, ours, synced) for ours in (pulling, checked)),
            raw.synced,
            many.synced,
        ],
        deciding=3,
        cache="card cold",
        costs=[
            Cost(step="pull", bytes=supply.bytes, ours=pulling.cpu),
            Cost(step="pull + verify", bytes=supply.bytes, ours=checked.cpu),
            raw.cost,
            many.cost,
        ],
        peaks=[_peak(choice.folder, staging, each) for each in (size, size * _LARGER)],
        facts={"peer_version": tools.version("sha256sum")},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raced:
    """What came of a race from images."""

    deciding: Comparison
    """With the peer that syncs nothing."""
    synced: Comparison
    cost: Cost


def _raw(choice: Choice, staging: Staging, cards: int, tell: Tell) -> _Raced:
    """Race the raw reader over images of *cards* cards with copies from as many folders."""
    size, files = choice.megabytes * MEGABYTE, _FILES if cards == 1 else 1
    supply = Supply(folder=choice.folder / "ready", cards=cards, files=files, size=size)
    images = Images(supply=supply, folder=choice.folder / "images")
    ours = RawPulling(images=images, staging=staging)
    bare, synced = (
        FolderCopies(images=images, staging=choice.folder / "copy", syncs=syncs)
        for syncs in (False, True)
    )
    times = race([ours, bare, synced], choice.rounds, tell)
    compared = partial(_raw_compared, times, supply, ours)
    return _Raced(
        deciding=compared(bare),
        synced=compared(synced),
        cost=Cost(
            step=f"{ours.name}, {cards} at a time",
            bytes=supply.bytes,
            ours=ours.cpu,
            other=ours.apart,
        ),
    )


def _raw_compared(
    times: dict[str, Times], supply: Supply, ours: RawPulling, peer: FolderCopies
) -> Comparison:
    files = len(supply.made) // supply.cards
    return Comparison(
        case=f"{ours.name}, {supply.cards} x {files} x {supply.size // MEGABYTE} MB",
        bytes=supply.bytes,
        ours_name=ours.name,
        ours=times[ours.name],
        peer_name=peer.name,
        peer=times[peer.name],
    )


def _compared(
    times: dict[str, Times], supply: Supply, ours: Pulling, peer: CopyAndHash
) -> Comparison:
    return Comparison(
        case=f"{ours.name}, {_FILES} x {supply.size // MEGABYTE} MB",
        bytes=supply.bytes,
        ours_name=ours.name,
        ours=times[ours.name],
        peer_name=peer.name,
        peer=times[peer.name],
    )


def _peak(folder: Path, staging: Staging, size: int) -> Peak:
    """What was resident at most while one file of *size* bytes was pulled and verified."""
    supply = Supply(folder=folder / "one", cards=1, files=1, size=size)
    pulling = Pulling(supply=supply, staging=staging, verifies=True, name="one")
    pulling.prepare(0)
    own().forget_peak()
    pulling.run()
    peak = own().peak
    pulling.check()
    return Peak(bytes=size, ours=peak)


def _nobody(_bytes: int) -> None:
    """Nobody wants to hear how many bytes were copied."""


if __name__ == "__main__":
    sys.exit(main("pull", __doc__ or "", 128, measure, ("cp", "sha256sum", "sync", "sh", *NEEDS)))
