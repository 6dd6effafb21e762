"""What carries an S3 legal hold is not begun on; and none stands in the way of what is to go."""

from __future__ import annotations

from archive.catalogue import retentions
from evidence.retention import FOR_EVER, Retention
from evidence.vault import Bucket, StoredVersion, Vault
from tests.archive.disposal.ending import WINDOW, Ending, originals


def original(vault: Vault) -> StoredVersion:
    (version,) = vault.versions(Bucket.ORIGINALS)
    found = vault.find(Bucket.ORIGINALS, version.key, version.version_id)
    assert found is not None
    return found


async def kept_for_ever(end: Ending, clip: str) -> None:
    kept = Retention(until=FOR_EVER, rule="test:permanent")
    await end.run(retentions.lengthen, [(clip, kept)])
    await end.door.archive.upkeep.set_legal_holds_now()


async def test_a_legal_hold_in_the_store_alone_holds_it_up(end: Ending) -> None:
    """Somebody put it on whom the record does not know: nothing is begun, and rule 6 says why."""
    clip, vault = await end.archive(), end.door.archive._parts.vault
    await end.agreed(clip)
    place = original(vault)
    vault.set_legal_hold(place.bucket, place.key, place.version_id, on=True)

    held_up = await end.walk()

    assert [each.step for each in held_up.waiting[clip]] == [6]
    assert await end.entries("dispose.begin") == []
    vault.set_legal_hold(place.bucket, place.key, place.version_id, on=False)
    assert (await end.walk()).done == (clip,)


async def test_what_is_kept_for_ever_goes_only_by_an_order_and_loses_its_legal_hold(
    end: Ending,
) -> None:
    clip, vault = await end.archive(), end.door.archive._parts.vault
    await kept_for_ever(end, clip)
    assert original(vault).legal_hold

    proposal = await end.propose(clip, authority="the court")
    await end.door.archive.upkeep.set_legal_holds_now()
    assert original(vault).legal_hold, "one person alone lifts nothing"
    await end.approve(proposal)
    await end.door.archive.upkeep.set_legal_holds_now()

    assert not original(vault).legal_hold
    assert [each["clip"] for each in await end.entries("hold.unlocked")] == [clip]


async def test_who_withdraws_puts_the_legal_hold_back(end: Ending) -> None:
    clip, vault = await end.archive(), end.door.archive._parts.vault
    await kept_for_ever(end, clip)
    proposal = await end.approve(await end.propose(clip, authority="the court"))
    await end.door.archive.upkeep.set_legal_holds_now()

    await end.withdraw(proposal)
    await end.door.archive.upkeep.set_legal_holds_now()

    assert original(vault).legal_hold
    assert await end.fsck() == []


async def test_a_destroyed_clip_that_was_permanent_is_nothing_to_anybody(end: Ending) -> None:
    clip, vault = await end.archive(), end.door.archive._parts.vault
    await kept_for_ever(end, clip)
    await end.approve(await end.propose(clip, authority="the court"))
    await end.door.archive.upkeep.set_legal_holds_now()
    lock = original(vault).lock
    assert lock is not None
    end.later(lock.until - end.door.clock.now() + WINDOW)

    assert (await end.walk()).done == (clip,)
    assert originals(vault) == []
    await end.door.archive.upkeep.set_legal_holds_now()
    assert (await end.door.archive.renew_leases_now()).failed == 0
    assert end.problems() == []
    assert await end.fsck() == []
