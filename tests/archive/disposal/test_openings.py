"""Openings that are being kept while their clip goes: nothing that people wrote of it is left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue.moves import Which
from archive.copies import Side
from archive.openings import OpeningsKeeper, key_of
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket, StoredVersion
from tests.archive.disposal.ending import Ending, ending
from tests.archive.disposal.test_vaults import stubborn
from tests.archive.house import House
from tests.faults.lab import RottingVault

OPENINGS = "lab/openings/"


class Slow(RottingVault):
    """A vault in which one object waits, before it is stored, until somebody lets it through."""

    def hold_up(self, key: str) -> None:
        self.slow, self.entered, self.through = key, threading.Event(), threading.Event()

    slow = ""

    def put(self, bucket: Bucket, key: str, *args: object, **more: object) -> StoredVersion:
        if key == self.slow:
            self.entered.set()
            assert self.through.wait(60)
        return super().put(bucket, key, *args, **more)  # type: ignore[arg-type]


@asynccontextmanager
async def slow(house: House, folder: Path) -> AsyncIterator[tuple[Ending, dict[Which, Slow]]]:
    vaults = {which: Slow(house.clock) for which in Which}
    second = vaults[Which.SECOND]
    there = house.with_(vault=vaults[Which.FIRST], second=Side(vault=second, send=second.accept))
    async with ending(replace(there, vault=vaults[Which.FIRST]), folder) as end:
        await end.copying_stopped()
        yield end, vaults


async def held_once(end: Ending) -> tuple[str, list[int]]:
    """A clip that two persons agreed to let go, and the entries of the hold that it once had."""
    clip = await end.archive()
    await end.hold(clip)
    await end.lift_all(clip)
    (row,) = await end.rows("hold", clip)
    await end.agreed(clip)
    await end.cosign()
    await end.quiet()
    await end.door.archive._copy_out()
    return clip, [int(str(row["by_entry"])), int(str(row["lifted_entry"]))]


def kept(vault: RottingVault, entries: list[int]) -> list[str]:
    """Which openings of *entries* lie in *vault*."""
    wanted = {key_of("lab", each) for each in entries}
    return [key for key, _ in vault.objects(Bucket.RECORDS, OPENINGS) if key in wanted]


def keeper(end: Ending, vault: Slow) -> OpeningsKeeper:
    """One that has kept nothing yet."""
    archive = end.door.archive
    turns = archive.upkeep.turns
    return OpeningsKeeper(archive.books.catalogue, vault, "lab", turns, work="another")


@pytest.mark.parametrize("which", Which)
async def test_what_was_read_before_its_clip_went_is_not_kept(
    house: House, tmp_path: Path, which: Which
) -> None:
    async with slow(house, tmp_path / "court") as (end, vaults):
        clip, entries = await held_once(end)
        vaults[which].hold_up(key_of("lab", min(entries) - 1))  # a person's, which comes before
        keeping = asyncio.ensure_future(
            keeper(end, vaults[which]).run(end.door.archive.books.log.size)
        )
        await asyncio.to_thread(vaults[which].entered.wait, 60)

        walked = await end.door.archive.dispose_now()
        vaults[which].through.set()
        await keeping

        assert walked.done == (clip,)
        assert [kept(each, entries) for each in vaults.values()] == [[], []]
        assert await end.fsck() == []


@pytest.mark.parametrize("which", Which)
async def test_what_is_being_kept_is_there_before_its_clip_may_go(
    house: House, tmp_path: Path, which: Which
) -> None:
    async with slow(house, tmp_path / "court") as (end, vaults):
        clip, entries = await held_once(end)
        vaults[which].hold_up(key_of("lab", entries[0]))
        keeping = asyncio.ensure_future(
            keeper(end, vaults[which]).run(end.door.archive.books.log.size)
        )
        await asyncio.to_thread(vaults[which].entered.wait, 60)
        walking = asyncio.ensure_future(end.door.archive.dispose_now())
        await asyncio.sleep(0.2)  # whoever does not wait its turn is done by now
        assert await end.entries("dispose.begin") == []

        vaults[which].through.set()
        await keeping

        assert (await walking).done == (clip,)
        assert [kept(each, entries) for each in vaults.values()] == [[], []]
        assert await end.fsck() == []


@pytest.mark.parametrize("deletes", range(4))
async def test_an_end_that_was_cut_off_is_no_difference(
    house: House, tmp_path: Path, deletes: int
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, _):
        clip, _entries = await held_once(end)
        first.deletes_left = deletes
        with pytest.raises(VaultUnreachable):
            await end.door.archive.dispose_now()

        assert await end.fsck() == []
        first.deletes_left = None
        assert (await end.walk()).done == (clip,)
        assert await end.fsck() == []


@pytest.mark.parametrize("which", Which)
async def test_what_is_there_after_the_tombstone_is_found(
    house: House, tmp_path: Path, which: Which
) -> None:
    async with slow(house, tmp_path / "court") as (end, vaults):
        _clip, entries = await held_once(end)
        key = key_of("lab", entries[0])
        held = vaults[Which.FIRST].find(Bucket.RECORDS, key)
        assert held is not None
        words = b"".join(vaults[Which.FIRST].read(Bucket.RECORDS, key, held.version_id))
        await end.door.archive.dispose_now()
        end.later(timedelta(hours=1))

        vaults[which].put(Bucket.RECORDS, key, words)

        where = "" if which is Which.FIRST else " in the second vault"
        problem = "is there, and the clip was disposed of (step 14)"
        assert await end.fsck() == [f"openings records/{key}{where}: {problem}"]
