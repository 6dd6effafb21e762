"""``fsck`` of an archive that goes on taking in while everything is looked at."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from archive.fixity import nobody
from evidence.digest import BLOCK
from evidence.rights import Role
from evidence.vault import Bucket, Vault
from evidence.wire import WatchRequest
from tests.archive.house import Footage, House, Open, Station
from tests.faults.lab import Gate, RottingVault


@pytest.fixture
def rotting(house: House) -> House:
    vault = RottingVault(house.clock)
    return replace(house.with_(vault=vault), vault=vault)


def gate_at_the_original(vault: Vault) -> Gate:
    assert isinstance(vault, RottingVault)
    ((key, _version),) = vault.objects(Bucket.ORIGINALS)
    vault.held_up[Bucket.ORIGINALS, key] = gate = Gate()
    return gate


async def much_comes_in(door: Open, station: Station, clip: str) -> None:
    """A clip, a journal, a rendition and a view of the *clip* there is, a person, a station."""
    footage = Footage(data=b"meanwhile", path=b"2.MP4")
    await station.pull(footage)
    await station.archive(footage)
    await station.derive(clip)
    reviewer = await door.person(Role.REVIEWER)
    wanted = WatchRequest(reason="review of an arrest")
    assert (await reviewer.post(f"/v1/clips/{clip}/views", wanted)).status == 201
    await door.station()
    await station.offer(Footage(data=b"on its way", path=b"3.MP4"))


async def test_what_comes_in_meanwhile_is_no_difference(rotting: House) -> None:
    async with rotting.opened() as door:
        station = await door.station()
        clip = (await station.archive(Footage(data=b"first", path=b"1.MP4"))).clip
        gate = gate_at_the_original(door.vault)
        looking = asyncio.create_task(door.archive.examine(nobody))
        assert await asyncio.to_thread(gate.reached.wait, 60)
        await much_comes_in(door, station, clip)
        gate.opened.set()

        assert await looking == []


async def test_what_is_wrong_is_found_though_much_comes_in_meanwhile(rotting: House) -> None:
    async with rotting.opened() as door:
        station = await door.station()
        clip = (await station.archive(Footage(data=b"first", path=b"1.MP4"))).clip
        gate = gate_at_the_original(door.vault)
        door.vault.put(Bucket.ORIGINALS, "lab/" + "0" * 64, b"nobody's")
        looking = asyncio.create_task(door.archive.examine(nobody))
        assert await asyncio.to_thread(gate.reached.wait, 60)
        await much_comes_in(door, station, clip)
        (made, *_) = [key for key, _ in door.vault.objects(Bucket.DERIVED)]  # type: ignore[attr-defined]
        door.vault.silent.add((Bucket.DERIVED, made))  # type: ignore[attr-defined]
        gate.opened.set()

        assert {each.component.value for each in await looking} == {
            "stray object",
            "derived object",
        }


async def test_for_one_who_has_gone_nothing_more_is_read(rotting: House) -> None:
    async with rotting.opened() as door:
        station = await door.station()
        await station.archive(Footage(data=bytes(5 * BLOCK), path=b"1.MP4"))
        gate = gate_at_the_original(door.vault)
        looking = asyncio.create_task(door.archive.examine(nobody))
        assert await asyncio.to_thread(gate.reached.wait, 60)
        looking.cancel()
        await asyncio.wait([looking])
        gate.opened.set()

        assert await asyncio.to_thread(gate.left.wait, 60)
        assert gate.blocks == 1
