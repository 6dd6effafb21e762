from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.catalogue import entries, jobs
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.jobs import Conclusion, JobKind
from archive.derive.worker import MOST_TRIES, Worker
from evidence.clock import SystemClock
from evidence.custody import EntryKind
from evidence.errors import RenditionFailed, VaultUnreachable
from tests.archive.house import Footage
from tests.archive.ledger import archive, enrol
from tests.archive.places import here

KIND = JobKind.CHECK_RENDITION


class Hasty(SystemClock):
    """A clock that runs ahead, so that nobody waits for a pause to pass."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=20 * self.monotonic())


@dataclass(slots=True, kw_only=True)
class Errand:
    """A task that does what the test wants, and counts."""

    act: Callable[[int], None] = lambda _count: None
    seconds: float = 0
    done: list[str] = field(default_factory=list)
    kind: JobKind = KIND

    async def do(self, clip: str) -> Conclusion:
        self.done.append(clip)
        await asyncio.sleep(self.seconds)
        self.act(len(self.done))

        def conclude(tx: Transaction) -> None:
            tx.record(EntryKind.CREDENTIALS_READ, "archive", clip=clip)

        return conclude


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[Catalogue]:
    """A catalogue with one clip."""
    opened = await Catalogue.opened(here(tmp_path / "c.sqlite"), Hasty())
    await opened.run(_with_clip)
    yield opened
    await opened.close()


def _with_clip(tx: Transaction) -> None:
    enrol(tx)
    archive(tx, CLIP)
    jobs.put(tx, KIND, CLIP.clip)


CLIP = Footage(data=b"footage")


async def finished(worker: Worker) -> None:
    async with asyncio.timeout(20):
        while await worker.pending():  # noqa: ASYNC110 - it is asked, it does not tell
            await asyncio.sleep(0.02)


async def run(catalogue: Catalogue, errand: Errand, until: Callable[[], bool]) -> None:
    """A worker doing *errand* until *until* is true."""
    worker = Worker(catalogue, SystemClock(), [errand])
    await worker.start()
    async with asyncio.timeout(20):
        while not until():  # noqa: ASYNC110 - it is asked, it does not tell
            await asyncio.sleep(0.02)
    await worker.stop()


async def count(catalogue: Catalogue) -> int:
    return await catalogue.run(entries.count)


async def test_a_job_and_its_entry_are_kept_together(catalogue: Catalogue) -> None:
    before, errand = await count(catalogue), Errand()
    worker = Worker(catalogue, SystemClock(), [errand])

    await worker.start()
    await finished(worker)
    await worker.stop()

    assert errand.done == [CLIP.clip]
    assert await count(catalogue) == before + 1


async def test_what_passes_by_itself_is_tried_again(catalogue: Catalogue) -> None:
    before = await count(catalogue)

    def away(tried: int) -> None:
        if tried == 1:
            raise VaultUnreachable("the store is away")

    errand = Errand(act=away)
    worker = Worker(catalogue, SystemClock(), [errand])
    await worker.start()
    await finished(worker)
    await worker.stop()

    assert len(errand.done) == 2
    assert await count(catalogue) == before + 1
    assert await catalogue.run(jobs.problems) == []


async def test_a_tool_that_always_fails_is_given_up_with_its_words(catalogue: Catalogue) -> None:
    def broken(_tried: int) -> None:
        raise RenditionFailed("ffmpeg ended with signal SIGSEGV")

    errand = Errand(act=broken)
    await run(catalogue, errand, lambda: len(errand.done) == MOST_TRIES)

    problems = await catalogue.run(jobs.problems)
    assert "SIGSEGV" in problems[0]


async def test_a_fault_of_ours_is_given_up_and_the_worker_goes_on(catalogue: Catalogue) -> None:
    def fault(tried: int) -> None:
        if tried == 1:
            raise KeyError("surprise")

    errand = Errand(act=fault)
    worker = Worker(catalogue, SystemClock(), [errand])
    await worker.start()
    await finished(worker)
    assert "KeyError" in (await catalogue.run(jobs.problems))[0]

    await catalogue.run(jobs.put, KIND, CLIP.clip)
    await finished(worker)
    await worker.stop()
    assert len(errand.done) == 2
    assert await catalogue.run(jobs.problems) == []


async def test_a_worker_that_stops_lays_its_job_down(catalogue: Catalogue) -> None:
    errand = Errand(seconds=60)
    await run(catalogue, errand, lambda: errand.done == [CLIP.clip])

    after = Errand()
    await run(catalogue, after, lambda: after.done == [CLIP.clip])
