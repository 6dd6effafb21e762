"""Repair: what is wrong in one vault is stored anew from the other one's copy, with an entry."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest

from archive.catalogue.moves import What, Which
from archive.fixity import Component
from evidence.digest import Sha256
from evidence.vault import Bucket
from tests.archive.copies.damage import DAMAGES, Spot, is_whole, spots
from tests.archive.copies.pair import Pair, opened, two
from tests.archive.house import Footage
from tests.conftest import Count


@pytest.fixture
async def pair(place: None, tmp_path: Path) -> AsyncIterator[Pair]:  # noqa: ARG001
    async with opened(two(tmp_path)) as found:
        yield found


def spot_of(pair: Pair, which: Which, what: What) -> Spot:
    return next(each for each in spots(pair) if (each.which, each.what) == (which, what))


CASES = list(product(DAMAGES, Which, What))


def some(every: int) -> list[tuple[str, Which, What]]:
    return CASES[::every]


@pytest.mark.parametrize(("damage", "which", "what"), some(7))
async def test_damage_in_one_vault_is_mended_from_the_other(
    pair: Pair, damage: str, which: Which, what: What
) -> None:
    await pair.take_in(3)
    spot = spot_of(pair, which, what)
    DAMAGES[damage](pair.vaults[which], spot, random.Random(1))

    assert await pair.look() == []
    (failed,) = await pair.entries("fixity.fail")
    (repair,) = await pair.entries("fixity.repair")
    assert failed["clip"] == repair["clip"]
    assert (repair["vault"], repair["what"]) == (which, what)
    digest = repair["digests"]
    assert isinstance(digest, dict)
    assert is_whole(pair.vaults[which], spot, digest["sha256"])
    assert await pair.fsck() == []


async def test_what_reads_follows_the_new_version(pair: Pair) -> None:
    await pair.take_in(1)
    ((key, version),) = pair.originals(Which.FIRST)
    data = b"".join(pair.first.read(Bucket.ORIGINALS, key, version))
    pair.first.alter(Bucket.ORIGINALS, key, version, lambda data: data[:-3] + b"!!!")
    await pair.look()
    (repair,) = await pair.entries("fixity.repair")
    (clip,) = await pair.door.archive.clips()

    assert repair["old"] == version != repair["version"]
    assert clip.vault is not None
    assert clip.vault.version_id == repair["version"]
    assert b"".join(pair.first.read(Bucket.ORIGINALS, key, str(repair["version"]))) == data
    assert (key, version) in pair.originals(Which.FIRST)


async def test_clips_of_one_original_are_mended_together(pair: Pair) -> None:
    station = await pair.door.station()
    for name in (b"1.MP4", b"2.MP4", b"3.MP4"):
        await station.archive(Footage(data=b"the same", path=name))
        pair.door.clock.advance(3600)
    await pair.signed()
    await pair.replication.copy_now()
    ((key, version),) = pair.originals(Which.FIRST)
    pair.first.alter(Bucket.ORIGINALS, key, version, lambda _: b"another!")

    assert await pair.look() == []
    repairs = await pair.entries("fixity.repair")
    assert len({each["clip"] for each in repairs}) == len(repairs) == 3
    assert len({each["version"] for each in repairs}) == 1
    assert len(await pair.entries("fixity.fail")) == 1
    assert await pair.fsck() == []


@pytest.mark.parametrize("what", What)
async def test_of_two_wrong_copies_nothing_is_touched(pair: Pair, what: What) -> None:
    await pair.take_in(2)
    for which in Which:
        spot = spot_of(pair, which, what)
        DAMAGES["a bit flipped"](pair.vaults[which], spot, random.Random(3))
    same = spot_of(pair, Which.FIRST, what).key == spot_of(pair, Which.SECOND, what).key
    before = [pair.originals(which) + pair.manifests(which) for which in Which]
    found = await pair.look()

    assert same
    assert "BOTH copies" in found[0]
    assert [pair.originals(which) + pair.manifests(which) for which in Which] == before
    assert await pair.entries("fixity.repair") == []
    assert len(await pair.entries("fixity.fail")) == 2


async def test_both_wrong_is_told_until_one_of_them_is_right(pair: Pair) -> None:
    await pair.take_in(1)
    undo = [
        pair.vaults[which].alter(Bucket.ORIGINALS, *pair.originals(which)[0], lambda _: b"x")
        for which in Which
    ]
    assert "BOTH copies" in (await pair.look())[0]
    undo[1]()

    assert await pair.look(*Which, *Which) == []
    (repair,) = await pair.entries("fixity.repair")
    assert (repair["vault"], repair["source"]) == ("first", "second")


async def test_nothing_is_mended_while_the_other_vault_is_away(pair: Pair) -> None:
    await pair.take_in(1)
    pair.first.alter(Bucket.ORIGINALS, *pair.originals(Which.FIRST)[0], lambda _: b"x")
    pair.second.reads_left = 0
    assert "its original is not what the log says" in (await pair.look(Which.FIRST))[0]
    pair.second.reads_left = None

    assert await pair.look(Which.FIRST) == []
    assert len(await pair.entries("fixity.fail")) == 1


async def test_what_lies_in_cold_storage_is_not_stored_anew(pair: Pair) -> None:
    await pair.take_in(2)
    before = pair.originals(Which.FIRST)
    pair.first.cold.add(before[0][1])

    problems = await pair.look()

    assert "cannot be mended" in problems[0]
    assert "403 InvalidObjectState" in problems[0]
    assert pair.originals(Which.FIRST) == before
    assert await pair.entries("fixity.repair") == []
    pair.first.cold.clear()
    assert await pair.look() == []


async def test_a_clip_without_a_copy_stays_a_problem(pair: Pair) -> None:
    await (await pair.door.station()).archive(Footage(data=b"footage"))
    pair.first.alter(Bucket.ORIGINALS, *pair.originals(Which.FIRST)[0], lambda _: b"x")

    (problem,) = await pair.look(Which.FIRST)
    assert "its original is not what the log says" in problem


async def test_the_row_is_not_believed(pair: Pair) -> None:
    """Whoever writes other bytes into a vault and their digest into the row gains nothing."""
    await pair.take_in(1)
    ((key, version),) = pair.originals(Which.FIRST)
    forged = b"forged bytes"
    pair.second.alter(Bucket.ORIGINALS, *pair.originals(Which.SECOND)[0], lambda _: forged)
    pair.first.alter(Bucket.ORIGINALS, key, version, lambda _: forged)
    books = pair.door.archive._books
    await books.catalogue.run(
        lambda tx: tx.session.connection().exec_driver_sql(
            f"UPDATE clip SET sha256 = '{Sha256.of(forged).hex}', size = {len(forged)}"  # noqa: S608
        )
    )

    assert "BOTH copies" in (await pair.look())[0]
    assert await pair.entries("fixity.repair") == []


async def mended(pair: Pair, seed: int, damages: int) -> Counter[str]:
    """Damage so many objects, one of each pair, and have all found and mended; what by kind.

    Of that nothing stays but impostors, which no record names: fsck calls them strays.
    """
    chance = random.Random(seed)
    places = spots(pair)
    chance.shuffle(places)
    taken, done = set[tuple[What, str]](), Counter[str]()
    for spot in places:
        if (spot.what, spot.key) not in taken and done.total() < damages:
            kind = chance.choice(list(DAMAGES))
            taken.add((spot.what, spot.key))
            DAMAGES[kind](pair.vaults[spot.which], spot, chance)
            done[kind] += 1
    assert await pair.look() == []
    assert await pair.look() == []
    return done


async def test_seeded_corruptions_are_found_and_mended(pair: Pair, count: Count) -> None:
    await pair.take_in(12)
    done = await mended(pair, 1, 20)
    repairs = await pair.entries("fixity.repair")

    assert len(repairs) == done.total() == 20
    assert {each.component for each in await pair.fsck()} <= {Component.STRAY}
    count(f"second vault: {len(repairs)} of {done.total()} corruptions mended")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
async def test_200_seeded_corruptions_are_found_and_mended(
    pair: Pair, seed: int, count: Count
) -> None:
    await pair.take_in(110)
    done = await mended(pair, seed, 200)
    repairs = await pair.entries("fixity.repair")

    assert len(repairs) == done.total() == 200
    assert set(done) == set(DAMAGES)
    assert {each.component for each in await pair.fsck()} == {Component.STRAY}
    await pair.door.archive.upkeep.counting.count_now()  # the day's may have come amid the damage
    assert await pair.door.archive.problems() == []
    count(f"second vault: {len(repairs)} of {done.total()} corruptions mended, seed {seed}")
