"""The second vault: what comes in is copied, and nothing counts before it was read back there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue.moves import Which
from evidence.clock import stamp
from evidence.errors import VaultUnfit, VaultUnreachable
from evidence.vault import Bucket
from tests.archive.copies.pair import Doubtful, Pair, opened, two
from tests.archive.house import Footage
from tests.faults.liars import Lie


@pytest.fixture
async def pair(place: None, tmp_path: Path) -> AsyncIterator[Pair]:  # noqa: ARG001
    async with opened(two(tmp_path)) as found:
        yield found


def keys(versions: list[tuple[str, str]]) -> list[str]:
    return sorted(key for key, _ in versions)


async def test_everything_lies_in_both_vaults_under_the_same_key(pair: Pair) -> None:
    await pair.take_in(3)

    assert keys(pair.originals(Which.SECOND)) == keys(pair.originals(Which.FIRST))
    assert keys(pair.manifests(Which.SECOND)) == keys(pair.manifests(Which.FIRST))
    copied = await pair.entries("copy.verified")
    places = [(each["key"], each["version"]) for each in copied]
    assert sorted(places) == sorted(pair.originals(Which.SECOND))
    assert await pair.door.archive.problems() == []
    assert await pair.fsck() == []


async def test_a_copy_is_locked_as_long_as_the_original(pair: Pair) -> None:
    await pair.take_in(1)
    ((key, version),) = pair.originals(Which.FIRST)
    ((_, copy),) = pair.originals(Which.SECOND)
    original = pair.first.find(Bucket.ORIGINALS, key, version)
    copied = pair.second.find(Bucket.ORIGINALS, key, copy)
    ((key, version),) = pair.manifests(Which.SECOND)
    manifest = pair.second.find(Bucket.RECORDS, key, version)

    assert original is not None
    assert original.lock is not None
    for each in (copied, manifest):
        assert each is not None
        assert each.lock is not None
        assert each.lock.covers(original.lock)


async def test_log_openings_and_records_lie_there_too(pair: Pair) -> None:
    await pair.take_in(2)
    await pair.door.archive.census_now()
    await pair.signed()
    await pair.replication.copy_now()
    await pair.door.archive._copy_out()

    first, second = (
        {key for key, _ in vault.objects(Bucket.RECORDS)} for vault in (pair.first, pair.second)
    )
    assert any("/census/" in key for key in second)
    assert any("/openings/" in key for key in second)
    assert {key for key in first if not key.startswith("log/")} <= second
    assert {"log/checkpoint"} <= second
    held = pair.second.find(Bucket.RECORDS, "log/checkpoint")
    assert held is not None


async def test_two_clips_of_one_original_share_its_copy(pair: Pair) -> None:
    station = await pair.door.station()
    for name in (b"1.MP4", b"2.MP4"):
        await station.archive(Footage(data=b"the same", path=name))
    await pair.signed()

    assert await pair.replication.copy_now() == 2
    assert len(pair.originals(Which.SECOND)) == 1
    assert len(await pair.entries("copy.verified")) == 2


async def test_of_many_clips_each_original_is_copied_once(pair: Pair) -> None:
    station = await pair.door.station()
    for number in range(14):
        data = b"footage %d" % (number % 5)
        await station.archive(Footage(data=data, path=b"%d.MP4" % number))
    await pair.signed()

    assert await pair.replication.copy_now() == 14
    assert len(pair.originals(Which.SECOND)) == 5
    assert len(pair.manifests(Which.SECOND)) == 14
    assert await pair.look() == []


async def test_what_is_copied_is_not_copied_again(pair: Pair) -> None:
    await pair.take_in(2)

    assert await pair.replication.copy_now() == 0
    assert len(pair.originals(Which.SECOND)) == 2


async def test_a_copy_follows_a_lock_that_becomes_longer(pair: Pair) -> None:
    await pair.take_in(2)
    ((key, version), _) = pair.originals(Which.FIRST)
    longer = pair.door.clock.now() + timedelta(days=400)
    books = pair.door.archive.books
    where = f"SET lock_until = '{stamp(longer)}' WHERE version_id = '{version}'"
    await books.catalogue.run(
        lambda tx: tx.session.connection().exec_driver_sql(f"UPDATE clip {where}")
    )
    pair.door.clock.advance(3601)

    assert await pair.replication.copy_now() == 1
    assert await pair.replication.copy_now() == 0
    (copy,) = [each for each in pair.originals(Which.SECOND) if each[0] == key]
    held = pair.second.find(Bucket.ORIGINALS, *copy)
    assert held is not None
    assert held.lock is not None
    assert held.lock.until >= longer


async def test_an_original_that_is_wrong_is_not_copied(pair: Pair) -> None:
    station = await pair.door.station()
    await station.archive(Footage(data=b"footage"))
    ((key, version),) = pair.originals(Which.FIRST)
    undo = pair.first.alter(Bucket.ORIGINALS, key, version, lambda data: data[:-1] + b"!")
    await pair.signed()

    assert await pair.replication.copy_now() == 0
    assert pair.originals(Which.SECOND) == []
    (problem,) = pair.replication.problems
    assert "is what the log says" in problem
    undo()
    pair.door.clock.advance(3601)
    assert await pair.replication.copy_now() == 1
    assert pair.replication.problems == []


async def test_a_second_vault_that_is_away_holds_up_no_clip_that_comes_in(pair: Pair) -> None:
    await pair.take_in(1)
    pair.second.reads_left = 0
    station = await pair.door.station()
    await station.archive(Footage(data=b"footage"))
    await pair.signed()
    pair.door.clock.advance(timedelta(hours=25).total_seconds())
    with pytest.raises(VaultUnreachable):
        await pair.replication.copy_now()

    (late,) = pair.replication.problems
    assert "1 clips have no copy there" in late
    assert (await pair.replication.behind()).clips == 1
    pair.second.reads_left = None
    assert await pair.replication.copy_now() == 1
    assert pair.replication.problems == []


async def test_an_unfit_second_vault_gets_nothing(place: None, tmp_path: Path) -> None:  # noqa: ARG001
    def unfit() -> None:
        raise VaultUnfit("the store failed the check delete-refused")

    async with opened(two(tmp_path, prove=unfit)) as pair:
        await pair.take_in(1)

        assert pair.originals(Which.SECOND) == []
        assert "delete-refused" in pair.replication.problems[0]


SLOWLY = (Lie.DROPS, Lie.LOSES, Lie.OTHER_VERSION, Lie.NO_LOCK, Lie.SHORTER_LOCK)
"""The others pass while nobody tries to delete: the probe of the store and its canary do."""


@pytest.mark.parametrize(
    "lie", [Lie.OLD_BYTES, *(pytest.param(lie, marks=pytest.mark.slow) for lie in SLOWLY)]
)
async def test_a_lying_second_vault_is_found_out(
    place: None,  # noqa: ARG001
    tmp_path: Path,
    lie: Lie,
) -> None:
    async with opened(two(tmp_path, second=Doubtful)) as pair:
        await pair.take_in(1)
        assert isinstance(pair.second, Doubtful)
        pair.second.lie = lie
        await pair.take_in(1, seed=7)

        assert len(await pair.entries("copy.verified")) == 1
        assert "has no copy in the second vault" in " ".join(pair.replication.problems)


async def test_a_large_original_goes_in_parts(pair: Pair) -> None:
    means = pair.replication._means
    object.__setattr__(means.carrying, "part", 100)
    await pair.take_in(2)

    assert keys(pair.originals(Which.SECOND)) == keys(pair.originals(Which.FIRST))
    assert all(each.finished for each in pair.second._uploads.values())
