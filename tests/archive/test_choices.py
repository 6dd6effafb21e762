"""What was said at a station's board counts at the archive, whatever comes first."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue import incidents
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import EntryRow
from archive.fixity import nobody
from evidence.clip import new_id
from evidence.clock import stamp
from evidence.commitment import Opening
from evidence.custody import EntryKind
from evidence.rights import Role
from evidence.wire import (
    ActOpenings,
    ChoiceShown,
    ClipDetail,
    JournalPush,
    KioskAsked,
    KioskIncidents,
    OpeningSent,
)
from tests.archive.house import START, Answer, Footage, House, Open, Station
from tests.archive.ledger import BUFFER, told
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.test_rulings import ruled

EVENT = told("E-1", "4711", START)
CLIP = Footage(data=b"x", started=None)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.at(tmp_path)


async def chosen(
    station: Station, clip: str, *, officer: str = "4711", number: str = "", **fields: object
) -> Answer:
    """Somebody with the badge of *officer* says something of *clip*; pushed with its words."""
    openings = {"officer": Opening.fresh(officer)}
    openings |= {"event": Opening.fresh(number)} if number else {}
    act = station.act(
        EntryKind.CLIP_CHOSEN,
        clip,
        choice=new_id("q"),
        commitments={name: each.commitment.hex for name, each in openings.items()},
        **fields,
    )
    words = {name: OpeningSent(**each.to_wire()) for name, each in openings.items()}
    pushed = JournalPush(acts=[act], openings=[ActOpenings(number=act.number, openings=words)])
    return await station.post("/v1/journal", pushed)


async def of_feed(door: Open) -> str:
    """The one event is told; id of its incident."""
    await door.archive.books.catalogue.run(incidents.take, [EVENT], BUFFER)
    station = await door.station()
    asked = KioskAsked(officer="4711", since=stamp(START), until=stamp(EVENT.cleared))
    found = (await station.post("/v1/kiosk/incidents", asked)).as_(KioskIncidents)
    return found.incidents[0].incident


async def detail(door: Open, clip: str) -> ClipDetail:
    reviewer = await door.person(Role.REVIEWER, name=new_id("u"))
    return (await reviewer.get(f"/v1/clips/{clip}")).as_(ClipDetail)


def standing(shown: ClipDetail) -> list[tuple[str, str, bool]]:
    return [(each.number, each.standing, each.at_board) for each in shown.links]


def said(shown: ClipDetail) -> list[str | None]:
    return [each.ended for each in shown.choices]


@pytest.mark.parametrize("first", ["said", "archived", "told"])
async def test_a_typed_number_confirms_the_link_whatever_comes_first(
    house: House, first: str
) -> None:
    async with house.opened() as door:
        station = await door.station()
        await station.pull(CLIP)
        if first == "told":
            await of_feed(door)
        if first != "said":
            await station.archive(CLIP)
        assert (await chosen(station, CLIP.clip, number="E-1")).status == 200
        if first == "said":
            await station.archive(CLIP)
        before = await detail(door, CLIP.clip)
        if first != "told":
            await of_feed(door)

        after = await detail(door, CLIP.clip)
        assert said(before) == (["linked"] if first == "told" else [None])
        assert standing(after) == [("E-1", "confirmed", True)]
        assert said(after) == ["linked"]
        assert await door.archive.examine(nobody) == []


@pytest.mark.slow
async def test_a_chosen_incident_and_a_marker_count_at_once(house: House) -> None:
    async with house.opened() as door:
        incident, station = await of_feed(door), await door.station()
        clip = (await station.archive(CLIP)).clip

        await chosen(station, clip, incident=incident)
        await chosen(station, clip, code="use-of-force")
        await chosen(station, clip, incident=incident)

        shown = await detail(door, clip)
        assert said(shown) == ["linked", "marked", "already"]
        assert [(each.code, each.at_ms, each.by) for each in shown.markers] == [
            ("use-of-force", None, station.id)
        ]


async def test_whoever_has_no_say_is_not_heard_and_that_is_on_record(house: House) -> None:
    async with house.opened() as door:
        incident, station, other = await of_feed(door), await door.station(), await door.station()
        clip = (await station.archive(CLIP)).clip
        reviewer = await door.person(Role.REVIEWER)

        await chosen(station, clip, incident=incident, officer="0815")
        await chosen(other, clip, incident=incident)
        await chosen(station, clip, incident=new_id("i"))
        await chosen(station, clip, code="murder")
        assert (await ruled(reviewer, "reject", clip, incident)).status == 201
        await chosen(station, clip, incident=incident)

        shown = await detail(door, clip)
        ended = ["other-officer", "other-station", "unknown", "unknown", "rejected"]
        assert said(shown) == ended
        assert (standing(shown), shown.markers) == ([("E-1", "rejected", False)], [])


@pytest.mark.slow
async def test_a_clip_that_has_another_name_here_is_known_by_it(house: House) -> None:
    async with house.opened() as door:
        incident, first, second = await of_feed(door), await door.station(), await door.station()
        same = replace(CLIP, clip=new_id("c"))
        await first.archive(CLIP)
        await second.pull(same)
        await chosen(second, same.clip, incident=incident)
        answer = await second.archive(same)

        act = second.act(EntryKind.CLIP_ARCHIVED, same.clip, archive_clip=answer.clip)
        await second.post("/v1/journal", JournalPush(acts=[act]))

        assert answer.clip == CLIP.clip
        assert standing(await detail(door, CLIP.clip)) == [("E-1", "confirmed", True)]


async def test_what_a_badge_says_does_not_stand_in_the_way_of_the_clip(house: House) -> None:
    """The newest act that commits to something about a clip is what its offer must open."""
    async with house.opened() as door:
        station = await door.station()
        await station.pull(CLIP)
        await chosen(station, CLIP.clip, number="E-1")

        assert (await station.archive(CLIP)).clip == CLIP.clip


def entry(tx: Transaction, seq: int) -> str:
    return tx.session.get_one(EntryRow, seq).raw.decode()


async def test_no_number_and_no_officer_is_in_the_log(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        station = await door.station()
        await station.pull(CLIP)
        await station.archive(CLIP)
        await chosen(station, CLIP.clip, number="E-4711-77")
        (choice,) = (await detail(door, CLIP.clip)).choices
        written = await door.archive.books.catalogue.run(entry, choice.entry)
        assert isinstance(choice, ChoiceShown)
        assert (choice.number, "4711" in written) == ("E-4711-77", False)
        assert await door.archive.examine(nobody) == []

    made, brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert made["choice"] == (await held_by(house))["choice"]
    assert brought.findings == []


async def test_what_is_no_choice_is_refused(house: House) -> None:
    async with house.opened() as door:
        station = await door.station()
        act = station.act(EntryKind.CLIP_CHOSEN, CLIP.clip, choice=new_id("q"))
        bare = await station.post("/v1/journal", JournalPush(acts=[act]))
        station.acts.clear()
        act = station.act(EntryKind.DOCK_ENDED, None)
        words = {"event": OpeningSent(**Opening.fresh("E-1").to_wire())}
        opens = [ActOpenings(number=act.number, openings=words)]
        false = await station.post("/v1/journal", JournalPush(acts=[act], openings=opens))

        assert (bare.status, false.status) == (400, 400)
        assert "opens nothing" in json.loads(false.body)["detail"]
