"""What people say that clips show: on record, found by, and taken back by whoever may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow, RenditionRow
from archive.fixity import nobody
from evidence.rights import Role
from evidence.wire import ClipDetail, ClipPage, MarkerShown, MarkerWanted, Message
from tests.archive.house import Answer, Footage, House, Open, Person


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.at(tmp_path)


async def clip_of(door: Open, data: bytes = b"x", officer: str = "4711") -> str:
    footage = Footage(data=data, path=data, officer=officer)
    return (await (await door.station()).archive(footage)).clip


async def said(
    who: Person, clip: str, code: str, at_ms: int | None = None, note: str = ""
) -> Answer:
    wanted = MarkerWanted(code=code, at_ms=at_ms, note=note)
    return await who.post(f"/v1/clips/{clip}/markers", wanted)


async def taken_back(who: Person, clip: str, marker: str) -> Answer:
    return await who.post(f"/v1/clips/{clip}/markers/{marker}/withdraw", Message())


def entry(tx: Transaction, seq: int) -> dict[str, object]:
    return dict(json.loads(tx.session.get_one(EntryRow, seq).raw))


def of_length(tx: Transaction, clip: str, length: int) -> None:
    tx.session.get_one(RenditionRow, clip).duration_ms = length


async def test_a_marker_is_on_record_without_its_words(house: House) -> None:
    async with house.opened() as door:
        clip, officer = await clip_of(door), await door.person(Role.OFFICER, "4711")

        made = (await said(officer, clip, "weapon", 1500, "a knife of 张伟")).as_(MarkerShown)

        written = await door.archive.books.catalogue.run(entry, made.entry)
        assert (written["code"], written["at_ms"], written["marker"]) == ("weapon", 1500, made.id)
        assert "knife" not in json.dumps(written)
        assert (made.note, made.by_name) == ("a knife of 张伟", "officer 4711")
        assert await door.archive.examine(nobody) == []


async def test_what_is_withdrawn_stays_and_is_found_no_more(house: House) -> None:
    async with house.opened() as door:
        clip, other = await clip_of(door), await clip_of(door, b"y")
        reviewer = await door.person(Role.REVIEWER)
        made = (await said(reviewer, clip, "rights-told", 10)).as_(MarkerShown)
        await said(reviewer, clip, "rights-told", 20)
        having = (await reviewer.get("/v1/clips?marker=rights-told")).as_(ClipPage)
        lacking = (await reviewer.get("/v1/clips?unmarked=rights-told")).as_(ClipPage)

        assert (await taken_back(reviewer, clip, made.id)).status == 201
        still = (await reviewer.get("/v1/clips?marker=rights-told")).as_(ClipPage)
        detail = (await reviewer.get(f"/v1/clips/{clip}")).as_(ClipDetail)

        assert [(each.id, each.markers) for each in having.clips] == [(clip, ["rights-told"])]
        assert [each.id for each in lacking.clips] == [other]
        assert still.total == 1
        assert [each.withdrawn is None for each in detail.markers] == [False, True]
        assert (await taken_back(reviewer, clip, made.id)).status == 409
        assert (await taken_back(reviewer, other, made.id)).status == 404


async def test_an_officer_takes_back_their_own_word_only(house: House) -> None:
    async with house.opened() as door:
        clip = await clip_of(door)
        officer, reviewer = (
            await door.person(Role.OFFICER, "4711"),
            await door.person(Role.REVIEWER),
        )
        theirs = (await said(reviewer, clip, "use-of-force", 1)).as_(MarkerShown)
        own = (await said(officer, clip, "handover", 2)).as_(MarkerShown)
        stranger = await door.person(Role.OFFICER, "0815")

        assert (await taken_back(officer, clip, theirs.id)).status == 403
        assert (await taken_back(officer, clip, own.id)).status == 201
        assert (await said(stranger, clip, "handover")).status == 403
        assert (await said(await door.person(Role.AUDITOR), clip, "handover")).status == 403


async def test_what_is_no_marker_is_refused_in_words(house: House) -> None:
    async with house.opened() as door:
        station, reviewer = await door.station(), await door.person(Role.REVIEWER)
        clip = (await station.archive(Footage(data=b"x"))).clip
        await station.derive(clip)
        await door.archive.books.catalogue.run(of_length, clip, 61_000)

        wrong = [("murder", 1), ("weapon", -1), ("weapon", 62_001)]
        assert [(await said(reviewer, clip, *each)).status for each in wrong] == [400] * 3
        assert (await said(reviewer, clip, "weapon", 61_500)).status == 201
