"""An archive with two vaults in memory, whose bytes and locks can be altered behind its back."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from archive.catalogue import stored
from archive.catalogue.moves import Which
from archive.copies import Side
from archive.copies.repairing import Repairs
from archive.copies.replicating import Replication
from archive.fixity import Finding
from archive.fixity.rounds import How, Rounds
from evidence.custody import Entry
from evidence.vault import Bucket
from tests.archive.house import Footage, House, Open
from tests.faults.lab import RottingVault
from tests.faults.liars import Liar

MANIFESTS = "lab/manifests/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An open archive and both vaults."""

    door: Open
    vaults: Mapping[Which, RottingVault]
    looking: dict[Which, Rounds] = field(default_factory=dict)

    @property
    def first(self) -> RottingVault:
        return self.vaults[Which.FIRST]

    @property
    def second(self) -> RottingVault:
        return self.vaults[Which.SECOND]

    @property
    def replication(self) -> Replication:
        found = self.door.archive.upkeep.second
        assert found is not None
        return found

    @property
    def repairs(self) -> Repairs:
        found = self.door.archive.upkeep._repairs
        assert found is not None
        return found

    async def take_in(self, clips: int, seed: int = 0) -> None:
        """Archive so many clips, and copy them."""
        station = await self.door.station()
        for number in range(clips):
            data = random.Random(seed + number).randbytes(500 + number)
            await station.archive(Footage(data=data, path=b"%d-%d.MP4" % (seed, number)))
        await self.signed()
        await self.replication.copy_now()

    async def signed(self) -> None:
        """Return once everything committed is signed for."""
        await self.door.archive._books.sequencer.sequenced(await self.last())

    async def last(self) -> int:
        return await self.door.archive._books.catalogue.run(stored.last_entry)

    async def look(self, *which: Which) -> list[str]:
        """Have all clips looked at once in these vaults, or in both; what stays a problem."""
        self.door.clock.advance(1)
        rounds = [self._rounds(each) for each in which or tuple(Which)]
        for each in rounds:
            await each.share_now()
        wrong = {clip for each in rounds for clip in each.wrong}
        return [*self.repairs.problems(wrong), *(p for each in rounds for p in each.problems)]

    def _rounds(self, which: Which) -> Rounds:
        return self.looking.setdefault(which, self.rounds(which))

    def rounds(self, which: Which) -> Rounds:
        """Rounds that look at all clips in one share, without patience."""
        days = timedelta(hours=6) / timedelta(days=1)
        how = How(which=which, days=days, pauses=(), mend=self.repairs.mend)
        books = self.door.archive._books
        return Rounds(books.catalogue, self.vaults[which], self.door.clock, how, agency="lab")

    async def fsck(self) -> Sequence[Finding]:
        return await self.door.archive.examine(lambda *_: None)

    async def entries(self, kind: str) -> list[Mapping[str, object]]:
        """The entries of one kind."""
        rows = await self.door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
        raws = [row["raw"] for row in rows]
        return [Entry(raw).fields for raw in raws if isinstance(raw, bytes)]

    def originals(self, which: Which) -> list[tuple[str, str]]:
        return self.vaults[which].objects(Bucket.ORIGINALS, "lab/")

    def manifests(self, which: Which) -> list[tuple[str, str]]:
        return self.vaults[which].objects(Bucket.RECORDS, MANIFESTS)


class Doubtful(RottingVault, Liar):
    """A vault that lies once it is told to."""


def two(
    folder: Path,
    prove: Callable[[], object] | None = None,
    first: type[RottingVault] = RottingVault,
    second: type[RottingVault] = RottingVault,
) -> House:
    """A house with two vaults."""
    house = House.at(folder)
    one, other = first(house.clock), second(house.clock)
    side = Side(vault=other, send=other.accept)
    side = side if prove is None else replace(side, prove=prove)
    return replace(house.with_(vault=one, second=side, send=one.accept), vault=one)


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[Pair]:
    """The house, open, its own copying stopped: the test decides when."""
    async with house.opened() as door:
        first, side = house.vault, house.parts.second
        assert isinstance(first, RottingVault)
        assert side is not None
        assert isinstance(side.vault, RottingVault)
        pair = Pair(door=door, vaults={Which.FIRST: first, Which.SECOND: side.vault})
        await pair.replication.work.stop()
        yield pair
