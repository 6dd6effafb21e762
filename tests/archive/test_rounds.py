"""Rounds: every original is read back in its time; what is wrong stays a problem until mended."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from archive.catalogue import stored
from archive.catalogue.moves import Which
from archive.fixity import nobody
from archive.fixity.objects import Stopped
from archive.fixity.rounds import EVERY, How, Rounds
from evidence.custody import Entry
from evidence.errors import VaultUnreachable
from evidence.vault import Bucket
from evidence.wire import Health
from tests.archive.house import Footage, House, Open
from tests.conftest import Count
from tests.faults.lab import RottingVault, flipped

CLIPS = 9

MANIFESTS = "lab/manifests/"


@pytest.fixture
def rotting(house: House) -> House:
    vault = RottingVault(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


@pytest.fixture
async def filled(rotting: House) -> AsyncIterator[Open]:
    """An archive with some clips, whose rounds take three shares."""
    settings = rotting.parts.settings
    archive = replace(settings.archive, fixity_days=3 * EVERY.total_seconds() / 86_400)
    house = rotting.with_(settings=replace(settings, archive=archive))
    async with house.opened() as door:
        station = await door.station()
        for number in range(CLIPS):
            data = random.Random(number).randbytes(2000)
            await station.archive(Footage(data=data, path=b"%d.MP4" % number))
        yield door


def vault_of(door: Open) -> RottingVault:
    assert isinstance(door.vault, RottingVault)
    return door.vault


async def share(door: Open, after: timedelta = EVERY) -> int:
    door.clock.advance(after.total_seconds())
    return await door.archive.upkeep.look_now()


def at_once(door: Open) -> Rounds:
    """Rounds that look at all clips in one share, two before each entry, without patience."""
    return Rounds(
        door.archive._books.catalogue,
        door.vault,
        door.clock,
        How(days=EVERY / timedelta(days=1), pauses=(), at_once=2),
        agency="lab",
    )


async def steps(door: Open) -> list[Mapping[str, object]]:
    """What is on record of how the rounds went on."""
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", ["fixity.pass"])
    entries = [Entry(row["raw"]) for row in rows if isinstance(row["raw"], bytes)]
    return [entry.fields for entry in entries if entry.clip is None]


async def test_a_round_reads_every_original_once(filled: Open) -> None:
    shares = [await share(filled, after) for after in (timedelta(), EVERY, EVERY)]
    again = await share(filled, timedelta())

    assert (shares, again) == ([3, 3, 3], 3)
    assert await filled.archive.problems() == []


async def test_a_round_that_was_held_up_ends_in_its_time(filled: Open) -> None:
    shares = [await share(filled, timedelta()), await share(filled, 2 * EVERY)]

    assert shares == [3, CLIPS - 3]
    assert (await steps(filled))[-1]["through"] == -1


async def test_an_archive_that_takes_in_all_day_is_looked_at_too(filled: Open) -> None:
    filled.clock.advance(EVERY.total_seconds())
    station = await filled.station()
    await station.archive(Footage(data=b"just now", path=b"now.MP4"))

    assert await filled.archive.upkeep.rounds[Which.FIRST]._is_due()


async def test_what_was_looked_at_is_on_record_though_the_store_fails(filled: Open) -> None:
    rounds, vault = at_once(filled), vault_of(filled)
    vault.reads_left = 2 * 5  # a sidecar and an original of each clip
    with pytest.raises(VaultUnreachable):
        await rounds.share_now()
    vault.reads_left = None

    assert [step["clips"] for step in await steps(filled)] == [2, 2]
    assert await rounds.share_now() == CLIPS - 4


async def test_only_what_is_right_is_counted_as_right(filled: Open) -> None:
    vault = vault_of(filled)
    ((key, version), *_) = vault.objects(Bucket.ORIGINALS)
    vault.alter(Bucket.ORIGINALS, key, version, lambda data: data[:-1] + b"!")
    await share(filled, 3 * EVERY)

    (step,) = await steps(filled)
    assert (step["clips"], step["failed"], step["size"]) == (CLIPS - 1, 1, 2000 * CLIPS)


async def test_what_the_store_cannot_tell_of_holds_up_nothing(filled: Open) -> None:
    rounds, vault = at_once(filled), vault_of(filled)
    first, other, *_ = await filled.archive.clips()
    original, sidecar = f"lab/{first.summary.sha256}", f"{MANIFESTS}{other.summary.id}.json"
    vault.silent |= {(Bucket.ORIGINALS, original), (Bucket.RECORDS, sidecar)}

    assert await rounds.share_now() == CLIPS
    named = " ".join(rounds.problems)
    vault.silent.clear()
    await rounds.share_now()

    assert "its original" in named
    assert "its manifest" in named
    assert rounds.problems == []


async def test_what_lies_in_cold_storage_holds_up_nothing(filled: Open) -> None:
    rounds, vault = at_once(filled), vault_of(filled)
    ((_, version), *_) = vault.objects(Bucket.ORIGINALS)
    vault.cold.add(version)

    assert await rounds.share_now() == CLIPS
    assert [version in each for each in map(str, await filled.archive.examine(nobody))] == [True]
    (named,) = rounds.problems
    vault.cold.clear()

    assert "original" in named
    await rounds.share_now()
    assert rounds.problems == []


async def test_of_two_clips_with_one_original_the_longer_lock_is_seen(rotting: House) -> None:
    async with rotting.opened() as door:
        station = await door.station()
        await station.archive(Footage(data=b"same", path=b"1.MP4"))
        ((key, version),) = vault_of(door).objects(Bucket.ORIGINALS)
        first = vault_of(door).find(Bucket.ORIGINALS, key, version)
        assert first is not None
        door.clock.advance(86_400)
        second = await station.archive(Footage(data=b"same", path=b"2.MP4"))
        vault_of(door).relock(Bucket.ORIGINALS, key, version, first.lock)
        rounds = at_once(door)
        await rounds.share_now()
        (problem,) = rounds.problems

    assert second.clip in problem
    assert "its lock" in problem


async def test_a_stop_does_not_wait_for_the_store(filled: Open) -> None:
    rounds, vault = at_once(filled), vault_of(filled)
    rounds._how = replace(rounds._how, pauses=(3600.0,))
    vault.silent |= {(Bucket.ORIGINALS, key) for key, _ in vault.objects(Bucket.ORIGINALS)}
    looking = asyncio.create_task(rounds.share_now())
    await asyncio.sleep(0.1)
    await rounds.stop()

    with pytest.raises(Stopped):
        await asyncio.wait_for(looking, 60)


async def test_a_round_finds_every_damage_and_tells_of_it_once(filled: Open, count: Count) -> None:
    chance, vault = random.Random(5), vault_of(filled)
    places = [
        (bucket, key, version)
        for bucket, prefix, every in ((Bucket.ORIGINALS, "", 2), (Bucket.RECORDS, MANIFESTS, 3))
        for key, version in vault.objects(bucket, prefix)[::every]
    ]
    undo = [vault.alter(*place, lambda data: flipped(data, chance)) for place in places]
    keys = " ".join(key for _, key, _ in places)
    hit = [
        clip.summary.id
        for clip in await filled.archive.clips()
        if clip.vault is not None and (clip.vault.key in keys or clip.summary.id in keys)
    ]
    for _ in range(3):
        await share(filled)
    found = await filled.archive.problems()
    for mend in undo:
        mend()
    await filled.archive.upkeep.look_now()

    kinds = [entry.kind for clip in await filled.archive.clips() for entry in clip.entries]
    assert len(found) == kinds.count("fixity.fail") == kinds.count("fixity.pass") == len(hit)
    assert await filled.archive.problems() == []
    count(f"fixity rounds: {len(places)} damaged objects, {len(found)} of {len(hit)} clips named")


async def test_what_failed_is_a_problem_after_a_restart_too(rotting: House) -> None:
    async with rotting.opened() as door:
        await (await door.station()).archive(Footage(data=b"footage"))
        ((key, version),) = vault_of(door).objects(Bucket.ORIGINALS)
        vault_of(door).alter(Bucket.ORIGINALS, key, version, lambda data: data[:-1] + b"!")
        await door.archive.upkeep.look_now()
    async with rotting.opened() as door:
        health = (await door.send("GET", "/v1/health", b"", {})).as_(Health)
        (problem,) = await door.archive.problems()

    assert health.problems == 1
    assert "its original is not what the log says" in problem
