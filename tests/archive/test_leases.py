"""Leases: renewed before they end, on record, for as long as a rule wants the bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from archive.catalogue import stored
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow
from archive.fixity import nobody
from archive.leases import EVERY, LATE_AFTER
from evidence.clock import SetClock, stamp, unstamp
from evidence.custody import Entry
from evidence.errors import ClockWrong, VaultUnreachable
from evidence.manifest import Manifest
from evidence.retention import ALARM_WITHIN, LEASE_MAX, RENEW_WITHIN
from evidence.vault import Bucket, Lock, LockMode
from tests.archive.house import START, Footage, House, Open
from tests.faults.lab import RottingVault

FOOTAGE, SAME = Footage(data=b"footage"), Footage(data=b"footage", path=b"2.MP4")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def house(house: House) -> House:
    """Under China's law: what nobody classified is kept for ever, and locked for six months."""
    vault = RottingVault(house.clock)
    return replace(under(house, "cn-2016").with_(vault=vault), vault=vault)


def under(house: House, law: str, **more: object) -> House:
    settings = house.parts.settings
    archive = replace(settings.archive, law_pack=law, **more)  # type: ignore[arg-type]
    return house.with_(settings=replace(settings, archive=archive))


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


async def row_of(door: Open, clip: str) -> Mapping[str, object]:
    (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])
    return row


async def lock_of(door: Open, clip: str) -> datetime:
    """Until when the original is locked, as the vault and the row say alike."""
    row = await row_of(door, clip)
    found = door.vault.find(Bucket.ORIGINALS, str(row["key"]), str(row["version_id"]))
    assert found is not None
    assert found.lock == Lock(mode=LockMode.COMPLIANCE, until=unstamp(str(row["lock_until"])))
    return found.lock.until


async def near_the_end(door: Open, footage: Footage = FOOTAGE, left: timedelta = DAY) -> str:
    """A clip whose lock ends that soon after it has to be renewed."""
    clip = (await (await door.station()).archive(footage)).clip
    until = await lock_of(door, clip)
    door.clock.advance((until - RENEW_WITHIN + left - door.clock.now()).total_seconds())
    return clip


async def test_what_is_needed_is_locked_again_before_its_lock_ends(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door, left=-DAY)
        early = await door.archive.renew_leases_now()
        house.clock.advance((2 * DAY).total_seconds())

        late = await door.archive.renew_leases_now()

        assert (early.renewed, late.renewed, late.failed) == (0, 1, 0)
        until = await lock_of(door, clip)
        assert timedelta() <= until - (house.clock.now() + LEASE_MAX) < SECOND
        (entry,) = await on_record(door, "lease.renew")
        assert (entry["clip"], entry["lock_until"]) == (clip, stamp(until))
        assert await door.archive.examine(nobody) == []


async def test_the_manifest_is_locked_as_long(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door)

        await door.archive.renew_leases_now()

        manifest = door.vault.find(Bucket.RECORDS, Manifest.key_of("lab", clip))
        assert manifest is not None
        assert manifest.lock is not None
        assert manifest.lock.until == await lock_of(door, clip)


async def test_clips_that_share_an_original_are_each_on_record(house: House) -> None:
    async with house.opened() as door:
        first = await near_the_end(door)
        house.clock.advance(-DAY.total_seconds())
        second = (await (await door.station()).archive(SAME)).clip
        house.clock.advance((200 * DAY).total_seconds())

        walk = await door.archive.renew_leases_now()

        assert walk.renewed == 2
        assert {await lock_of(door, clip) for clip in (first, second)} == {
            unstamp(str(entry["lock_until"])) for entry in await on_record(door, "lease.renew")
        }
        assert await door.archive.examine(nobody) == []


async def test_what_nothing_needs_is_left_to_the_end_of_its_lock(house: House) -> None:
    async with under(house, "default").opened() as door:
        clip = await near_the_end(door)
        before = await lock_of(door, clip)
        house.clock.advance((300 * DAY).total_seconds())

        walk = await door.archive.renew_leases_now()

        assert (walk.renewed, await lock_of(door, clip)) == (0, before)
        assert await door.archive.problems() == []


async def test_no_lock_outlasts_the_need_by_more_than_it_must(house: House) -> None:
    async with under(house, "us-ca").opened() as door:
        clip = await near_the_end(door)
        needed = unstamp(str((await row_of(door, clip))["retain_until"]))
        ends = set()
        while house.clock.now() < needed:
            await door.archive.renew_leases_now()
            ends.add(await lock_of(door, clip))
            house.clock.advance((10 * DAY).total_seconds())

        assert max(ends) == needed
        assert len(ends) <= 12


async def test_a_lease_that_lapsed_is_renewed_like_any_other(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door)
        house.clock.advance((400 * DAY).total_seconds())

        await door.archive.renew_leases_now()

        assert await lock_of(door, clip) > house.clock.now()
        assert await door.archive.examine(nobody) == []


async def test_a_dead_renewer_is_a_problem_days_before_anything_lapses(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door)
        door.clock.advance((RENEW_WITHIN - ALARM_WITHIN).total_seconds())

        problems = await door.archive.problems()

        assert any("lease" in each and clip in each for each in problems)
        assert any("nothing is renewed since" in each for each in problems)
        assert await lock_of(door, clip) > door.clock.now() + 7 * DAY
        await door.archive.renew_leases_now()
        assert await door.archive.problems() == []


