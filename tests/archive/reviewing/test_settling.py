"""Nobody settles a finding alone, or stops one; a review that nobody can do is void on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archive.catalogue import answerable, findings, found, reviewed, reviews
from archive.catalogue.answerable import Lacking, Owners
from archive.catalogue.findings import NewFinding
from evidence.clock import stamp
from evidence.errors import NotKnown, OutOfTurn, Refused
from evidence.rights import Role
from evidence.sheet import Answered, result
from evidence.sheet_shelf import template
from evidence.wire import DrawCount, FindingPage, FindingSaid, FindingWanted, ReviewPage
from tests.archive.house import Open
from tests.archive.reviewing.house_of_reviews import SHEET, Reviewing, answers


async def test_an_answer_comes_first_and_the_opener_does_not_close(door: Open) -> None:
    here = await Reviewing.of(door)
    finding = await here.finding()  # opened by the auditor

    with pytest.raises(OutOfTurn, match="nobody has answered"):
        await here.run(findings.close, here.people["legal"], finding, "settled")
    await here.run(findings.answer, here.people["lead"], finding, "记录仪故障")
    with pytest.raises(Refused):
        await here.run(findings.close, here.people["auditor"], finding, "settled")
    await here.run(findings.close, here.people["legal"], finding, "settled")
    later = stamp(door.clock.now() + timedelta(days=2))
    await here.run(findings.reopen, here.people["auditor"], finding, "no", later)

    with pytest.raises(OutOfTurn, match="nobody has answered"):
        await here.run(findings.close, here.people["legal"], finding, "settled again")


async def test_another_account_of_the_owner_answers_and_does_not_close(door: Open) -> None:
    here = await Reviewing.of(door)
    for name, role in (("me", Role.OFFICER), ("me too", Role.SUPERVISOR)):
        here.people[name] = await door.archive.create_person(name, "correct horse", role, "4712")
    finding = await here.finding(owner="me")

    await here.run(findings.answer, here.people["me too"], finding, "here it is")

    with pytest.raises(Refused):
        await here.run(findings.close, here.people["me too"], finding, "settled")
    page = await here.run(found.findings_made, "", 9, owner=here.people["me too"])
    assert isinstance(page, FindingPage)
    assert [each.id for each in page.findings] == [finding]


async def test_what_a_person_opened_by_hand_stops_nothing(door: Open) -> None:
    here = await Reviewing.of(door)
    lacking = Lacking(code="coverage.missing", about="incident", subject="E-17", what="w")
    due = stamp(door.clock.now() + timedelta(days=5))
    by_hand = NewFinding(
        code=lacking.code,
        about="incident",
        subject="E-17",
        owner=here.people["lead"],
        due=due,
        what="w",
    )
    first = str(await here.run(findings.open_, here.people["auditor"], by_hand))
    await here.settled(first)
    owners = Owners(default=here.people["lead"], of_units={})

    assert await here.run(answerable.open_new, [lacking], owners, due) == 1
    assert await here.run(answerable.open_new, [lacking], owners, due) == 0


async def test_codes_are_chosen_and_deadlines_are_near(door: Open) -> None:
    await door.archive.create_person("lead", "correct horse", Role.SUPERVISOR)
    auditor = await door.person(Role.AUDITOR)
    for code, days, status in (
        ("conduct", 10, 201),
        ("coverage.missing", 10, 400),
        ("sheet.identity-shown", 10, 400),
        ("wang-wu-was-drunk", 10, 400),
        ("conduct", 366, 400),
        ("conduct", -1, 400),
    ):
        asked = FindingWanted(
            code=code,
            about="camera",
            subject="B-1",
            owner="lead",
            due=stamp(door.clock.now() + timedelta(days=days)),
            what="坏了",
        )
        assert (await auditor.post("/v1/findings", asked)).status == status, (code, days)


async def test_what_is_another_officers_looks_like_nothing(door: Open) -> None:
    here = await Reviewing.of(door)
    finding = await here.finding()
    officer, none = await door.person(Role.OFFICER, "4712"), "f-" + "0" * 32
    said = FindingSaid(text="x")

    seen = [await officer.get(f"/v1/findings/{each}") for each in (finding, none)]
    told = [await officer.post(f"/v1/findings/{each}/answer", said) for each in (finding, none)]

    for theirs, nothing in (seen, told):
        assert theirs.status == nothing.status == 404
        assert theirs.title.replace(finding, none) == nothing.title


async def test_a_sheet_on_which_nothing_counts_passes_no_more_than_it_fails(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.draw(recheck=0)
    one, other = await here.rows("review")
    nothing = [Answered(point=point.id, verdict="na") for point in SHEET.points]

    await here.run(reviews.fill, one["checker"], one["id"], nothing)
    await here.run(reviews.fill, other["checker"], other["id"], answers())

    told = await here.run(reviewed.count, draw)
    assert isinstance(told, DrawCount)
    assert (told.filled, told.passed, told.empty) == (2, 1, 1)
    assert sorted(str(each.get("passed")) for each in await here.record("sheet.fill")) == [
        "None",
        "True",
    ]
    assert await here.fsck() == []


def test_a_point_that_must_be_right_fails_a_sheet_on_which_nothing_counts() -> None:
    sheet = template("scene")
    must = next(point.id for point in sheet.points if not point.score)
    said = {"fail": False, "pass": None, "na": None}
    for verdict, passed in said.items():
        told = [
            Answered(point=point.id, verdict=verdict if point.id == must else "na")  # type: ignore[arg-type]
            for point in sheet.points
        ]
        assert result(sheet, told).passed is passed


async def test_a_review_that_nobody_can_do_is_void_and_not_overdue(door: Open) -> None:
    here = await Reviewing.of(door)
    draw = await here.draw(recheck=0)
    one, other = await here.rows("review")
    checker, lead = str(one["checker"]), here.people["legal"]
    door.clock.advance(timedelta(days=20).total_seconds())

    with pytest.raises(OutOfTurn, match="neither sealed nor gone"):
        await here.run(reviews.void, lead, one["id"], "clip", "封存")
    with pytest.raises(Refused):
        await here.run(reviews.void, checker, one["id"], "other", "no time")
    await here.seal(str(one["clip"]))
    await here.run(reviews.void, lead, one["id"], "clip", "已封存")
    with pytest.raises(OutOfTurn, match="is void"):
        await here.run(reviews.fill, checker, one["id"], answers())

    count = await here.run(reviewed.count, draw)
    assert isinstance(count, DrawCount)
    assert (count.void, count.overdue) == (1, 1)
    assert f"1 sheets are overdue, the oldest since {other['due']}" in str(
        await here.run(reviews.problems)
    )
    assert "封存" not in str(await here.record("review.void"))
    assert await here.fsck() == []


async def test_reviews_come_in_pages_and_what_is_to_do_first(door: Open) -> None:
    here = await Reviewing.of(door, clips=5, reviewers=0)
    draw = await here.draw(size=5, recheck=0)
    rows = sorted(await here.rows("review"), key=lambda row: int(str(row["place"])))
    me = here.people["lead"]
    await here.run(reviews.fill, me, rows[4]["id"], answers())

    async def paged(verb: object, *told: str) -> list[str]:
        seen, after = list[str](), ""
        while True:
            page = await here.run(verb, *told, after, 2)  # type: ignore[arg-type]
            assert isinstance(page, ReviewPage)
            seen += [each.id for each in page.reviews]
            if page.next is None:
                return seen
            after = page.next

    ids = [str(row["id"]) for row in rows]
    assert await paged(reviewed.of_draw, draw, me) == ids
    assert await paged(reviewed.of_person, me) == [*reversed(ids[:4]), ids[4]]
    with pytest.raises(ValueError, match="nothing that a page said"):
        await here.run(reviewed.of_person, me, "x", 2)
    with pytest.raises(NotKnown):
        await here.run(reviewed.shown, "r-0", me)
