"""Copying and repairing under way while a clip goes: nothing is left, nothing is unrecorded."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import copies
from archive.catalogue.copies import Stored, Waiting
from archive.catalogue.moves import Which
from archive.copies import Side
from archive.copies.replicating import Replication
from archive.disposal.walking import Walked
from archive.fixity import Component, Finding, Step
from evidence.errors import OutOfTurn
from evidence.vault import Bucket, StoredVersion
from tests.archive.disposal.ending import FOOTAGE, SAME, Ending, ending, left_of, originals
from tests.archive.house import House
from tests.faults.lab import RottingVault, flipped

KEY = f"lab/{FOOTAGE.sha256.hex}"
ORIGINAL = Finding(step=Step.ORIGINALS, component=Component.ORIGINAL, subject="", problem="")


class Slow(RottingVault):
    """A vault whose next originals wait until somebody lets them through."""

    entered: threading.Event | None = None
    through: threading.Event | None = None

    def put(self, bucket: Bucket, *args: object, **more: object) -> StoredVersion:
        if bucket is Bucket.ORIGINALS and self.entered and self.through:
            self.entered.set()
            assert self.through.wait(60)
        return super().put(bucket, *args, **more)  # type: ignore[arg-type]

    def hold_up(self) -> None:
        self.entered, self.through = threading.Event(), threading.Event()


@asynccontextmanager
async def slow(house: House, folder: Path) -> AsyncIterator[tuple[Ending, Slow, Slow]]:
    first, second = Slow(house.clock), Slow(house.clock)
    there = house.with_(vault=first, second=Side(vault=second, send=second.accept))
    async with ending(replace(there, vault=first), folder) as end:
        await end.copying_stopped()
        yield end, first, second


def replication(end: Ending) -> Replication:
    found = end.door.archive.upkeep.second
    assert found is not None
    return found


async def walked_meanwhile(end: Ending, vault: Slow, work: Awaitable[object]) -> Walked:
    """What a walk comes to that began while *work* was storing something in *vault*."""
    await end.cosign()
    await end.quiet()
    vault.hold_up()
    assert vault.entered is not None
    assert vault.through is not None
    working = asyncio.ensure_future(work)
    assert await asyncio.to_thread(vault.entered.wait, 60)
    walking = asyncio.ensure_future(end.door.archive.dispose_now())
    await asyncio.sleep(0.2)  # whoever does not wait its turn is done by now
    assert await end.entries("dispose.begin") == []
    vault.through.set()
    await working
    return await walking


async def waiting(end: Ending) -> list[Waiting]:
    """What is to be copied now."""
    bucket = end.door.archive.upkeep.copies_in
    return await end.run(copies.waiting, bucket, -1, 10**6, 100)


async def test_a_copy_under_way_is_on_record_before_the_clip_may_go(
    house: House, tmp_path: Path
) -> None:
    async with slow(house, tmp_path / "court") as (end, first, second):
        clip = await end.archive()
        await end.agreed(clip)

        walked = await walked_meanwhile(end, second, end.copy())

        assert {each.step for each in walked.waiting[clip]} == {6}  # its copy is locked for a day
        assert len(await end.entries("copy.verified")) == 1
        end.later(timedelta(days=2))
        assert (await end.walk()).done == (clip,)
        for vault in (first, second):
            assert (left_of(vault, clip), originals(vault)) == ([], [])
        assert await end.fsck() == []


async def test_a_repair_under_way_is_on_record_before_the_clip_may_go(
    house: House, tmp_path: Path
) -> None:
    async with slow(house, tmp_path / "court") as (end, first, second):
        clip = await end.archive()
        await end.copy()
        await end.agreed(clip)
        ((key, version),) = first.objects(Bucket.ORIGINALS)
        first.alter(Bucket.ORIGINALS, key, version, lambda data: flipped(data, random.Random(1)))
        repairs = end.door.archive.upkeep._repairs
        assert repairs is not None

        walked = await walked_meanwhile(end, first, repairs.mend(clip, Which.FIRST, [ORIGINAL]))

        assert {each.step for each in walked.waiting[clip]} == {6}
        assert len(await end.entries("fixity.repair")) == 1
        end.later(timedelta(days=2))
        assert (await end.walk()).done == (clip,)
        assert originals(first) == originals(second) == []
        assert await end.fsck() == []


async def test_what_went_before_its_turn_is_not_copied(house: House, tmp_path: Path) -> None:
    async with slow(house, tmp_path / "court") as (end, _, second):
        clip = await end.archive()
        await end.agreed(clip)
        listed = await waiting(end)
        await end.walk()

        copied = await replication(end)._try_all(listed)

        assert [each.clip for each in listed] == [clip]
        assert (copied, originals(second), replication(end).problems) == (0, [], [])


async def test_of_the_same_bytes_one_is_copied_while_the_other_goes(
    house: House, tmp_path: Path
) -> None:
    async with slow(house, tmp_path / "court") as (end, first, second):
        clip, other = await end.archive(), await end.archive(SAME)
        await end.agreed(clip)

        walked = await walked_meanwhile(end, second, end.copy())

        end.later(timedelta(days=2))
        assert (walked.done, (await end.walk()).done) == ((), (clip,))
        assert originals(first) == originals(second) == [KEY]
        assert [row["clip"] for row in await end.rows("copy", other)] == [other]
        assert await end.fsck() == []


def stored(version: StoredVersion, second: RottingVault) -> Stored:
    assert version.lock is not None
    return Stored(
        bucket=second.bucket_name(version.bucket),
        key=version.key,
        version=version.version_id,
        lock=version.lock,
        sha256=FOOTAGE.sha256.hex,
        size=version.size,
    )


async def test_a_copy_of_what_is_gone_is_refused_told_and_found(
    house: House, tmp_path: Path
) -> None:
    async with slow(house, tmp_path / "court") as (end, _, second):
        clip = await end.archive()
        await end.agreed(clip)
        await end.walk()
        lies = second.put(Bucket.ORIGINALS, KEY, FOOTAGE.data, lock=end.lease())
        told = stored(lies, second)

        with pytest.raises(OutOfTurn, match="was disposed of"):
            await end.run(copies.keep, clip, told, told)
        assert not await replication(end)._keep(clip, told, told)

        assert await end.entries("copy.verified") == []
        assert f"version {lies.version_id} lies in the second vault" in str(end.copying_problems())
        problem = "is there, and the clip was disposed of (step 7)"
        assert await end.fsck() == [f"original originals/{KEY} in the second vault: {problem}"]
        end.later(timedelta(days=100))
        second.delete_version(Bucket.ORIGINALS, KEY, lies.version_id)
        await end.copy()
        assert (end.copying_problems(), await end.fsck()) == ([], [])


async def test_bytes_that_came_in_again_are_no_difference(house: House, tmp_path: Path) -> None:
    async with slow(house, tmp_path / "court") as (end, _, second):
        clip = await end.archive()
        await end.agreed(clip)
        await end.walk()
        await end.archive(SAME)
        await end.copy()

        assert (originals(second), await end.fsck()) == ([KEY], [])


async def test_a_second_vault_that_is_away_keeps_fsck_from_nothing_else(
    house: House, tmp_path: Path
) -> None:
    async with slow(house, tmp_path / "court") as (end, _, second):
        clip = await end.archive()
        await end.agreed(clip)
        await end.walk()
        second.reads_left = 0
        second.silent = {(bucket, clip) for bucket in Bucket}

        (found,) = await end.fsck()

        assert "the second vault: does not answer" in found
