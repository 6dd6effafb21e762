"""What vaults do to a disposal: it ends in every one of them, or it does not end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue import holds
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import CopyRow
from archive.copies import Side
from evidence.clock import Clock
from evidence.errors import OutOfTurn, VaultUnreachable
from evidence.vault import Bucket, Lock, LockedError
from evidence.wire import IntakeAnswer
from tests.archive.disposal.ending import (
    FOOTAGE,
    SAME,
    Ending,
    ending,
    left_of,
    originals,
)
from tests.archive.house import House
from tests.faults.lab import RottingVault


class Stubborn(RottingVault):
    """A vault whose deletes can be made to fail, to be refused, or to be a lie."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.deletes_left: int | None = None
        """After so many it answers nothing; None: without end."""
        self.refuses = self.pretends = False

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        if self.deletes_left == 0:
            raise VaultUnreachable("the store does not answer")
        if self.deletes_left is not None:
            self.deletes_left -= 1
        if self.refuses:
            raise LockedError(f"{key}: 403 AccessDenied")
        if not self.pretends:
            super().delete_version(bucket, key, version_id)


class Late(RottingVault):
    """Another clip's lock reaches an original between the look at it and its end."""

    lock_next: Lock | None = None

    def delete_version(self, bucket: Bucket, key: str, version_id: str) -> None:
        if bucket is Bucket.ORIGINALS and self.lock_next is not None:
            self.extend_lock(bucket, key, version_id, self.lock_next)
        super().delete_version(bucket, key, version_id)


@asynccontextmanager
async def stubborn(house: House, folder: Path) -> AsyncIterator[tuple[Ending, Stubborn, Stubborn]]:
    """An archive with two vaults, and both of them."""
    first, second = Stubborn(house.clock), Stubborn(house.clock)
    side = Side(vault=second, send=second.accept)
    there = house.with_(vault=first, second=side, send=first.accept)
    async with ending(replace(there, vault=first), folder) as end:
        await end.copying_stopped()
        yield end, first, second


async def copied(end: Ending) -> str:
    """A clip that lies in both vaults, and that two agreed on."""
    clip = await end.archive()
    await (await end.station()).derive(clip)
    await end.copy()
    await end.agreed(clip)
    return clip


async def test_it_goes_from_the_second_vault_too(house: House, tmp_path: Path) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, second):
        clip = await copied(end)
        assert originals(second) != []

        walked = await end.walk()

        assert walked.done == (clip,)
        for vault in (first, second):
            assert (left_of(vault, clip), originals(vault)) == ([], [])
        (done,) = await end.entries("dispose.done")
        assert {each["vault"] for each in done["objects"]} == {"first", "second"}
        await end.copy()
        assert originals(second) == []
        assert await end.fsck() == []


async def test_a_dead_second_vault_holds_it_up_before_anything_is_destroyed(
    house: House, tmp_path: Path
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, second):
        clip = await copied(end)
        second.reads_left = 0

        with pytest.raises(VaultUnreachable):
            await end.walk()

        assert originals(first) != []
        assert await end.entries("dispose.begin") == []
        second.reads_left = None
        assert (await end.walk()).done == (clip,)


@pytest.mark.parametrize("deletes", range(7))
async def test_cut_off_after_any_delete_the_next_walk_ends_it(
    house: House, tmp_path: Path, deletes: int
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, second):
        clip = await copied(end)
        first.deletes_left = second.deletes_left = deletes
        with pytest.raises(VaultUnreachable):
            await end.walk()
        assert await end.entries("dispose.done") == []
        assert await end.fsck() == []  # that bytes are gone is as it should be
        with pytest.raises(OutOfTurn, match="has begun"):
            await end.run(holds.set_hold, await end.person("Ada"), clip, "a court", "appeal")
        first.deletes_left = second.deletes_left = None

        walked = await end.walk()

        assert walked.done == (clip,)
        (begun,), (done,) = await end.entries("dispose.begin"), await end.entries("dispose.done")
        assert sorted(map(str, done["objects"])) == sorted(map(str, begun["objects"]))
        for vault in (first, second):
            assert (left_of(vault, clip), originals(vault)) == ([], [])
        assert await end.fsck() == []


@pytest.mark.parametrize("which", [0, 1])
async def test_a_vault_that_refuses_is_a_problem_and_nothing_is_said_to_be_gone(
    house: House, tmp_path: Path, which: int
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, second):
        clip = await copied(end)
        (first, second)[which].refuses = True

        walked = await end.walk()

        assert walked.done == ()
        assert "is not given up" in end.problems()[0]
        assert clip in end.problems()[0]
        assert await end.entries("dispose.done") == []
        (first, second)[which].refuses = False
        assert (await end.walk()).done == (clip,)
        assert end.problems() == []


async def test_a_vault_that_lies_is_a_problem_and_nothing_is_said_to_be_gone(
    house: House, tmp_path: Path
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, first, _):
        clip = await copied(end)
        first.pretends = True

        walked = await end.walk()

        assert walked.done == ()
        assert "was destroyed, and is there" in end.problems()[0]
        assert await end.entries("dispose.done") == []
        first.pretends = False
        assert (await end.walk()).done == (clip,)


async def test_what_comes_in_with_the_same_bytes_meanwhile_keeps_them(end: Ending) -> None:
    clip, vault = await end.archive(), end.door.vault
    await end.agreed(clip)
    station = await end.station()
    await station.pull(SAME)
    wanted = (await station.offer(SAME)).as_(IntakeAnswer)  # taken in from what is there, locked
    other = SAME.clip if wanted.archived else ""

    walked = await end.walk()

    assert (walked.done, other) == ((clip,), SAME.clip)
    assert originals(vault) == [f"lab/{FOOTAGE.sha256.hex}"]
    assert await end.fsck() == []


async def test_bytes_that_were_locked_for_another_clip_are_not_given_up(
    house: House, tmp_path: Path
) -> None:
    vault = Late(house.clock)
    async with ending(replace(house.with_(vault=vault), vault=vault), tmp_path / "court") as end:
        clip = await end.archive()
        await end.agreed(clip)
        vault.lock_next = end.lease()
        station = await end.station()

        stuck = await end.walk()
        vault.lock_next = None
        other = await station.archive(SAME)
        walked = await end.walk()

        assert (stuck.done, walked.done) == ((), (clip,))
        assert originals(vault) == [f"lab/{FOOTAGE.sha256.hex}"]
        assert other.clip == SAME.clip
        assert await end.fsck() == []


async def test_a_copy_in_a_bucket_that_is_no_longer_set_up_holds_it_up(
    house: House, tmp_path: Path
) -> None:
    async with stubborn(house, tmp_path / "court") as (end, _first, _second):
        clip = await copied(end)
        await end.run(_elsewhere, clip)

        assert (await end.walk()).done == ()
        assert "a bucket of no vault that is set up here" in end.problems()[0]
        assert await end.entries("dispose.begin") == []


def _elsewhere(tx: Transaction, clip: str) -> None:
    tx.session.get_one(CopyRow, clip).bucket = "the-one-before"