async def test_a_walk_that_is_overdue_is_a_problem_though_nothing_is_due(house: House) -> None:
    async with house.opened() as door:
        await door.archive.renew_leases_now()
        door.clock.advance(LATE_AFTER.total_seconds() - 1)
        in_time = await door.archive.problems()
        door.clock.advance(2)

        assert in_time == []
        assert any("nothing is renewed since" in each for each in await door.archive.problems())


async def test_each_walk_says_how_all_leases_stand(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door)
        await door.archive.renew_leases_now()

        (entry,) = await on_record(door, "lease.walk")

        told = {name: entry[name] for name in ("clips", "short", "renewed", "failed", "earliest")}
        assert told == {
            "clips": 1,
            "short": 0,
            "renewed": 1,
            "failed": 0,
            "earliest": stamp(await lock_of(door, clip)),
        }


async def test_a_store_that_is_down_leaves_the_leases_for_the_next_walk(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door)
        assert isinstance(door.vault, RottingVault)
        door.vault.reads_left = 0
        with pytest.raises(VaultUnreachable):
            await door.archive.renew_leases_now()
        door.vault.reads_left = None

        assert await on_record(door, "lease.renew") == []
        assert (await door.archive.renew_leases_now()).renewed == 1
        assert await lock_of(door, clip) > door.clock.now() + 80 * DAY


async def test_a_lock_that_was_weakened_is_locked_again_and_named(house: House) -> None:
    async with house.opened() as door:
        clip = await near_the_end(door)
        row = await row_of(door, clip)
        assert isinstance(door.vault, RottingVault)
        place = Bucket.ORIGINALS, str(row["key"]), str(row["version_id"])
        weak = Lock(mode=LockMode.GOVERNANCE, until=door.clock.now() + DAY)
        door.vault.relock(*place, weak)

        walk = await door.archive.renew_leases_now()

        assert (walk.renewed, walk.failed) == (0, 1)
        held = door.vault.find(*place)
        assert held is not None
        assert held.lock is not None
        assert held.lock.mode is LockMode.COMPLIANCE
        assert held.lock.until > door.clock.now() + 80 * DAY
        assert [entry["component"] for entry in await on_record(door, "fixity.fail")] == ["lock"]
        assert any(clip in each for each in await door.archive.problems())
        assert (await door.archive.renew_leases_now()).renewed == 1


async def test_an_original_that_is_gone_keeps_no_other_from_its_lease(house: House) -> None:
    async with house.opened() as door:
        station = await door.station()
        gone = (await station.archive(FOOTAGE)).clip
        there = (await station.archive(Footage(data=b"other", path=b"3.MP4"))).clip
        await near_the_end(door, Footage(data=b"third", path=b"4.MP4"))
        await door.archive._books.catalogue.run(_lead_astray, gone)

        walk = await door.archive.renew_leases_now()

        assert (walk.renewed, walk.failed) == (2, 1)
        assert await lock_of(door, there) > door.clock.now() + 80 * DAY
        assert any(gone in each and "not there" in each for each in await door.archive.problems())


def _lead_astray(tx: Transaction, clip: str) -> None:
    tx.session.execute(update(ClipRow).where(ClipRow.id == clip).values(version_id="nothing"))


async def test_the_logs_own_records_are_renewed_for_ever(house: House) -> None:
    async with house.opened() as door:
        station = await door.station()
        for number in range(130):  # so that a tile of 256 entries is full
            await station.pull(Footage(data=b"%d" % number, path=b"%d.MP4" % number))
        await door.archive._books.sequencer.sequenced(256)
        await door.archive._copy_out()
        tile = next(
            each
            for each in door.vault.versions(Bucket.RECORDS, "log/tile/0/000")
            if each.key == "log/tile/0/000"
        )
        house.clock.advance((170 * DAY).total_seconds())

        walk = await door.archive.renew_leases_now()

        assert walk.records >= 1
        held = door.vault.find(tile.bucket, tile.key, tile.version_id)
        assert held is not None
        assert held.lock is not None
        assert held.lock.until > house.clock.now() + 80 * DAY
        assert (await door.archive.renew_leases_now()).records == 0


@pytest.mark.parametrize("jump", [timedelta(days=days) for days in (-3650, -1, 1, 3650)])
async def test_while_the_clock_is_absurd_nothing_is_locked(house: House, jump: timedelta) -> None:
    class Jumping(SetClock):
        jumped = timedelta()

        def now(self) -> datetime:
            return super().now() + self.jumped

    clock = Jumping(START)
    async with house.with_(clock=clock).opened() as door:
        clip = (await (await door.station()).archive(FOOTAGE)).clip
        before = await lock_of(door, clip)
        clock.jumped = jump

        with pytest.raises(ClockWrong):
            await door.archive.renew_leases_now()

        assert await lock_of(door, clip) == before


def test_walks_come_often_enough_for_the_alarm() -> None:
    assert EVERY < LATE_AFTER < DAY * 2
