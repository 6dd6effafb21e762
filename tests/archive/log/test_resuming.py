"""A stopped log goes on once a person has looked, and everybody who can be asked was heard."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archive.catalogue import entries
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.log.halt import Halt
from archive.log.witnesses import HALTED, Witnesses
from archive.resuming import resume
from evidence.clock import SystemClock
from evidence.errors import LogBroken, TemporaryError
from tests.archive.log.test_witnesses import liar, opened
from tests.court import made, served

WHY = "the witness court has seen 99 entries of it, and it has 7"


@pytest.fixture
async def catalogue(tmp_path: Path) -> AsyncIterator[Catalogue]:
    there = await Catalogue.opened(tmp_path / "catalogue.sqlite", SystemClock())
    yield there
    await there.close()


def stopped(folder: Path, policy: bytes) -> Witnesses:
    """The witnesses of a log of seven entries that was stopped before."""
    Halt(folder / HALTED).set(WHY)
    return opened(folder, policy, 7)


async def test_heard_by_all_it_goes_on(tmp_path: Path, catalogue: Catalogue) -> None:
    async with served(tmp_path / "court") as court:
        ours = stopped(tmp_path / "home", court.policy())

        resumed = await resume(catalogue, ours)

        assert resumed is not None
        assert (resumed.why, ours.halt.why) == (WHY, None)
        assert await resume(catalogue, ours) is None
        await ours.must_not_know_more()
    assert not (tmp_path / "home" / HALTED).exists()


@pytest.mark.parametrize("answer", [None, (500, b"broken"), (404, b"unknown log"), (200, b"odd")])
async def test_the_witness_that_stopped_it_has_to_be_heard(
    tmp_path: Path, catalogue: Catalogue, answer: tuple[int, bytes] | None
) -> None:
    gone = f"witness court {made(tmp_path / 'gone').key()} http://127.0.0.1:9\nquorum court\n"
    async with liar(tmp_path / "court", *(answer or (500, b""))) as policy:
        ours = stopped(tmp_path / "home", policy if answer else gone.encode())
        with pytest.raises(TemporaryError, match="until the witness court was heard") as told:
            await resume(catalogue, ours)

    assert "taken out of the policy" in told.value.advice
    assert (tmp_path / "home" / HALTED).read_text() == f"{WHY}\n"
    assert await catalogue.run(entries.count) == 0
    without = opened(tmp_path / "home", b"quorum none\n")  # taken out by a person, in writing
    assert await resume(catalogue, without) is not None


async def test_who_cannot_be_asked_from_here_is_named(tmp_path: Path, catalogue: Catalogue) -> None:
    policy = f"witness far {made(tmp_path / 'far').key()}\nquorum far\n"
    ours = stopped(tmp_path / "home", policy.encode())

    assert await resume(catalogue, ours) is not None
    assert ours.by_hand == ["far"]


async def test_what_is_heard_on_the_way_keeps_it_stopped(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    """The act waits for the database; meanwhile a request that is carried says more was seen."""
    far, may = f"witness far {made(tmp_path / 'far').key()}\nquorum far\n", threading.Event()
    ours = stopped(tmp_path / "home", far.encode())

    def busy(_tx: Transaction) -> None:
        may.wait(60)

    held = asyncio.create_task(catalogue.run(busy))
    under_way = asyncio.create_task(resume(catalogue, ours))
    await asyncio.sleep(0.3)
    with pytest.raises(LogBroken):
        await asyncio.to_thread(ours.request, "far", 12)
    may.set()
    await held

    with pytest.raises(LogBroken, match=r"stays stopped: .*said to have seen 12"):
        await under_way
    assert "said to have seen 12" in (tmp_path / "home" / HALTED).read_text()
    with pytest.raises(LogBroken, match="said to have seen 12"):
        await opened(tmp_path / "home", far.encode()).must_not_know_more()
