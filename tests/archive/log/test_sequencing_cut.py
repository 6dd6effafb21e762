"""A batch on its way from committed rows to a signed head is cut off at each durable step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.catalogue import entries as rows
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.working_tables import OfficeRow
from archive.log.log import Log
from archive.log.store import TileStore
from archive.sequencer import Gate, Sequencer
from evidence.clock import SetClock
from evidence.custody import EntryKind
from evidence.errors import DiskFull
from evidence.merkle import leaf_hash, root_of
from evidence.note import open_checkpoint
from evidence.tiles import check_growth
from tests.archive.log.logs import SIGNER, FailingStore, PowerCut, RememberingSigner

OLD, NEW = 250, 260
STEPS = 8
"""As in test_power_cut.py: 2 bundles, 3 tiles, 2 folders of partial ones dropped, 1 checkpoint."""


def add(tx: Transaction, number: int) -> None:
    for _ in range(number):
        tx.record(EntryKind.CREDENTIALS_READ, "owner")


@asynccontextmanager
async def sequencing(
    folder: Path, store: TileStore, signer: RememberingSigner, may_sign: Gate | None = None
) -> AsyncIterator[tuple[Catalogue, Log, Sequencer]]:
    """Rows, log and the sequencer over them as a process has them; it is not started."""
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    catalogue = await Catalogue.opened(folder / "catalogue.sqlite", clock)
    try:
        log = Log.open(store, signer)
        yield catalogue, log, Sequencer(catalogue, log, clock, may_sign)
    finally:
        await catalogue.close()


async def begun(folder: Path, signer: RememberingSigner) -> None:
    """A log of OLD entries, all signed for, and NEW rows."""
    async with sequencing(folder, TileStore(folder / "log"), signer) as (catalogue, _, work):
        for size in (100, OLD - 100):
            await catalogue.run(add, size)
            await work.start()
            await work.stop()
        await catalogue.run(add, NEW - OLD)


async def must_all_be_in(folder: Path, signer: RememberingSigner) -> None:
    """Start again: every row is in the log, and all heads ever signed are of that one tree."""
    async with sequencing(folder, TileStore(folder / "log"), signer) as (catalogue, log, work):
        await work.start()
        await work.stop()
        committed = await catalogue.run(rows.since, 0, NEW + 1)
        claimed = await catalogue.run(lambda tx: tx.session.scalar(select(OfficeRow.size)))
    head = open_checkpoint(log.checkpoint(), [SIGNER.key])
    assert [log.entry(index) for index in range(log.size)] == committed
    assert len(committed) == claimed == head.size == NEW
    check_growth(0, NEW, head.root, log.read)
    leaves = [leaf_hash(raw) for raw in committed]
    assert {each.size for each in signer.signed} == {0, 100, OLD, NEW}
    assert all(each.root == root_of(leaves[: each.size]) for each in signer.signed)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", range(STEPS))
async def test_killed_at_a_step_all_rows_come_in_and_one_tree_is_signed(
    tmp_path: Path, step: int, *, done: bool
) -> None:
    await begun(tmp_path, signer := RememberingSigner())
    store = FailingStore(tmp_path / "log", cut_at=step, done=done)
    async with sequencing(tmp_path, store, signer) as (_, _log, work):
        with pytest.raises(PowerCut):
            await work.start()

    assert store.steps == step + 1
    await must_all_be_in(tmp_path, signer)


async def test_killed_between_claim_and_signature_all_rows_come_in(tmp_path: Path) -> None:
    await begun(tmp_path, signer := RememberingSigner())
    store = TileStore(tmp_path / "log")

    async def cut() -> None:
        raise PowerCut

    async with sequencing(tmp_path, store, signer, cut) as (catalogue, log, work):
        with pytest.raises(PowerCut):
            await work.start()
        claimed = await catalogue.run(lambda tx: tx.session.scalar(select(OfficeRow.size)))

    assert (claimed, log.size) == (NEW, OLD)
    assert {each.size for each in signer.signed} == {0, 100, OLD}
    await must_all_be_in(tmp_path, signer)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("step", range(STEPS))
async def test_after_a_full_disk_at_a_step_the_same_process_goes_on(
    tmp_path: Path, step: int, *, done: bool
) -> None:
    await begun(tmp_path, signer := RememberingSigner())
    full = DiskFull("no room left")
    store = FailingStore(tmp_path / "log", cut_at=step, done=done, by=full)
    async with sequencing(tmp_path, store, signer) as (catalogue, log, work):
        with pytest.raises(DiskFull):
            await work.start()
        work.work.start()
        catalogue.grown.set()
        async with asyncio.timeout(60):
            await work.sequenced(NEW - 1)
        await work.stop()
        assert log.size == NEW

    await must_all_be_in(tmp_path, signer)
