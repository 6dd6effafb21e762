"""Stays held against what recorders of rooms handed in, and the outages that explain gaps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from yarl import URL

from archive.accountability.passing import Passed
from archive.accountability.terms import CoverageTerms
from archive.catalogue import found, outages, roomed, stays
from archive.catalogue.catalogue import Transaction
from archive.catalogue.people import account
from archive.catalogue.rooms import StaysAsked
from archive.catalogue.stays import StayTold, StayWithdrawn
from archive.catalogue.tables import ClipRow, RenditionRow
from evidence.clock import stamp
from evidence.coverage_settings import CoverageSettings
from evidence.errors import NotKnown, SetupError
from evidence.rights import Role
from evidence.wire import (
    OutageEnded,
    OutagePage,
    OutageShown,
    OutageWanted,
    StayCoverage,
    StayPage,
)
from tests.archive.catalogue.arrivals import at
from tests.archive.house import START, Answer, Footage, House, Open, Person
from tests.archive.ledger import archive, footage, ledger

ROOMS = ("NVR01/D03=讯问室3", "NVR01/D04=候问室")
CHOSEN = CoverageSettings(owner="sam", rooms=ROOMS)
TERMS = CoverageTerms.of(CHOSEN).rooms
ALL = StaysAsked(since=START - timedelta(days=1), until=START + timedelta(days=2))
LATER = timedelta(hours=60).total_seconds()


def stay(session: str, since: int = 0, until: int | None = 60, room: str = "讯问室3") -> StayTold:
    return StayTold(
        reference=f"{session} {room} {since}",
        session=session,
        number="C-9",
        room=room,
        person="嫌疑人甲",
        purpose="讯问",
        since=at(since),
        until=None if until is None else at(until),
    )


def film_comes(tx: Transaction, begin: int, minutes: int | None, channel: str = "D03") -> str:
    clip = f"c-{channel}-{begin}"
    made = replace(
        footage(clip, None, at(begin)), camera=f"import/NVR01/{channel}", acquisition="imported"
    )
    archive(tx, made)
    if minutes is not None:
        length_comes(tx, clip, minutes)
    return clip


def length_comes(tx: Transaction, clip: str, minutes: int) -> None:
    entry = tx.session.get_one(ClipRow, clip).by_entry
    length = minutes * 60_000
    tx.session.add(
        RenditionRow(clip=clip, by_entry=entry, kind="copy", segments=1, duration_ms=length)
    )
    tx.session.flush()


def outcomes(tx: Transaction, asked: StaysAsked = ALL) -> dict[str, str]:
    page = roomed.page(tx, asked, TERMS, "", 50)
    return {each.session: each.outcome for each in page.stays}


def test_a_stay_is_recorded_by_the_channels_of_its_rooms() -> None:
    with ledger() as tx:
        stays.take(
            tx, [stay("S-1"), stay("S-1", 61, 90, "候问室"), stay("S-2"), stay("S-3", 70, 120)]
        )
        film_comes(tx, -5, 40)
        film_comes(tx, 35, 40)
        assert outcomes(tx) == {"S-1": "missing", "S-2": "recorded", "S-3": "partly"}

        film_comes(tx, 60, 31, "D04")
        shown = roomed.one(tx, "s-1", TERMS)

        assert (shown.stay.outcome, shown.person, shown.stay.number) == (
            "recorded",
            "嫌疑人甲",
            "C-9",
        )
        assert [(each.clip, each.room) for each in shown.files] == [
            ("c-D03--5", "讯问室3"),
            ("c-D03-35", "讯问室3"),
            ("c-D04-60", "候问室"),
        ]


def test_a_file_of_unknown_length_is_named_until_it_is_measured() -> None:
    with ledger() as tx:
        stays.take(tx, [stay("S-1")])
        clip = film_comes(tx, 0, None)
        shown = roomed.one(tx, "S-1", TERMS)
        assert (shown.stay.outcome, shown.stay.spans[0].unmeasured) == ("missing", [clip])

        length_comes(tx, clip, 60)
        assert outcomes(tx) == {"S-1": "recorded"}


def test_what_no_recorder_is_set_for_is_told() -> None:
    with ledger() as tx:
        stays.take(tx, [stay("S-1", room="无名室")])

        [span] = roomed.one(tx, "S-1", TERMS).stay.spans
        assert (span.outcome, span.is_mapped, span.gaps[0].seconds) == ("missing", False, 3600)


def test_a_stay_that_the_feed_took_back_is_gone() -> None:
    with ledger() as tx:
        told = stay("S-1")
        stays.take(tx, [told, StayWithdrawn(reference=told.reference)])

        assert outcomes(tx) == {}
        with pytest.raises(NotKnown, match="S-1"):
            roomed.one(tx, "S-1", TERMS)


def test_pages_follow_each_other_and_count_once() -> None:
    with ledger() as tx:
        stays.take(tx, [stay(f"S-{n:03}", n // 2, n + 1) for n in range(120)])
        film_comes(tx, 0, 30)

        seen: list[str] = []
        after: str | None = ""
        while after is not None:
            page = roomed.page(tx, ALL, TERMS, after, 50)
            assert (page.count is None) is bool(after)
            seen += [each.session for each in page.stays]
            after = page.next
        assert len(seen) == len(set(seen)) == 120
        recorded = roomed.page(tx, replace(ALL, outcome="recorded"), TERMS, "", 50)
        assert len(recorded.stays) == 30
        assert outcomes(tx, replace(ALL, room="候问室")) == {}


@pytest.mark.parametrize("wrong", ["NVR01=x", "NVR01/D03=", "/D03=x", "a/b/c=x", "nvr01/d03=y"])
def test_a_room_that_no_channel_records_is_refused(wrong: str) -> None:
    with pytest.raises(SetupError, match="rooms"):
        CoverageTerms.of(CoverageSettings(rooms=("NVR01/D03=x", wrong)))


@dataclass(slots=True)
class Rooms:
    """An open house with a stay of one hour that nothing shows; everybody is signed in."""

    door: Open
    people: dict[str, Person]

    async def get(self, path: str, who: str = "sam", **asked: str) -> Answer:
        return await self.people[who].get(str(URL(path).with_query(asked)))

    async def outcome(self) -> str:
        page = (await self.get("/v1/coverage/rooms")).as_(StayPage)
        return page.stays[0].outcome

    async def say(self, who: str = "sam", **other: str) -> Answer:
        told = {"what": "recorder", "name": "nvr01", "code": "power", "reason": "配电检修"}
        told |= {"since": stamp(START), "until": stamp(START + timedelta(hours=1))}
        return await self.people[who].post("/v1/coverage/outages", OutageWanted(**told | other))

    async def agree(self, who: str, outage: str) -> Answer:
        path = f"/v1/coverage/outages/{outage}/approve"
        headers = {"Authorization": f"Bearer {self.people[who].token}"}
        return await self.door.send("POST", path, b"", headers)

    async def account(self) -> Passed:
        return await self.door.archive.accounting.pass_now()

    async def codes(self) -> list[tuple[str, bool]]:
        page = await self.door.archive.books.catalogue.run(found.findings_made, "", 50)
        return [(each.code, each.closed) for each in page.findings]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Rooms]:
    house = House.at(tmp_path)
    house = house.with_(settings=replace(house.parts.settings, coverage=CHOSEN))
    async with house.opened() as door:
        door.clock.advance(3600)
        roles = {"sam": Role.SUPERVISOR, "lena": Role.LEGAL, "audrey": Role.AUDITOR}
        people = {name: await door.person(role, name=name) for name, role in roles.items()}
        people["otto"] = await door.person(Role.OFFICER, "4711", "otto")
        await door.archive.books.catalogue.run(stays.take, [stay("S-1")])
        yield Rooms(door, people)


async def test_an_outage_explains_once_another_person_agrees(here: Rooms) -> None:
    said = (await here.say()).as_(OutageShown)
    assert (await here.outcome(), said.name, said.reason) == ("missing", "nvr01", "配电检修")
    for nobody_else in ("sam", "audrey", "otto"):
        assert (await here.agree(nobody_else, said.id)).status == 403

    agreed = (await here.agree("lena", said.id)).as_(OutageShown)

    assert (await here.outcome(), agreed.approver_name) == ("excused", "lena")
    assert (await here.agree("lena", said.id)).status == 409
    told = (await here.get("/v1/coverage/rooms/stay", session="S-1")).as_(StayCoverage)
    assert [each.id for each in told.outages] == [said.id]
    ended = OutageEnded(reason="其实有电")
    path = f"/v1/coverage/outages/{said.id}/end"
    assert (await here.people["sam"].post(path, ended)).as_(OutageShown).ender_name == "sam"
    assert await here.outcome() == "missing"
    listed = (await here.get("/v1/coverage/outages")).as_(OutagePage)
    assert [each.end_reason for each in listed.outages] == ["其实有电"]


WRONG = (
    {"code": "because"},
    {"what": "house"},
    {"name": "NVR99"},
    {"what": "channel", "name": "NVR01"},
    {"until": "2026-11-23T08:00:00.000Z"},
    {"until": "2027-11-23T08:00:00.000Z"},
    {"since": "x"},
    {"reason": " "},
)


async def test_what_is_no_outage_is_refused(here: Rooms) -> None:
    statuses = [(await here.say(**wrong)).status for wrong in WRONG]

    assert statuses == [400] * len(WRONG)


async def test_addresses_that_make_no_sense_are_answered(here: Rooms) -> None:
    for asked in ({"after": "x"}, {"outcome": "x"}, {"since": "x"}, {"limit": "0"}):
        assert (await here.get("/v1/coverage/rooms", **asked)).status == 400
    assert (await here.get("/v1/coverage/outages", after="x")).status == 400
    assert (await here.get("/v1/coverage/rooms/stay", session="S-404")).status == 404
    assert (await here.get("/v1/coverage/rooms", "otto")).status == 403
    assert (await here.say("otto")).status == 403


async def test_what_lacks_is_asked_about_and_ends_by_the_record(here: Rooms) -> None:
    assert await here.account() == Passed(opened=0, resolved=0)
    here.door.clock.advance(LATER)
    assert await here.account() == Passed(opened=1, resolved=0)
    assert await here.account() == Passed(opened=0, resolved=0)

    station = await here.door.station()
    film = replace(Footage(data=b"x"), officer=None, started=stamp(START), acquisition="imported")
    film = replace(film, camera="import/NVR01/D03", imported_by="c", import_reason="r")
    await station.pull(film)
    clip = (await station.archive(film)).clip
    await here.door.archive.books.catalogue.run(length_comes, clip, 60)

    assert await here.account() == Passed(opened=1, resolved=1)
    assert await here.codes() == [("coverage.room-late", False), ("coverage.room-gap", True)]


async def test_an_agreed_outage_or_a_withdrawn_stay_ends_the_finding(here: Rooms) -> None:
    run = here.door.archive.books.catalogue.run
    await run(stays.take, [stay("S-2", 10)])
    said = (await here.say(what="area", name="")).as_(OutageShown)
    here.door.clock.advance(LATER)
    assert await here.account() == Passed(opened=2, resolved=0)
    lena = await run(account, "lena")
    assert lena is not None
    await run(outages.approve, lena.id, said.id)

    assert (await here.account()).resolved == 2
    other = stay("S-3", 20, 80)
    await run(stays.take, [other])
    assert (await here.account()).opened == 1
    await run(stays.take, [StayWithdrawn(reference=other.reference)])
    assert (await here.account()).resolved == 1
