"""While a case is open its footage stays, and rules may count from the day on which it closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import closings, stored
from archive.fixity import nobody
from evidence.clock import stamp, unstamp
from evidence.custody import Entry
from evidence.law.decision import CaseFact
from evidence.rights import Role
from evidence.wire import CaseClosed, CasePage, CaseShown
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import Answer, Footage, House, Open, Person
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.test_retaining import under

FOOTAGE = Footage(data=b"footage")
NUMBER = "C-9"


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "cad.csv").write_text(HEADER + GOOD)
    house = House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))
    return under(house, law_pack="us-ca")


async def in_a_case(door: Open) -> str:
    clip = (await (await door.station()).archive(FOOTAGE)).clip
    await door.archive.import_feed_now()
    return clip


async def said(who: Person, what: str, number: str = NUMBER, why: str = "verdict") -> Answer:
    return await who.post(f"/v1/cases/{what}", CaseClosed(number=number, reason=why))


async def on_record(door: Open, kind: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", [kind])
    return [Entry(row["raw"]).fields for row in rows if isinstance(row["raw"], bytes)]


async def facts_of(door: Open, clip: str) -> list[CaseFact]:
    found = await door.archive._books.catalogue.run(closings.facts, [clip])
    return list(found.get(clip, ()))


async def kept_until(door: Open, clip: str) -> str:
    (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])
    return str(row["retain_until"])[:10]


async def test_a_case_is_open_until_somebody_says_that_it_is_closed(house: House) -> None:
    async with house.opened() as door:
        clip, legal = await in_a_case(door), await door.person(Role.LEGAL)
        before = await facts_of(door, clip)

        told = (await said(legal, "close")).as_(CaseShown)

        assert before == [CaseFact(case=NUMBER, closed=None)]
        assert await facts_of(door, clip) == [CaseFact(case=NUMBER, closed=house.clock.now())]
        assert (told.is_open, told.clips, told.incidents) == (False, 1, 1)
        (entry,) = await on_record(door, "case.close")
        assert NUMBER not in str(entry)
        assert await door.archive.examine(nobody) == []


async def test_what_is_kept_from_its_closing_on_is_kept_for_longer_at_once(house: House) -> None:
    async with house.opened() as door:
        clip = await in_a_case(door)
        assert await kept_until(door, clip) == "2028-11-24"
        house.clock.advance(timedelta(days=500).total_seconds())
        legal = await door.person(Role.LEGAL)

        assert (await said(legal, "close")).status == 201

        assert await kept_until(door, clip) == "2030-04-07"
        assert len(await on_record(door, "retain")) == 1
        assert await door.archive.examine(nobody) == []


async def test_it_can_be_opened_again_and_closed_again(house: House) -> None:
    async with house.opened() as door:
        clip, legal = await in_a_case(door), await door.person(Role.LEGAL)
        await said(legal, "close")
        told = (await said(legal, "reopen", why="an appeal")).as_(CaseShown)

        assert told.is_open
        assert (await facts_of(door, clip))[0].closed is None
        assert (await said(legal, "reopen")).status == 409
        again = (await said(legal, "close")).as_(CaseShown)
        assert (await said(legal, "close")).status == 409
        assert [each.reopen_reason for each in again.closings] == ["an appeal", None]
        assert await door.archive.examine(nobody) == []


async def test_footage_of_an_open_case_stays_locked_long_after_its_date(house: House) -> None:
    async with house.opened() as door:
        clip = await in_a_case(door)
        for _ in range(90):
            house.clock.advance(timedelta(days=10).total_seconds())
            await door.archive.renew_leases_now()

        (row,) = await door.archive._books.catalogue.run(stored.of, "clip", "id", [clip])
        assert unstamp(str(row["retain_until"])) < house.clock.now()
        assert str(row["lock_until"]) > stamp(house.clock.now())


async def test_a_case_that_nobody_named_is_none(house: House) -> None:
    async with house.opened() as door:
        await in_a_case(door)
        legal = await door.person(Role.LEGAL)

        assert (await said(legal, "close", "C-8")).status == 404
        assert (await said(legal, "close", why="  ")).status == 400
        page = (await legal.get("/v1/cases")).as_(CasePage)
        assert [each.number for each in page.cases] == [NUMBER]
        assert (await legal.get("/v1/cases?after=C-9")).as_(CasePage).cases == []


async def test_only_legal_staff_close_a_case(house: House) -> None:
    async with house.opened() as door:
        await in_a_case(door)
        for role in (Role.OFFICER, Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMIN):
            who = await door.person(role, "4711", name=role.value)
            assert (await said(who, "close")).status == 403


async def test_closings_come_back_in_a_rebuild(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        await in_a_case(door)
        legal = await door.person(Role.LEGAL)
        for what in ("close", "reopen", "close"):
            assert (await said(legal, what)).status == 201
    before = await held_by(house)

    after, told = await rebuilt(house, tmp_path / "again.sqlite")

    assert len(before["closing"]) == 2
    assert after["closing"] == before["closing"]
    assert not [each for each in told.findings if "closing" in each.component.value]
