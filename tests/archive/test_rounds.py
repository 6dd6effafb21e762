"""Rounds: every original is read back in its time; what is wrong stays a problem until mended."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from archive.fixity.rounds import EVERY
from evidence.vault import Bucket
from evidence.wire import Health
from tests.archive.house import Footage, House, Open
from tests.conftest import Count
from tests.faults.lab import RottingVault, flipped

CLIPS = 9


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


async def test_a_round_reads_every_original_once(filled: Open) -> None:
    shares = [await filled.archive.fixity_share_now() for _ in range(3)]
    again = await filled.archive.fixity_share_now()

    assert (shares, again) == ([3, 3, 3], 3)
    assert await filled.archive.problems() == []


async def test_a_round_finds_every_damage_and_tells_of_it_once(filled: Open, count: Count) -> None:
    chance, vault = random.Random(5), vault_of(filled)
    places = [
        (bucket, key, version)
        for bucket, prefix, every in ((Bucket.ORIGINALS, "", 2), (Bucket.RECORDS, "lab/", 3))
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
        await filled.archive.fixity_share_now()
    found = await filled.archive.problems()
    for mend in undo:
        mend()
    await filled.archive.fixity_share_now()

    kinds = [entry.kind for clip in await filled.archive.clips() for entry in clip.entries]
    assert len(found) == kinds.count("fixity.fail") == kinds.count("fixity.pass") == len(hit)
    assert await filled.archive.problems() == []
    count(f"fixity rounds: {len(places)} damaged objects, {len(found)} of {len(hit)} clips named")


async def test_what_failed_is_a_problem_after_a_restart_too(rotting: House) -> None:
    async with rotting.opened() as door:
        await (await door.station()).archive(Footage(data=b"footage"))
        ((key, version),) = vault_of(door).objects(Bucket.ORIGINALS)
        vault_of(door).alter(Bucket.ORIGINALS, key, version, lambda data: data[:-1] + b"!")
        await door.archive.fixity_share_now()
    async with rotting.opened() as door:
        health = (await door.send("GET", "/v1/health", b"", {})).as_(Health)
        (problem,) = await door.archive.problems()

    assert health.problems == 1
    assert "its original is not what the log says" in problem
