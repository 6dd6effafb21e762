"""A hold keeps a clip whatever the date, and whoever lifts it says why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from archive.catalogue import stored
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import HoldRow
from archive.fixity import nobody
from evidence.clock import unstamp
from evidence.custody import Entry
from evidence.rights import Role
from evidence.wire import Classify, ClipDetail, HoldLifted, HoldShown, HoldWanted
from tests.archive.house import Answer, Footage, House, Open, Person
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.test_retaining import under

FOOTAGE = Footage(data=b"footage")
COURT = HoldWanted(authority="Court of Springfield, 22-CR-117", reason="appeal pending")


async def held(who: Person, clip: str, wanted: HoldWanted = COURT) -> HoldShown:
    return (await who.post(f"/v1/clips/{clip}/holds", wanted)).as_(HoldShown)


async def lifted(who: Person, clip: str, hold: str, reason: str = "the appeal ended") -> Answer:
    return await who.post(f"/v1/clips/{clip}/holds/{hold}/lift", HoldLifted(reason=reason))


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


async def archived(door: Open) -> str:
    station = await door.station()
    await station.pull(FOOTAGE)
    return (await station.archive(FOOTAGE)).clip


async def test_a_hold_is_on_record_without_its_words(door: Open) -> None:
    clip, who = await archived(door), await door.person(Role.LEGAL)

    told = await held(who, clip)

    (entry,) = await on_record(door, "hold.set")
    assert (entry["clip"], entry["hold"]) == (clip, told.id)
    assert "Springfield" not in str(entry)
    shown = (await who.get(f"/v1/clips/{clip}")).as_(ClipDetail)
    assert shown.holds == [told]
    assert (told.authority, told.reason, told.lifted) == (COURT.authority, COURT.reason, None)
    assert await door.archive.examine(nobody) == []


async def test_whoever_lifts_it_says_why_and_only_once(door: Open) -> None:
    clip, who = await archived(door), await door.person(Role.LEGAL)
    hold = (await held(who, clip)).id

    told = (await lifted(who, clip, hold)).as_(HoldShown)
    again = await lifted(who, clip, hold)

    assert told.lifted is not None
    assert told.lift_reason == "the appeal ended"
    assert again.status == 409
    assert len(await on_record(door, "hold.lift")) == 1
    assert await door.archive.examine(nobody) == []


async def test_what_is_held_stays_locked_long_after_its_date(house: House) -> None:
    async with house.opened() as door:
        clip, who = await archived(door), await door.person(Role.LEGAL)
        hold = (await held(who, clip)).id
        for _ in range(50):
            house.clock.advance(timedelta(days=10).total_seconds())
            await door.archive.renew_leases_now()

        later = await door.person(Role.LEGAL, name="later")
        detail = (await later.get(f"/v1/clips/{clip}")).as_(ClipDetail)
        assert detail.vault is not None
        assert unstamp(str(detail.retain_until)) < house.clock.now()
        assert unstamp(detail.vault.lock_until) > house.clock.now()
        assert hold == detail.holds[0].id


async def test_what_is_no_longer_held_is_left_to_the_end_of_its_lock(house: House) -> None:
    async with house.opened() as door:
        clip, who = await archived(door), await door.person(Role.LEGAL)
        await lifted(who, clip, (await held(who, clip)).id)
        house.clock.advance(timedelta(days=400).total_seconds())

        assert (await door.archive.renew_leases_now()).renewed == 0
        assert await door.archive.problems() == []


@pytest.mark.parametrize(
    ("role", "may_hold", "may_lift"),
    [
        (Role.LEGAL, 201, 200),
        (Role.SUPERVISOR, 201, 403),
        (Role.REVIEWER, 403, 403),
        (Role.OFFICER, 403, 403),
        (Role.ADMIN, 403, 403),
    ],
)
async def test_who_may_hold_and_who_may_lift(
    door: Open, role: Role, may_hold: int, may_lift: int
) -> None:
    clip, legal = await archived(door), await door.person(Role.LEGAL, name="legal one")
    hold = (await held(legal, clip)).id
    who = await door.person(role, "4711", name="another")

    assert (await who.post(f"/v1/clips/{clip}/holds", COURT)).status == may_hold
    assert (await lifted(who, clip, hold)).status == may_lift


async def test_an_officer_sees_that_it_is_held_and_not_by_whom(door: Open) -> None:
    clip = await archived(door)
    await held(await door.person(Role.LEGAL), clip)

    officer = await door.person(Role.OFFICER, "4711")
    (hold,) = (await officer.get(f"/v1/clips/{clip}")).as_(ClipDetail).holds

    assert (hold.authority, hold.reason, hold.lifted) == (None, None, None)


@pytest.mark.parametrize(
    ("authority", "reason"), [("", "x"), ("x", "   "), ("x" * 2001, "x"), ("x", "y" * 2001)]
)
async def test_a_hold_without_authority_or_reason_is_a_bad_request(
    door: Open, authority: str, reason: str
) -> None:
    clip, who = await archived(door), await door.person(Role.LEGAL)

    wanted = HoldWanted(authority=authority, reason=reason)
    answer = await who.post(f"/v1/clips/{clip}/holds", wanted)

    assert answer.status == 400
    assert await on_record(door, "hold.set") == []


async def test_a_hold_of_another_clip_is_not_lifted_here(door: Open) -> None:
    who, station = await door.person(Role.LEGAL), await door.station()
    first = (await station.archive(FOOTAGE)).clip
    other = (await station.archive(Footage(data=b"other", path=b"2.MP4"))).clip
    hold = (await held(who, first)).id

    assert (await lifted(who, other, hold)).status == 404
    assert (await who.post("/v1/clips/c-none/holds", COURT)).status == 404


async def test_holds_and_classifications_come_back_in_a_rebuild(
    house: House, tmp_path: Path
) -> None:
    house = under(house, law_pack="us-ca")
    async with house.opened() as door:
        clip, who = await archived(door), await door.person(Role.LEGAL)
        await held(who, clip)
        await lifted(who, clip, (await held(who, clip)).id)
        await who.post(f"/v1/clips/{clip}/classification", Classify(categories=["detention"]))
        house.clock.advance(timedelta(days=60).total_seconds())
        await door.archive.renew_leases_now()
    before = await held_by(house)

    after, told = await rebuilt(house, tmp_path / "again.sqlite")

    assert sorted(row["lifted_entry"] is None for row in before["hold"]) == [False, True]
    assert after["hold"] == before["hold"]
    assert after["clip"] == before["clip"]
    assert not [each for each in told.findings if "hold" in each.component.value]


async def test_a_hold_that_was_altered_behind_the_archive_is_found(house: House) -> None:
    async with house.opened() as door:
        clip, who = await archived(door), await door.person(Role.LEGAL)
        hold = (await held(who, clip)).id
        await door.archive._books.catalogue.run(_lift_quietly, hold)

        found = await door.archive.examine(nobody)

        assert [(each.component.value, each.subject) for each in found] == [("hold row", hold)]


def _lift_quietly(tx: Transaction, hold: str) -> None:
    tx.session.execute(update(HoldRow).where(HoldRow.id == hold).values(lifted_entry=1))
