"""Why there is no recording: two persons answer, and findings open once and end by the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from yarl import URL

from archive.accountability.passing import Passed
from archive.catalogue import findings, found, incidents
from archive.catalogue.people import account
from archive.fixity import nobody
from evidence.coverage_settings import CoverageSettings
from evidence.rights import Role
from evidence.settings import Settings
from evidence.wire import (
    CoveragePage,
    EventCoverage,
    ExcuseEnded,
    ExcuseShown,
    ExcuseWanted,
    FindingPage,
    WithheldPage,
)
from tests.archive.house import START, Answer, Footage, House, Open, Person
from tests.archive.ledger import BUFFER, told
from tests.archive.rebuilding import held_by, rebuilt

LATER = timedelta(hours=60).total_seconds()


@dataclass(slots=True)
class Answering:
    """An open house with one event to which 4711 was sent; everybody is signed in."""

    house: House
    door: Open
    people: dict[str, Person]
    incident: str = ""

    async def page(self, **asked: str) -> CoveragePage:
        answer = await self.get("/v1/coverage", **asked)
        return answer.as_(CoveragePage)

    async def get(self, path: str, **asked: str) -> Answer:
        return await self.people["sam"].get(str(URL(path).with_query(asked)))

    async def ask(self, who: str, code: str = "covert") -> Answer:
        wanted = ExcuseWanted(incident=self.incident, code=code, reason="便衣侦查")
        return await self.people[who].post("/v1/coverage/excuses", wanted)

    async def approve(self, who: str, excuse: str) -> Answer:
        path = f"/v1/coverage/excuses/{excuse}/approve"
        headers = {"Authorization": f"Bearer {self.people[who].token}"}
        return await self.door.send("POST", path, b"", headers)

    async def film(self) -> None:
        station = await self.door.station()
        clip = replace(Footage(data=b"late"), officer="4711", started="2026-11-23T08:00:00.000Z")
        await station.archive(clip)

    async def account(self) -> Passed:
        return await self.door.archive.accounting.pass_now()

    async def findings(self) -> FindingPage:
        run = self.door.archive.books.catalogue.run
        return await run(found.findings_made, "", 50)


@asynccontextmanager
async def answering(folder: Path, owner: str = "sam") -> AsyncIterator[Answering]:
    house = House.at(folder)
    chosen: Settings = replace(house.parts.settings, coverage=CoverageSettings(owner=owner))
    house = house.with_(settings=chosen)
    async with house.opened() as door:
        door.clock.advance(3600)
        roles = {"sam": Role.SUPERVISOR, "lena": Role.LEGAL, "audrey": Role.AUDITOR}
        people = {name: await door.person(role, name=name) for name, role in roles.items()}
        people["otto"] = await door.person(Role.OFFICER, "4711", "otto")
        people["eve"] = await door.person(Role.OFFICER, "9999", "eve")
        people["twin"] = await door.person(Role.SUPERVISOR, "4711", "twin")
        here = Answering(house, door, people)
        run = door.archive.books.catalogue.run
        await run(incidents.take, [told("E-1", "4711", START, 60)], BUFFER)
        here.incident = (await here.page()).parts[0].incident
        yield here


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Answering]:
    async with answering(tmp_path) as made:
        yield made


async def test_an_excuse_counts_once_another_person_agrees(here: Answering) -> None:
    asked = (await here.ask("otto")).as_(ExcuseShown)
    assert (await here.page()).parts[0].outcome == "missing"
    for nobody_else in ("twin", "otto", "audrey"):
        assert (await here.approve(nobody_else, asked.id)).status == 403

    agreed = (await here.approve("sam", asked.id)).as_(ExcuseShown)

    page = await here.page()
    assert (page.parts[0].outcome, agreed.approver_name) == ("excused", "sam")
    assert page.count is not None
    assert (page.count.excused, page.count.parts_without) == (1, 1)
    assert (await here.approve("lena", asked.id)).status == 409
    assert (await here.ask("lena")).status == 409


async def test_an_excuse_that_was_ended_excuses_nothing(here: Answering) -> None:
    asked = (await here.ask("sam")).as_(ExcuseShown)
    assert (await here.approve("sam", asked.id)).status == 403
    await here.approve("lena", asked.id)
    path = f"/v1/coverage/excuses/{asked.id}/end"

    ended = await here.people["sam"].post(path, ExcuseEnded(reason="查无此事"))

    assert ended.as_(ExcuseShown).end_reason == "查无此事"
    assert (await here.page()).parts[0].outcome == "missing"
    assert (await here.people["sam"].post(path, ExcuseEnded(reason="x"))).status == 409
    assert (await here.ask("sam")).status == 201


async def test_officers_answer_for_themselves_and_with_a_code(here: Answering) -> None:
    assert (await here.ask("eve")).status == 404
    assert (await here.ask("otto", code="because")).status == 400
    assert (await here.people["otto"].get("/v1/coverage")).status == 403


async def test_addresses_that_make_no_sense_are_answered(here: Answering) -> None:
    for asked in ({"after": "x"}, {"outcome": "x"}, {"since": "x"}, {"limit": "0"}):
        assert (await here.get("/v1/coverage", **asked)).status == 400
    assert (await here.get("/v1/coverage/event", number="E-404")).status == 404
    event = (await here.get("/v1/coverage/event", number="E-1")).as_(EventCoverage)
    assert [each.officer for each in event.parts] == ["4711"]
    assert (await here.get("/v1/coverage/withheld")).as_(WithheldPage).numbers == []


async def test_what_lacks_is_asked_about_once_after_the_grace(here: Answering) -> None:
    assert await here.account() == Passed(opened=0, resolved=0)
    here.door.clock.advance(LATER)

    assert await here.account() == Passed(opened=1, resolved=0)
    assert await here.account() == Passed(opened=0, resolved=0)

    [finding] = (await here.findings()).findings
    assert (finding.code, finding.owner_name, finding.source) == (
        "coverage.missing",
        "sam",
        here.incident,
    )


async def test_footage_that_comes_ends_the_finding_and_its_lateness_is_another(
    here: Answering,
) -> None:
    here.door.clock.advance(LATER)
    await here.account()
    await here.film()

    assert await here.account() == Passed(opened=1, resolved=1)

    late, missing = (await here.findings()).findings
    assert (late.code, late.closed) == ("coverage.late", False)
    assert (missing.closed, missing.acts[-1].by) == (True, "archive")
    assert "It is there: " in str(missing.acts[-1].text)
    assert await here.account() == Passed(opened=0, resolved=0)


async def test_what_a_person_settled_is_not_asked_again(here: Answering) -> None:
    here.door.clock.advance(LATER)
    await here.account()
    [finding] = (await here.findings()).findings
    run = here.door.archive.books.catalogue.run
    lena = await run(account, "lena")
    assert lena is not None
    await run(findings.answer, finding.owner, finding.id, "当日未配发")
    await run(findings.close, lena.id, finding.id, "查清")

    assert await here.account() == Passed(opened=0, resolved=0)


async def test_nobody_is_asked_before_somebody_is_named(tmp_path: Path) -> None:
    async with answering(tmp_path, owner="nobody at all") as here:
        here.door.clock.advance(LATER)

        assert (await here.account()).opened == 0
        assert any("nobody at all" in each for each in await here.door.archive.problems())


async def test_fsck_and_a_rebuild_know_excuses(tmp_path: Path) -> None:
    async with answering(tmp_path) as here:
        asked = (await here.ask("otto")).as_(ExcuseShown)
        await here.approve("sam", asked.id)
        end = f"/v1/coverage/excuses/{asked.id}/end"
        await here.people["lena"].post(end, ExcuseEnded(reason="不实"))
        await here.ask("sam")
        assert await here.door.archive.examine(nobody) == []
        house = here.house
    before = await held_by(house)

    after, brought = await rebuilt(house, tmp_path / "again.db")

    assert brought.findings == []
    assert before["excuse"] == after["excuse"]
    assert len(after["excuse"]) == 2
