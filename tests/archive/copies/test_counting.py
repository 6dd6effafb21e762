"""The daily count, and how far rounds and copies are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archive.catalogue.moves import Which
from archive.fixity.standing import lacking, reached
from evidence.vault import Bucket
from evidence.wire import Health
from tests.archive.copies.pair import Pair, opened, two
from tests.archive.house import Footage


@pytest.fixture
async def pair(place: None, tmp_path: Path) -> AsyncIterator[Pair]:  # noqa: ARG001
    async with opened(two(tmp_path)) as found:
        yield found


async def count(pair: Pair) -> list[str]:
    counting = pair.door.archive.upkeep.counting
    await counting.count_now()
    return counting.problems


async def test_all_that_is_there_is_counted(pair: Pair) -> None:
    await pair.take_in(3)
    station = await pair.door.station()
    await station.archive(Footage(data=b"footage"))

    assert await count(pair) == []
    (counted,) = await pair.entries("fixity.count")
    numbers = {name: counted[name] for name in ("clips", "first", "second", "missing")}
    assert numbers == {"clips": 4, "first": 4, "second": 3, "missing": 0}


@pytest.mark.parametrize("which", Which)
async def test_what_is_missing_is_named(pair: Pair, which: Which) -> None:
    await pair.take_in(3)
    key, version = pair.originals(which)[1]
    pair.vaults[which]._held[Bucket.ORIGINALS, key].pop(version)
    copied = await pair.entries("copy.verified")
    (clip,) = [each["clip"] for each in copied if each["key"] == key]

    (problem,) = await count(pair)
    assert str(clip) in problem
    assert f"the {which} vault" in problem
    assert (await pair.entries("fixity.count"))[0]["missing"] == 1
    health = (await pair.door.send("GET", "/v1/health", b"", {})).as_(Health)
    assert health.problems == 1


async def test_clips_of_one_original_are_each_counted(pair: Pair) -> None:
    station = await pair.door.station()
    for name in (b"1.MP4", b"2.MP4"):
        await station.archive(Footage(data=b"the same", path=name))

    assert await count(pair) == []
    assert (await pair.entries("fixity.count"))[0]["first"] == 2


async def test_how_far_it_is_and_what_that_proves(pair: Pair) -> None:
    catalogue = pair.door.archive.books.catalogue
    await pair.take_in(4)
    none = await reached(catalogue, Which.SECOND)
    pair.second.alter(Bucket.ORIGINALS, *pair.originals(Which.SECOND)[0], lambda _: b"x")
    await pair.look()
    done = await reached(catalogue, Which.SECOND)
    behind = await lacking(catalogue, "memory-originals")

    assert "none was read yet" in none.in_words()
    assert (done.tally.read, done.tally.wrong, done.wrong) == (4, 1, 0)
    assert "all 4 clips were read" in done.in_words()
    assert behind.in_words() == "second vault: every clip has its copy there"


async def test_a_part_of_a_round_bounds_the_rest(pair: Pair) -> None:
    await pair.take_in(8)
    rounds = pair.rounds(Which.FIRST)
    rounds._length *= 4
    await rounds.share_now()
    found = await reached(pair.door.archive.books.catalogue, Which.FIRST)

    assert found.tally.read == 2
    assert found.at_most == pytest.approx(1 - 0.05**0.5)
    assert "2 of 8 clips were read in this round" in found.in_words()
    assert "fewer than 78 % of all are" in found.in_words()


async def test_the_first_vault_lost_as_a_whole_is_filled_again(pair: Pair) -> None:
    await pair.take_in(5)
    pair.first._held.clear()
    await pair.door.archive._copy_out()

    assert await pair.look() == []
    assert len(pair.originals(Which.FIRST)) == len(pair.manifests(Which.FIRST)) == 5
