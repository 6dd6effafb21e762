"""Held and permanent clips carry an S3 legal hold, in both vaults; what is neither carries none."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import retentions, stored
from archive.catalogue.catalogue import Transaction
from archive.catalogue.moves import Which
from archive.catalogue.tables import ClipRow
from archive.fixity import nobody
from archive.legal_holds import LOOK_AGAIN, Looked
from evidence.clock import SetClock, SystemClock
from evidence.custody import Entry
from evidence.errors import VaultUnreachable
from evidence.manifest import Manifest
from evidence.retention import FOR_EVER, Retention
from evidence.rights import Role
from evidence.vault import Bucket, LockedError, Vault
from evidence.vault.holder import send
from evidence.vault.s3 import S3Settings, S3Vault
from evidence.wire import Archived, HoldLifted, HoldShown, HoldWanted, IntakeAnswer
from tests.archive.copies import pair
from tests.archive.copies.pair import Pair
from tests.archive.house import Footage, House, Open, signed
from tests.archive.rebuilding import held_by, rebuilt
from tests.faults.lab import RottingVault, flipped

FOOTAGE, SAME = Footage(data=b"footage"), Footage(data=b"footage", path=b"2.MP4")
COURT = HoldWanted(authority="Court of Springfield, 22-CR-117", reason="appeal pending")
BOTH = {"original": True, "manifest": True}
NEITHER = {"original": False, "manifest": False}


@asynccontextmanager
async def resting(house: House) -> AsyncIterator[Open]:
    """The house, open; the test decides when legal holds are looked at."""
    async with house.opened() as door:
        for each in door.archive.upkeep.legal_holds.values():
            await each.work.stop()
        yield door


async def archived(door: Open, footage: Footage = FOOTAGE) -> str:
    station = await door.station()
    await station.pull(footage)
    return (await station.archive(footage)).clip


async def hold(door: Open, clip: str, name: str = "one") -> str:
    who = await door.person(Role.LEGAL, name=f"{name} {clip}")
    return (await who.post(f"/v1/clips/{clip}/holds", COURT)).as_(HoldShown).id


async def lift(door: Open, clip: str, held: str) -> None:
    who = await door.person(Role.LEGAL, name=f"who lifts {held}")
    why = HoldLifted(reason="the appeal ended")
    assert (await who.post(f"/v1/clips/{clip}/holds/{held}/lift", why)).status == 200


async def look(door: Open) -> Looked:
    return (await door.archive.upkeep.set_legal_holds_now())[Which.FIRST]


async def carried(door: Open, clip: str, vault: Vault | None = None) -> Mapping[str, bool]:
    """Whether original and manifest carry one, as the vault shows it."""
    vault = vault or door.vault
    (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])
    found = {
        "original": vault.find(Bucket.ORIGINALS, str(row["key"])),
        "manifest": vault.find(Bucket.RECORDS, Manifest.key_of("lab", clip)),
    }
    return {name: each is not None and each.legal_hold for name, each in found.items()}


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


async def test_what_is_held_carries_one_until_the_hold_is_lifted(house: House) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        assert (await look(door), await carried(door, clip)) == (_looked(), NEITHER)
        held = await hold(door, clip)

        assert (await look(door), await carried(door, clip)) == (_looked(put_on=1), BOTH)
        assert await look(door) == _looked()
        await lift(door, clip, held)
        assert (await look(door), await carried(door, clip)) == (_looked(taken_off=1), NEITHER)
        assert await look(door) == _looked()
        assert await door.archive.examine(nobody) == []


def _looked(put_on: int = 0, taken_off: int = 0, failed: int = 0) -> Looked:
    return Looked(put_on=put_on, taken_off=taken_off, failed=failed)


async def test_both_acts_are_on_record(house: House) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        held = await hold(door, clip)
        await look(door)
        await lift(door, clip, held)
        await look(door)

        (on,), (off,) = await on_record(door, "hold.locked"), await on_record(door, "hold.unlocked")

        (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])
        told = {"clip": clip, "version": row["version_id"], "vault": "first", "by": "archive"}
        assert {name: on[name] for name in told} == told
        assert {name: off[name] for name in told} == told


async def test_of_two_holds_the_last_one_that_is_lifted_counts(house: House) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        first, second = await hold(door, clip), await hold(door, clip, "two")
        await look(door)

        await lift(door, clip, first)
        assert (await look(door), await carried(door, clip)) == (_looked(), BOTH)
        await lift(door, clip, second)

        assert (await look(door), await carried(door, clip)) == (_looked(taken_off=1), NEITHER)


async def test_a_clip_that_shares_the_original_keeps_its_hold(house: House) -> None:
    async with resting(house) as door:
        clip, other = await archived(door), await archived(door, SAME)
        held, also = await hold(door, clip), await hold(door, other)
        assert (await look(door)).put_on == 2

        await lift(door, clip, held)

        assert (await look(door)).taken_off == 1
        assert await carried(door, clip) == {"original": True, "manifest": False}
        assert await carried(door, other) == BOTH
        assert await door.archive.examine(nobody) == []
        await lift(door, other, also)
        await look(door)
        assert (await carried(door, clip), await carried(door, other)) == (NEITHER, NEITHER)


def _keep(tx: Transaction, clip: str, until: timedelta | None) -> None:
    row = tx.session.get_one(ClipRow, clip)
    end = FOR_EVER if until is None else tx.clock.now() + until
    retentions.record(tx, row, Retention(until=end, rule="test"))


async def test_what_is_kept_for_ever_carries_one(house: House) -> None:
    async with resting(house) as door:
        clip, catalogue = await archived(door), door.archive._books.catalogue
        await catalogue.run(_keep, clip, None)

        assert (await look(door), await carried(door, clip)) == (_looked(put_on=1), BOTH)
        await catalogue.run(_keep, clip, timedelta(days=300))
        assert (await look(door), await carried(door, clip)) == (_looked(taken_off=1), NEITHER)


async def test_what_carries_one_cannot_be_destroyed_though_its_lock_has_ended(
    house: House,
) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        await hold(door, clip)
        await look(door)
        house.clock.advance(timedelta(days=4000).total_seconds())
        (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])

        with pytest.raises(LockedError):
            door.vault.delete_version(Bucket.ORIGINALS, str(row["key"]), str(row["version_id"]))


async def test_it_is_there_soon_after_the_hold_without_anybody_asking(house: House) -> None:
    assert LOOK_AGAIN < 30
    async with house.opened() as door:
        clip = await archived(door)
        await hold(door, clip)

        for _ in range(300):
            if await carried(door, clip) == BOTH:
                break
            await asyncio.sleep(0.1)

        assert await carried(door, clip) == BOTH


async def test_both_vaults_get_it_and_one_that_is_away_holds_up_no_other(tmp_path: Path) -> None:
    async with pair.opened(pair.two(tmp_path)) as both:
        clip = await copied(both)
        await hold(both.door, clip)
        both.second.reads_left = 0
        holds = both.door.archive.upkeep.legal_holds

        with pytest.raises(VaultUnreachable):
            await holds[Which.SECOND].look_now()
        assert await holds[Which.FIRST].look_now() == _looked(put_on=1)
        both.second.reads_left = None
        assert await holds[Which.SECOND].look_now(at_all=False) == _looked(put_on=1)

        for vault in both.vaults.values():
            assert await carried(both.door, clip, vault) == BOTH
        vaults = [entry["vault"] for entry in await on_record(both.door, "hold.locked")]
        assert vaults == ["first", "second"]
        assert await both.look() == []
        assert await both.fsck() == []


async def copied(both: Pair) -> str:
    for each in both.door.archive.upkeep.legal_holds.values():
        await each.work.stop()
    await both.take_in(1)
    (row,) = await both.door.archive._books.catalogue.run(_clips)
    return row


def _clips(tx: Transaction) -> list[str]:
    return [str(each) for each in stored.keys(tx, "clip", "id")]


@pytest.mark.parametrize("which", list(Which))
async def test_one_that_is_missing_is_found_and_put_on_again(tmp_path: Path, which: Which) -> None:
    async with pair.opened(pair.two(tmp_path)) as both:
        clip = await copied(both)
        await hold(both.door, clip)
        await both.door.archive.upkeep.set_legal_holds_now()
        ((key, version),) = both.originals(which)
        both.vaults[which].set_legal_hold(Bucket.ORIGINALS, key, version, on=False)

        problems = await both.look(which)

        assert any("legal hold" in each for each in problems)
        assert await both.entries("fixity.repair") == []
        holds = both.door.archive.upkeep.legal_holds[which]
        assert await holds.look_now(at_all=False) == _looked(put_on=1)
        assert await carried(both.door, clip, both.vaults[which]) == BOTH
        assert await both.look(which) == []


async def test_fsck_names_what_carries_none_though_the_log_says_so(house: House) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        await hold(door, clip)
        await look(door)
        for bucket in (Bucket.ORIGINALS, Bucket.RECORDS):
            for each in list(door.vault.versions(bucket, "lab/")):
                door.vault.set_legal_hold(bucket, each.key, each.version_id, on=False)

        found = await door.archive.examine(nobody)

        assert {each.component.value for each in found} == {"legal hold"}
        assert {int(each.step) for each in found} == {6, 7}


@pytest.mark.parametrize("what", ["original", "manifest"])
async def test_what_was_stored_anew_gets_it_and_what_was_wrong_loses_it(
    tmp_path: Path, what: str
) -> None:
    async with pair.opened(pair.two(tmp_path)) as both:
        clip = await copied(both)
        held = await hold(both.door, clip)
        await both.door.archive.upkeep.set_legal_holds_now()
        objects = both.originals(Which.FIRST) if what == "original" else both.manifests(Which.FIRST)
        bucket = Bucket.ORIGINALS if what == "original" else Bucket.RECORDS
        both.first.alter(bucket, *objects[0], lambda data: flipped(data, random.Random(1)))
        assert await both.look(Which.FIRST) == []
        assert await carried(both.door, clip) == {**BOTH, what: False}

        for each in both.door.archive.upkeep.legal_holds.values():
            await each.look_now(at_all=False)

        assert await carried(both.door, clip) == BOTH
        assert await both.fsck() == []
        old = both.first.find(bucket, *objects[0])
        assert old is not None
        assert old.legal_hold is (what == "manifest")
        await lift(both.door, clip, held)
        await both.door.archive.upkeep.set_legal_holds_now()
        assert await carried(both.door, clip) == NEITHER


class Deaf(RottingVault):
    """Says yes to legal holds, and keeps none."""

    def set_legal_hold(self, bucket: Bucket, key: str, version_id: str, *, on: bool) -> None:
        """Nothing."""


async def test_a_store_that_keeps_none_is_a_problem_and_nothing_is_on_record(
    house: House,
) -> None:
    vault = Deaf(house.clock)
    async with resting(replace(house.with_(vault=vault), vault=vault)) as door:
        clip = await archived(door)
        await hold(door, clip)

        assert await look(door) == _looked(failed=1)

        assert any(clip in each and "legal hold" in each for each in await door.archive.problems())
        assert await on_record(door, "hold.locked") == []


async def test_one_that_cannot_be_held_keeps_no_other_from_it(house: House) -> None:
    async with resting(house) as door:
        gone, there = await archived(door), await archived(door, Footage(data=b"x", path=b"3.MP4"))
        for clip in (gone, there):
            await hold(door, clip)
        (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [gone])
        del door.vault._held[Bucket.ORIGINALS, str(row["key"])]

        assert await look(door) == _looked(put_on=1, failed=1)

        assert await carried(door, there) == BOTH
        assert any(gone in each and "not there" in each for each in await door.archive.problems())


async def test_a_rebuilt_catalogue_knows_them_and_puts_them_on_anew(
    house: House, tmp_path: Path
) -> None:
    async with resting(house) as door:
        clip = await archived(door)
        held = await hold(door, clip)
        await look(door)
        await lift(door, clip, held)
        await look(door)
        await hold(door, clip, "two")
        await look(door)
        await door.archive._books.sequencer.sequenced(
            await door.archive._books.catalogue.run(stored.last_entry)
        )
        await door.archive._copy_out()
    before = await held_by(house)

    after, brought = await rebuilt(house, tmp_path / "again.sqlite")

    assert brought.findings == []
    assert len(after["legal_hold"]) == 1
    assert after["legal_hold"] == before["legal_hold"]


async def test_on_a_real_store_a_held_clip_cannot_be_deleted_by_its_owner(
    tmp_path: Path, agency_settings: S3Settings
) -> None:
    house, now = House.at(tmp_path), SetClock(SystemClock().now())
    vault = S3Vault(agency_settings)
    async with resting(replace(house.with_(vault=vault, clock=now), clock=now)) as door:
        clip = await _through(door)
        held = await hold(door, clip)
        assert await look(door) == _looked(put_on=1)
        assert await carried(door, clip, vault) == BOTH
        assert await door.archive.examine(nobody) == []

        await lift(door, clip, held)

        assert await look(door) == _looked(taken_off=1)
        assert await carried(door, clip, vault) == NEITHER


async def _through(door: Open) -> str:
    """A clip that came in through a vault that no test can reach into."""
    station = await door.station()
    await station.pull(FOOTAGE)
    put = (await station.offer(FOOTAGE)).as_(IntakeAnswer).put
    assert put is not None
    assert (await asyncio.to_thread(send, signed(put), FOOTAGE.data)).status == 200
    return (await station.complete(FOOTAGE.clip)).as_(Archived).clip
