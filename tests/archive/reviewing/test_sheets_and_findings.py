"""What a checker finds wrong is somebody's to answer, and somebody else's to close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import draws, findings, found, reviewed, reviews
from archive.fixity import nobody
from archive.reviewing.chasing import Late
from evidence.clock import stamp
from evidence.errors import ClockWrong, MailNotSent, OutOfTurn, Refused
from evidence.wire import DrawCount, FindingShown, ReviewPage
from tests.archive.house import House, Open
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.reviewing.house_of_reviews import Reviewing, answers

A_DAY = timedelta(days=1).total_seconds()


@dataclass(slots=True)
class Box:
    """A channel that takes what it is told, unless it is closed."""

    is_closed: bool = False
    told: list[Late] = field(default_factory=list)

    async def tell_late(self, late: Sequence[Late]) -> Sequence[str]:
        if self.is_closed:
            raise MailNotSent("the mail server does not answer")
        self.told += late
        return ["mail"]


async def count(here: Reviewing, draw: str) -> DrawCount:
    made = await here.run(reviewed.count, draw)
    assert isinstance(made, DrawCount)
    return made


async def seen(here: Reviewing, finding: str) -> FindingShown:
    made = await here.run(found.finding, finding)
    assert isinstance(made, FindingShown)
    return made


async def test_a_wrong_point_is_to_be_put_right_by_its_deadline(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.draw()

    await here.fill("identity-shown", "picture-usable")

    opened = await here.record("finding.open")
    assert {each["code"] for each in opened} == {"sheet.identity-shown"}
    assert len(opened) == 2  # one a clip, though one clip was looked at twice
    assert {each["owner"] for each in opened} == {here.people["lead"]}
    assert "没有说明" not in str(opened)
    told = await count(here, draw)
    assert (told.clips, told.filled, told.passed, told.pairs, told.disagree) == (2, 2, 0, 1, 0)
    assert await here.fsck() == []


async def test_a_sheet_is_filled_in_once_by_whom_it_was_drawn_for(door: Open) -> None:
    here = await Reviewing.of(door)
    await here.draw()
    first = (await here.rows("review"))[0]
    other = next(each for each in here.people.values() if each != first["checker"])

    with pytest.raises(Refused):
        await here.run(reviews.fill, other, first["id"], answers())
    with pytest.raises(ValueError, match="each point once"):
        await here.run(reviews.fill, first["checker"], first["id"], answers()[1:])
    await here.run(reviews.fill, first["checker"], first["id"], answers())
    with pytest.raises(OutOfTurn):
        await here.run(reviews.fill, first["checker"], first["id"], answers())


async def test_who_looks_twice_does_not_see_what_the_first_found(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.draw(size=1, recheck=100)
    one, two = sorted(await here.rows("review"), key=lambda row: bool(row["recheck"]))
    await here.run(reviews.fill, one["checker"], one["id"], answers("rights-told"))

    async def sheet(reader: object) -> object:
        page = await here.run(reviewed.of_draw, draw, reader, "", 10)
        assert isinstance(page, ReviewPage)
        return page.reviews[0].sheet

    before, others = await sheet(two["checker"]), await sheet(here.people["legal"])
    await here.run(reviews.fill, two["checker"], two["id"], answers())

    assert before is None
    assert others == await sheet(two["checker"])
    told = await count(here, draw)
    assert (told.pairs, told.disagree, told.points_differ, told.points) == (1, 0, 1, 6)


async def test_whoever_answers_does_not_close(door: Open) -> None:
    here = await Reviewing.of(door)
    finding = await here.finding()

    with pytest.raises(Refused):
        await here.run(findings.answer, here.people["legal"], finding, "not mine")
    await here.run(findings.answer, here.people["lead"], finding, "记录仪故障")
    with pytest.raises(Refused):
        await here.run(findings.close, here.people["lead"], finding, "done")
    await here.run(findings.close, here.people["legal"], finding, "seen the report")
    with pytest.raises(OutOfTurn):
        await here.run(findings.close, here.people["legal"], finding, "again")

    told = await seen(here, finding)
    assert (told.closed, told.answered, [each.act for each in told.acts]) == (
        True,
        True,
        ["answer", "close"],
    )
    assert "记录仪" not in str(await here.record("finding.answer"))


async def test_what_is_opened_again_has_a_deadline_of_its_own(door: Open) -> None:
    here = await Reviewing.of(door)
    finding = await here.finding()
    await here.settled(finding)
    later = stamp(door.clock.now() + timedelta(days=30))

    await here.run(findings.reopen, here.people["legal"], finding, "it is not", later)

    told = await seen(here, finding)
    assert (told.closed, told.answered, told.due) == (False, False, later)
    assert await here.fsck() == []


async def test_who_is_late_is_reminded_and_then_told_of_higher_up(house: House) -> None:
    box = Box()
    async with house.with_(finding_teller=box).opened() as door:
        here = await Reviewing.of(door)
        finding = await here.finding(days=10)
        counts = []
        for days in (6, 1.5, 0.5, 3.5, 0.5, 6, 20):
            door.clock.advance(days * A_DAY)
            counts.append(await door.archive.chasing.chase_now())

        assert counts == [0, 1, 0, 1, 0, 1, 0]
        told = [(each.finding, each.level, each.role) for each in box.told]
        levels = [(0, None), (1, "supervisor"), (2, "legal")]
        assert told == [(finding, level, role) for level, role in levels]
        assert "1 findings are overdue" in str(await here.run(findings.problems))
        assert [entry["told"] for entry in await here.record("finding.escalate")] == [["mail"]] * 2


async def test_who_could_not_be_told_was_not(house: House) -> None:
    box = Box(is_closed=True)
    async with house.with_(finding_teller=box).opened() as door:
        here = await Reviewing.of(door)
        await here.finding(days=1)

        with pytest.raises(MailNotSent):
            await door.archive.chasing.chase_now()

        assert await here.record("finding.remind") == []
        assert any("people were not told of 1 findings" in p for p in await door.archive.problems())
        box.is_closed = False
        assert await door.archive.chasing.chase_now() == 1


async def test_after_a_closed_channel_nobody_is_told_again_at_once(
    house: House,
) -> None:
    box = Box(is_closed=True)
    async with house.with_(finding_teller=box).opened() as door:
        here = await Reviewing.of(door)
        await here.finding(days=1)
        chasing, tries = door.archive.chasing, []
        for minutes in (0, 1, 58, 2):
            door.clock.advance(minutes * 60)
            try:
                await chasing.chase_if_due()
                tries.append("waits")
            except MailNotSent:
                tries.append("tried")

    assert tries == ["tried", "waits", "waits", "tried"]


async def test_a_clock_that_jumped_blames_nobody(door: Open) -> None:
    here = await Reviewing.of(door)
    await here.finding(days=1)
    door.clock._now += timedelta(days=300)

    with pytest.raises(ClockWrong):
        await door.archive.chasing.chase_now()

    assert await here.record("finding.escalate") == []


async def test_all_of_it_comes_again_from_vault_and_log(house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        here = await Reviewing.of(door)
        first = await here.commit()
        await here.run(draws.abandon, here.people["lead"], first, "停电")
        await here.draw(redoes=first, redo_reason="停电")
        await here.fill("identity-shown")
        finding = await here.finding()
        await here.settled(finding)
        later = stamp(door.clock.now() + timedelta(days=2))
        await here.run(findings.reopen, here.people["legal"], finding, "no", later)
        await door.archive.chasing.chase_now()
        assert await door.archive.examine(nobody) == []
    before = await held_by(house)

    after, brought = await rebuilt(house, tmp_path / "new.db")

    for table in ("draw", "review", "sheet", "finding", "finding_act"):
        assert after[table] == before[table] != []
    assert brought.findings == []
