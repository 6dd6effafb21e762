"""A whole archive on PostgreSQL and a cluster loses part after part while footage comes in.

Killed with -9 in turn: a volume server, the archive that signs, PostgreSQL (the catalogue's and the
filer's), and the archive that signs then.  Nothing is lost or doubled, the log never forks, and it
goes on by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evidence.clip import ClipState
from evidence.clock import SystemClock
from evidence.note import open_checkpoint
from evidence.settings import Settings, StationSettings
from evidence.vault import Bucket
from evidence.vault.embedded import buckets
from evidence.vault.embedded.hardening import Identity
from evidence.vault.s3 import S3Vault
from ingest.rendition.tools import Tools
from station.service import Station, StationParts
from tests.archive.test_office import begins_with
from tests.conftest import Count
from tests.e2e.command import evidock
from tests.engines.seaweedfs import Cluster, cluster
from tests.engines.workers import Heads, Worker, balancer, verifier, worker
from tests.postgres import APP, Server

pytestmark = pytest.mark.slow

CARD = 3
"""Files on each card."""
MORE = 9
"""Clips that must be archived between two faults, and after the last."""
PATIENCE = 180.0


@dataclass(slots=True, kw_only=True)
class Drill:
    """All that runs, and what was put on cards."""

    folder: Path
    postgres: Server
    cluster: Cluster
    workers: list[Worker]
    heads: Heads
    chance: random.Random = field(default_factory=lambda: random.Random(6))
    put: dict[str, str] = field(default_factory=dict)
    """Path below the dock root -> SHA-256."""

    @property
    def signing(self) -> Worker:
        """The worker in office."""
        return next(each for each in self.workers if each.in_office)

    @property
    def docks(self) -> Path:
        return self.folder / "docks"

    def dock(self) -> None:
        """Put one more card into the dock."""
        name = f"card-{len(self.put) // CARD:03}"
        made = self.folder / "made" / name
        made.mkdir(parents=True)
        for number in range(CARD):
            data = self.chance.randbytes(self.chance.randrange(50_000, 3_000_000))
            (made / f"{number}.txt").write_bytes(data)
            self.put[f"{name}/{number}.txt"] = hashlib.sha256(data).hexdigest()
        made.rename(self.docks / name)

    async def volume_server_dies(self) -> None:
        self.cluster.kill("volume2")

    async def volume_server_is_back(self) -> None:
        self.cluster.start_part("volume2")

    async def who_signs_dies(self) -> None:
        for each in self.workers:  # one that met a fault while it started has ended, and said so
            if not each.runs:
                each.start()  # as its service manager does
        dead = self.signing
        dead.kill()
        await until(lambda: any(each.in_office for each in self.workers))
        dead.start()

    async def postgresql_dies(self) -> None:
        await asyncio.to_thread(self.postgres.stop, kill=True)
        await asyncio.sleep(1)
        self.postgres.start()  # it dies with the thread that started it, so with none of a pool

    @asynccontextmanager
    async def station(self) -> AsyncIterator[Station]:
        """The station, which knows one address, whoever is in office."""
        await until(lambda: any(each.in_office for each in self.workers))

        async def code() -> str:
            return self.signing.told["code"]

        async with balancer(self.workers) as address:
            parts = StationParts(
                settings=Settings(station=StationSettings(rescan_seconds=0.1, settle_seconds=0.1)),
                folder=self.folder / "station",
                docks=self.docks,
                receipts=self.folder / "receipts",
                archive_url=address,
                enrolment_code=code,
                clock=SystemClock(),
                tools=Tools.find(),
                reserve=0,
            )
            async with Station.running(parts) as station:
                yield station

    async def go_on(self, station: Station) -> float:
        """Dock cards until MORE clips are archived; the seconds that the first of them took."""
        before, begun, first = await archived(station), time.monotonic(), 0.0
        while (now := await archived(station)) < before + MORE:
            first = first or (time.monotonic() - begun if now > before else 0.0)
            assert time.monotonic() < begun + PATIENCE, self.trouble(station)
            if len(self.put) < now + 4 * CARD:
                await asyncio.to_thread(self.dock)
            await asyncio.sleep(0.1)
        return first

    def trouble(self, station: Station) -> str:
        """What people would be told."""
        running = [(each.home.folder.name, each.in_office, each.runs) for each in self.workers]
        return f"{station.snapshot().problems} workers {running}, see {self.folder}"

    def end(self) -> Worker:
        """End who stands by, then in good order who signs: that one."""
        last = self.signing
        for each in self.workers:
            if each is not last:
                each.kill()
        assert last.stop() == 0
        return last


async def archived(station: Station) -> int:
    """How many clips the station knows to be archived."""
    return sum(each.state is ClipState.ARCHIVED for each in await station.items())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  bounded, and another process is asked
            await asyncio.sleep(0.05)


@pytest.fixture
def drill(postgres: Server, tmp_path: Path) -> Iterator[Drill]:
    del postgres  # it says whether one starts here at all
    (tmp_path / "docks").mkdir()
    for folder in ("station", "receipts"):
        (tmp_path / folder).mkdir()
    with tempfile.TemporaryDirectory(prefix="evidock-pg-") as own:
        server = Server.made(Path(own))
        server.start()
        server.prepare()
        with cluster(tmp_path / "cluster", server) as store, server.database() as database:
            names = buckets.names("drill")
            buckets.prepare(S3Vault(store.settings(Identity.ROOT, names)))
            known = store.settings(Identity.ARCHIVE, names)
            address = server.url(database, APP).render_as_string()
            first = worker(tmp_path / "worker-a", known, address)
            verifier(first)
            key = first.home.archive / "log.key"
            workers = [first, worker(tmp_path / "worker-b", known, address, key)]
            with Heads(workers=workers) as heads:
                made = Drill(
                    folder=tmp_path,
                    postgres=server,
                    cluster=store,
                    workers=workers,
                    heads=heads,
                )
                for each in workers:
                    each.start()
                yield made
                for each in workers:
                    if each.runs:
                        each.kill()
        server.stop()


async def test_each_part_dies_under_load_and_nothing_is_lost(drill: Drill, count: Count) -> None:
    faults = (
        drill.volume_server_dies,
        drill.volume_server_is_back,
        drill.who_signs_dies,
        drill.postgresql_dies,
        drill.who_signs_dies,
    )
    took = {}
    async with drill.station() as station:
        await drill.go_on(station)
        for number, fault in enumerate(faults):
            await fault()
            took[f"{number} {fault.__name__}"] = await drill.go_on(station)
        await until_all(drill, station)
        told = {each.folder + b"/" + each.path: each for each in await station.items()}

    last = await asyncio.to_thread(drill.end)

    assert {path.decode(): str(each.sha256) for path, each in told.items()} == drill.put
    assert versions(drill) == Counter(set(drill.put.values()))
    assert forks(drill, last) == []
    checked = await asyncio.to_thread(evidock, "fsck", "--home", last.home.folder)
    assert checked.code == 0, checked.stdout + checked.stderr
    count(f"cluster drill: {len(drill.put)} clips, {len(drill.heads.seen)} heads, 0 lost; {took}")


async def until_all(drill: Drill, station: Station) -> None:
    """Wait until all that was ever docked is archived."""
    async with asyncio.timeout(PATIENCE):
        while await archived(station) < len(drill.put):  # noqa: ASYNC110  as in until
            await asyncio.sleep(0.1)
        await station.wait_settled()


def versions(drill: Drill) -> Counter[str]:
    """How many versions the store holds of each original, by its own listing and its bytes."""
    vault = S3Vault(drill.cluster.settings(Identity.ROOT, buckets.names("drill")))
    held = [each for each in vault.versions(Bucket.ORIGINALS) if not each.key.startswith(".")]
    read = (b"".join(vault.read(v.bucket, v.key, v.version_id)) for v in held)
    return Counter(hashlib.sha256(data).hexdigest() for data in read)


def forks(drill: Drill, last: Worker) -> list[bytes]:
    """The heads ever seen that the log of the *last* worker does not extend."""
    key = verifier(last)
    return [
        head
        for head in drill.heads.seen
        if not begins_with(last.home.archive, open_checkpoint(head, [key]))
    ]
