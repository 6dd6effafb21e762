"""An archive over two vaults of a real engine, in a process of its own that is to be killed.

``python -m tests.crash.keeping ORDERS`` says ``ready`` once its archive is open, with all its
background work; ``done``, and ends, once there is nothing left of what it is to do.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from archive.catalogue.moves import Which
from archive.copies import Side
from archive.fixity.rounds import How, Rounds
from archive.parts import ArchiveParts
from archive.service import Archive
from evidence.clock import SetClock, SystemClock
from evidence.settings import WitnessesSettings
from evidence.vault import Bucket
from evidence.vault.s3 import S3Settings, S3Vault
from tests.archive import house

_ALL = timedelta(hours=6) / timedelta(days=1)
"""Rounds of so many days look at all clips in one share."""


class ShiftedClock(SystemClock):
    """The host's clock, set *ahead* (or back)."""

    def __init__(self, ahead: timedelta) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An engine's store, as it is told over the command line."""

    endpoint: str
    access_key: str
    secret_key: str
    buckets: Mapping[Bucket, str]
    data: Path
    """The folder that is synced."""

    @classmethod
    def of(cls, settings: S3Settings) -> Store:
        return cls(
            endpoint=settings.endpoint,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            buckets=settings.buckets,
            data=Path(settings.durability),
        )

    def vault(self) -> S3Vault:
        return S3Vault(
            S3Settings(
                endpoint=self.endpoint,
                access_key=self.access_key,
                secret_key=self.secret_key,
                buckets=self.buckets,
                durability=self.data,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What archive it is, and what it is to do."""

    folder: Path
    """Where the archive's own folder lies."""
    first: Store
    second: Store
    ahead: float = 0.0
    """Seconds that its clock is ahead of the host's."""
    utc_offset_minutes: int = 0
    policy: str = ""
    """The file that names its witnesses; empty: it has none."""
    work: str = "keep"

    @property
    def text(self) -> str:
        return msgspec.json.encode(self, enc_hook=str).decode()

    @classmethod
    def parse(cls, text: str) -> Orders:
        return msgspec.json.decode(text, type=cls, dec_hook=lambda kind, told: kind(told))

    @property
    def clock(self) -> ShiftedClock:
        return ShiftedClock(timedelta(seconds=self.ahead))

    def parts(self) -> ArchiveParts:
        """What the archive is made of."""
        clock = self.clock
        made = house.parts(
            self.folder,
            self.first.vault(),
            SetClock(clock.now()),
            utc_offset_minutes=self.utc_offset_minutes,
        )
        told = WitnessesSettings(policy=self.policy, every_seconds=3600)
        settings = replace(made.settings, witnesses=told) if self.policy else made.settings
        second = Side(vault=self.second.vault())
        return replace(made, settings=settings, clock=clock, second=second)


async def keep(archive: Archive) -> None:
    """Copy what has no copy and mend what is wrong, at the same time, until neither is left."""
    await asyncio.gather(_copied(archive), _mended(archive))


async def dispose(archive: Archive) -> None:
    """Destroy what two persons agreed to let go, until nothing of it is left."""
    while True:
        walked = await archive.dispose_now()
        if not walked.done and not archive._disposer.problems:
            return


async def _copied(archive: Archive) -> None:
    assert archive.upkeep.second is not None
    while (await archive.upkeep.second.behind()).clips:
        await archive.upkeep.second.copy_now()


async def _mended(archive: Archive) -> None:
    looking = [rounds(archive, which) for which in Which]
    while True:
        for each in looking:
            await each.share_now()
        if not any(each.wrong for each in looking):
            return


def rounds(archive: Archive, which: Which) -> Rounds:
    """Rounds that look at all clips in one share, without patience, and have them mended."""
    parts, upkeep = archive._parts, archive.upkeep
    assert parts.second is not None
    assert upkeep._repairs is not None
    vault = parts.vault if which is Which.FIRST else parts.second.vault
    how = How(which=which, days=_ALL, pauses=(), mend=upkeep._repairs.mend)
    return Rounds(archive.books.catalogue, vault, parts.clock, how, agency="lab")


WORK: Mapping[str, Callable[[Archive], Awaitable[None]]] = {"keep": keep, "dispose": dispose}


async def main(orders: Orders) -> None:
    async with Archive.running(orders.parts()) as archive:
        _say("ready")
        await WORK[orders.work](archive)
        _say("done")


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(main(Orders.parse(sys.argv[1])))
