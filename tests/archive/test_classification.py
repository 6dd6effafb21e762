"""What people say that a clip is decides how long it is kept; nobody shortens anything alone."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from archive.catalogue import stored
from archive.catalogue.classifications import classify
from archive.fixity import nobody
from evidence.custody import Entry
from evidence.errors import Refused
from evidence.law import shelf
from evidence.law.rulebook import Rulebook
from evidence.rights import Role
from evidence.wire import ClassifiedShown, Classify, ClipDetail, LawShown
from tests.archive.house import Answer, Footage, House, Open, Person
from tests.archive.ledger import archive, footage, ledger

FOOTAGE = Footage(data=b"footage")


@pytest.fixture
def house(house: House) -> House:
    return under(house, "us-ca")


def under(house: House, law: str) -> House:
    archive = replace(house.parts.settings.archive, law_pack=law)
    return house.with_(settings=replace(house.parts.settings, archive=archive))


async def said(who: Person, clip: str, *categories: str) -> Answer:
    return await who.post(f"/v1/clips/{clip}/classification", Classify(categories=[*categories]))


async def on_record(door: Open, *kinds: str) -> list[Mapping[str, object]]:
    rows = await door.archive._books.catalogue.run(stored.of, "entry", "kind", kinds)
    found = [(row["seq"], row["raw"]) for row in rows]
    return [Entry(raw).fields for _, raw in sorted(found) if isinstance(raw, bytes)]


async def archived(door: Open) -> str:
    return (await (await door.station()).archive(FOOTAGE)).clip


async def test_a_first_word_decides_how_long_it_is_kept(door: Open) -> None:
    clip, who = await archived(door), await door.person(Role.REVIEWER)

    told = (await said(who, clip, "nonevidentiary")).as_(ClassifiedShown)

    assert (told.retain_until[:10], told.retain_rule) == ("2027-01-23", "us-ca/1:nonevidentiary")
    classified, retained = await on_record(door, "clip.classify", "retain")
    assert classified["categories"] == ["nonevidentiary"]
    assert (retained["clip"], str(retained["retain_until"])[:10]) == (clip, "2027-01-23")
    shown = (await who.get(f"/v1/clips/{clip}")).as_(ClipDetail)
    assert (shown.categories, shown.retain_rule) == (["nonevidentiary"], told.retain_rule)
    assert await door.archive.examine(nobody) == []


async def test_more_may_be_said_by_one_and_less_by_nobody_alone(door: Open) -> None:
    clip, who = await archived(door), await door.person(Role.SUPERVISOR)
    await said(who, clip, "nonevidentiary")

    longer = (await said(who, clip, "detention", "nonevidentiary")).as_(ClassifiedShown)
    less = await said(who, clip, "nonevidentiary")

    assert longer.retain_until[:10] == "2028-11-24"
    assert (less.status, less.title) == (403, "Refused")
    assert b"until 2028-11-24" in less.body
    assert b"until 2027-01-23" in less.body
    shown = (await who.get(f"/v1/clips/{clip}")).as_(ClipDetail)
    assert shown.categories == ["detention", "nonevidentiary"]
    assert len(await on_record(door, "clip.classify")) == 2
    assert await door.archive.examine(nobody) == []


async def test_said_again_nothing_is_recorded(door: Open) -> None:
    clip, who = await archived(door), await door.person(Role.LEGAL)
    first = (await said(who, clip, "detention")).as_(ClassifiedShown)

    again = (await said(who, clip, "detention", "detention")).as_(ClassifiedShown)

    assert again == first
    assert len(await on_record(door, "clip.classify")) == 1


@pytest.mark.parametrize(
    ("categories", "problem"),
    [((), b"no category was named"), (("gossip",), b"there is no category 'gossip'")],
)
async def test_what_no_pack_knows_is_refused_and_changes_nothing(
    door: Open, categories: tuple[str, ...], problem: bytes
) -> None:
    clip, who = await archived(door), await door.person(Role.REVIEWER)

    answer = await said(who, clip, *categories)

    assert answer.status == 400
    assert problem in answer.body
    assert await on_record(door, "clip.classify", "retain") == []


@pytest.mark.parametrize(
    ("role", "officer", "status"),
    [
        (Role.OFFICER, "4711", 201),
        (Role.OFFICER, "0815", 403),
        (Role.AUDITOR, None, 403),
        (Role.ADMIN, None, 403),
        (Role.REVIEWER, None, 201),
    ],
)
async def test_who_may_say_it(door: Open, role: Role, officer: str | None, status: int) -> None:
    clip, who = await archived(door), await door.person(role, officer)

    assert (await said(who, clip, "detention")).status == status


async def test_a_clip_that_is_not_there(door: Open) -> None:
    answer = await said(await door.person(Role.REVIEWER), "c-none", "detention")

    assert answer.status == 404


async def test_the_words_are_told_in_both_languages(door: Open) -> None:
    law = (await (await door.person(Role.OFFICER, "4711")).get("/v1/law")).as_(LawShown)

    assert [each.pack for each in law.packs] == ["us-ca/1"]
    assert "detention" in {each.id for each in law.categories}
    assert all(each.title and each.title_zh for each in law.categories)


async def test_rules_go_by_what_it_is(house: House) -> None:
    """A law that comes later keeps it as what it is, and shortens nothing."""
    async with under(house, "us-il").opened() as door:
        clip, who = await archived(door), await door.person(Role.REVIEWER)
        await said(who, clip, "routine")
        house.clock.advance(timedelta(days=3).total_seconds())
        who = await door.person(Role.REVIEWER, name="three days later")
        await said(who, clip, "flagged", "routine")

        assert await door.archive.apply_rules_now() == 0

        shown = (await who.get(f"/v1/clips/{clip}")).as_(ClipDetail)
        assert (str(shown.retain_until)[:10], shown.retain_rule) == (
            "2028-11-27",
            "us-il/1:flagged",
        )
    async with under(house, "uk-met").opened() as door:
        assert await door.archive.apply_rules_now() == 1  # it knows neither word
        assert (await on_record(door, "retain"))[-1]["retain_rule"] == "uk-met/1:evidential"


def test_after_the_first_word_no_date_ever_goes_back() -> None:
    chance, book = random.Random(1), Rulebook(law=shelf.pack("us-ca"))
    with ledger() as tx:
        for number in range(100):
            clip = footage(f"c-{number}", "4711", None)
            archive(tx, clip)
            dates = []
            for _ in range(6):
                said = chance.choices(["nonevidentiary", "detention", "complaint"], k=2)
                with suppress(Refused):
                    dates.append(classify(tx, "p-1", clip.clip, said, book).retain_until)

            assert dates == sorted(dates)
            assert dates
