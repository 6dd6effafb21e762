"""What people say of links stands before the rule, and only what is sure counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import closings, stored
from archive.catalogue.catalogue import Transaction
from archive.catalogue.links import link_clip, link_incident
from archive.catalogue.tables import IncidentRow
from archive.fixity import nobody
from evidence.rights import Role
from evidence.wire import ClipDetail, EventGroups, LinkRejected, LinkShown, Message
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import Answer, Footage, House, Open, Person
from tests.archive.ledger import BUFFER
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.test_retaining import under

#: Two minutes after clearance: the rule is not sure.
AFTER = Footage(data=b"after", started="2026-11-23T08:02:00.000Z")
DURING = Footage(data=b"during", path=b"DCIM/100/B.MP4")


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "cad.csv").write_text(HEADER + GOOD)
    house = House.at(tmp_path, incident_feed=str(tmp_path / "cad.csv"))
    return under(house, law_pack="us-ca")


async def linked(door: Open, footage: Footage) -> tuple[str, str]:
    """The clip of *footage*, and the one incident."""
    clip = (await (await door.station()).archive(footage)).clip
    await door.archive.import_feed_now()
    (row,) = await door.archive._books.catalogue.run(stored.of, "incident", "number", ["E-1"])
    return clip, str(row["id"])


async def ruled(who: Person, what: str, clip: str, incident: str) -> Answer:
    told = LinkRejected(why="other-event") if what == "reject" else Message()
    return await who.post(f"/v1/clips/{clip}/links/{incident}/{what}", told)


async def rows(door: Open) -> list[Mapping[str, object]]:
    keys = await door.archive._books.catalogue.run(stored.keys, "link", "clip")
    return await door.archive._books.catalogue.run(stored.of, "link", "clip", keys)


def withdrawn_by(tx: Transaction, incident: str, entry: int | None) -> None:
    tx.session.get_one(IncidentRow, incident).withdrawn_entry = entry
    tx.session.flush()


async def is_in_a_case(door: Open, clip: str) -> bool:
    return clip in await door.archive._books.catalogue.run(closings.facts, [clip])


async def test_a_proposal_does_not_count_before_somebody_confirms_it(house: House) -> None:
    async with house.opened() as door:
        clip, incident = await linked(door, AFTER)
        officer = await door.person(Role.OFFICER, "4711")
        before = (await officer.get(f"/v1/clips/{clip}")).as_(ClipDetail)
        was_in_a_case = await is_in_a_case(door, clip)

        told = (await ruled(officer, "confirm", clip, incident)).as_(LinkShown)

        assert ([each.standing for each in before.links], before.summary.incidents) == (
            ["proposed"],
            [],
        )
        assert (was_in_a_case, await is_in_a_case(door, clip)) == (False, True)
        assert (told.standing, told.points) == ("confirmed", 45)
        assert (await ruled(officer, "confirm", clip, incident)).status == 409


async def test_what_comes_into_a_case_that_is_closed_is_kept_by_its_rules_at_once(
    house: House,
) -> None:
    async with house.opened() as door:
        clip, incident = await linked(door, AFTER)
        run = door.archive._books.catalogue.run
        house.clock.advance(timedelta(days=100).total_seconds())
        await run(closings.close, "u-1", "C-9", "verdict")
        (before,) = await run(stored.of, "clip", "id", [clip])

        await ruled(await door.person(Role.REVIEWER), "confirm", clip, incident)

        (after,) = await run(stored.of, "clip", "id", [clip])
        assert str(after["retain_until"]) > str(before["retain_until"])
        assert await door.archive.examine(nobody) == []


async def test_what_somebody_rejected_never_comes_back_by_itself(house: House) -> None:
    async with house.opened() as door:
        clip, incident = await linked(door, DURING)
        reviewer = await door.person(Role.REVIEWER)
        (before,) = await rows(door)

        assert (await ruled(reviewer, "reject", clip, incident)).status == 201
        await door.archive._books.catalogue.run(link_clip, clip, BUFFER)
        await door.archive._books.catalogue.run(link_incident, incident, BUFFER)

        (row,) = await rows(door)
        assert (before["standing"], row["standing"]) == ("automatic", "rejected")
        assert row["why"] == "other-event"
        assert not await is_in_a_case(door, clip)
        assert (await ruled(reviewer, "confirm", clip, incident)).status == 201


async def test_an_officer_takes_no_clip_out_of_its_case(house: House) -> None:
    async with house.opened() as door:
        clip, incident = await linked(door, DURING)
        officer = await door.person(Role.OFFICER, "4711")
        other = await door.person(Role.OFFICER, "0815")

        assert (await ruled(officer, "reject", clip, incident)).status == 403
        assert (await ruled(other, "confirm", clip, incident)).status == 403
        assert [row["standing"] for row in await rows(door)] == ["automatic"]


async def test_a_confirmed_link_counts_but_while_its_incident_is_withdrawn(house: House) -> None:
    async with house.opened() as door:
        clip, incident = await linked(door, AFTER)
        reviewer, run = await door.person(Role.REVIEWER), door.archive._books.catalogue.run
        await ruled(reviewer, "confirm", clip, incident)
        await run(link_incident, incident, timedelta(0))
        kept = [row["standing"] for row in await rows(door)]

        await run(withdrawn_by, incident, 1)
        await run(link_incident, incident, BUFFER)

        gone = await is_in_a_case(door, clip)
        assert (await ruled(reviewer, "reject", clip, incident)).status == 409

        await run(withdrawn_by, incident, None)
        await run(link_incident, incident, BUFFER)

        assert (kept, gone, await is_in_a_case(door, clip)) == (["confirmed"], False, True)


async def test_rulings_come_back_from_the_log(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        clip, incident = await linked(door, DURING)
        after, _ = await linked(door, AFTER)
        reviewer = await door.person(Role.REVIEWER)
        await ruled(reviewer, "reject", clip, incident)
        await ruled(reviewer, "confirm", after, incident)
        assert await door.archive.examine(nobody) == []

    made, _brought = await rebuilt(house, tmp_path / "new.sqlite")

    assert made["link"] == (await held_by(house))["link"]
    assert {row["standing"] for row in made["link"]} == {"rejected", "confirmed"}


async def test_the_cameras_of_an_event_are_told(house: House) -> None:
    async with house.opened() as door:
        await linked(door, DURING)
        supervisor = await door.person(Role.SUPERVISOR)

        told = (await supervisor.get("/v1/groups?event=E-1")).as_(EventGroups)

        assert (told.event, told.groups) == ("E-1", [])
        assert (await supervisor.get("/v1/groups?event=E-2")).status == 404
