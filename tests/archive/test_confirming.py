"""What a clip may belong to, what an officer has yet to say, and what waits for a decision."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import incidents
from evidence.clock import stamp
from evidence.rights import Role
from evidence.wire import CandidatePage, LinkRejected, LinkShown, MinePage, WorkCounts, WorkPage
from tests.archive.house import START, Footage, House, Open
from tests.archive.ledger import BUFFER, told
from tests.archive.test_rulings import AFTER, ruled

EARLY = START - timedelta(hours=1)
EVENTS = [
    told("E-1", "4711", EARLY),
    told("E-9", "4711", EARLY - timedelta(hours=8)),
    told("E-8", "4711", EARLY - timedelta(days=2)),
    told("E-2", "0815", EARLY),
    told("E-20", "0815", EARLY),
]
LOST = Footage(data=b"lost", started=None, path=b"DCIM/100/C.MP4")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House.at(tmp_path)


async def filled(door: Open) -> tuple[str, str]:
    """One clip with a proposed link, and one that says nothing of when it was."""
    await door.archive.books.catalogue.run(incidents.take, EVENTS, BUFFER)
    station = await door.station()
    sure, lost = await station.archive(AFTER), await station.archive(LOST)
    return sure.clip, lost.clip


def numbers(page: CandidatePage) -> list[str]:
    return [each.number for each in page.candidates]


async def test_an_officer_is_named_the_events_of_that_day_and_finds_others_by_number(
    house: House,
) -> None:
    async with house.opened() as door:
        clip, lost = await filled(door)
        officer = await door.person(Role.OFFICER, "4711")
        reviewer = await door.person(Role.REVIEWER)
        path = f"/v1/clips/{clip}/candidates"

        own = (await officer.get(path)).as_(CandidatePage)
        typed = (await officer.get(f"{path}?number=E-2")).as_(CandidatePage)
        looked = (await reviewer.get(f"{path}?number=E-2")).as_(CandidatePage)
        by_receipt = (await officer.get(f"/v1/clips/{lost}/candidates")).as_(CandidatePage)

        assert [(each.number, each.standing) for each in own.candidates] == [
            ("E-1", "proposed"),
            ("E-9", None),
        ]
        assert [(each.number, each.officer, each.is_own) for each in typed.candidates] == [
            ("E-2", None, False)
        ]
        assert sorted(numbers(looked)) == ["E-2", "E-20"]
        assert {each.officer for each in looked.candidates} == {"0815"}
        assert numbers(by_receipt) == ["E-1", "E-9"]


@pytest.mark.slow
async def test_nobody_is_told_what_a_clip_of_somebody_else_may_belong_to(house: House) -> None:
    async with house.opened() as door:
        clip, _ = await filled(door)
        other, auditor = await door.person(Role.OFFICER, "0815"), await door.person(Role.AUDITOR)

        answers = [await who.get(f"/v1/clips/{clip}/candidates") for who in (other, auditor)]

        assert [each.status for each in answers] == [403, 403]


async def test_one_word_of_the_officer_settles_a_recording(house: House) -> None:
    async with house.opened() as door:
        clip, lost = await filled(door)
        officer = await door.person(Role.OFFICER, "4711")
        before = (await officer.get("/v1/mine")).as_(MinePage)
        (proposed,) = next(each.links for each in before.clips if each.clip == clip)

        said = (await ruled(officer, "confirm", clip, proposed.incident)).as_(LinkShown)

        open_ = (await officer.get("/v1/mine?limit=1")).as_(MinePage)
        settled = (await officer.get("/v1/mine?of=settled")).as_(MinePage)
        assert ({each.clip for each in before.clips}, before.total) == ({clip, lost}, 2)
        assert said.standing == "confirmed"
        assert ([each.clip for each in open_.clips], open_.next) == ([lost], None)
        assert [each.clip for each in settled.clips] == [clip]


@pytest.mark.slow
async def test_recordings_that_are_nobodys_or_old_are_not_ones_own(house: House) -> None:
    async with house.opened() as door:
        await filled(door)
        officer = await door.person(Role.OFFICER, "4711")
        nobody = await door.person(Role.REVIEWER)
        assert (await officer.get("/v1/mine?limit=1")).as_(MinePage).next is not None
        assert (await nobody.get("/v1/mine")).as_(MinePage).officer is None

        door.clock.advance(8 * 86_400)

        again = await door.person(Role.OFFICER, "4711", name="again")
        assert (await again.get("/v1/mine")).as_(MinePage).total == 0
        assert (await again.get("/v1/mine?days=30")).as_(MinePage).total == 2
        assert (await again.get("/v1/mine?of=all")).status == 400


async def test_a_proposed_link_waits_on_a_list_until_somebody_decides(house: House) -> None:
    async with house.opened() as door:
        clip, _ = await filled(door)
        reviewer = await door.person(Role.REVIEWER)
        (item,) = (await reviewer.get("/v1/worklists/links")).as_(WorkPage).items
        assert item.link is not None

        no_reason = await reviewer.post(
            f"/v1/clips/{clip}/links/{item.link.incident}/reject", LinkRejected(why="because")
        )
        assert (await ruled(reviewer, "reject", clip, item.link.incident)).status == 201

        after = (await reviewer.get("/v1/worklists")).as_(WorkCounts)
        assert (item.id, item.link.standing, item.link.dispatched) == (
            clip,
            "proposed",
            stamp(EARLY),
        )
        assert no_reason.status == 400
        assert {each.name: each.count for each in after.lists}["links"] == 0
