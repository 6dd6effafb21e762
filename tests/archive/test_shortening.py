"""Kept for less only when two persons saw the list, and after it cooled off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import stored
from archive.catalogue.proposals import approve, withdraw
from archive.fixity import nobody
from archive.shortening import Shortening
from evidence.custody import Entry
from evidence.errors import Refused
from evidence.rights import Role
from evidence.vault import Bucket
from evidence.wire import (
    Classify,
    ClipDetail,
    ClipShorteningWanted,
    HoldShown,
    HoldWanted,
    ImpactPage,
    ProposalShown,
    ShorteningWanted,
)
from tests.archive.house import Answer, Footage, House, Open, Person
from tests.archive.rebuilding import held_by, rebuilt
from tests.archive.test_retaining import under
from tests.faults.lab import Gate, RottingVault

WEEK = timedelta(days=7)
WHY = "the law asks for no more"


@pytest.fixture
def house(house: House) -> House:
    return under(house, law_pack="us-ca", session_minutes=60 * 24 * 365)


async def archived(house: House, *names: str) -> list[str]:
    """Clips that came in under a law by which they are kept for ever."""
    async with under(house, law_pack="cn-2016").opened() as door:
        station = await door.station()
        return [(await station.archive(Footage(data=name.encode()))).clip for name in names]


def shorter(door: Open, outside: timedelta | None = timedelta(0)) -> Shortening:
    """What shortens here; the clock outside is ahead of ours by that.  None: there is none."""
    ours = door.archive.shortening
    return Shortening(
        catalogue=ours.catalogue,
        vault=ours.vault,
        clock=ours.clock,
        watch=ours.watch,
        agency=ours.agency,
        rulebook=ours.rulebook,
        outside=lambda: None if outside is None else door.clock.now() + outside,
    )


async def kept(door: Open, clip: str) -> str:
    (row,) = await door.archive.books.catalogue.run(stored.of, "clip", "id", [clip])
    return str(row["retain_until"])[:10]


async def on_record(door: Open, *kinds: str) -> list[Mapping[str, object]]:
    rows = await door.archive.books.catalogue.run(stored.of, "entry", "kind", kinds)
    found = [(row["seq"], row["raw"]) for row in rows]
    return [Entry(raw).fields for _, raw in sorted(found) if isinstance(raw, bytes)]


async def seen(who: Person) -> ImpactPage:
    return (await who.get("/v1/retention/impact")).as_(ImpactPage)


async def proposed(door: Open, who: Person) -> ProposalShown:
    await door.archive.apply_rules_now()
    wanted = ShorteningWanted(impact=(await seen(who)).sha256, reason=WHY)
    return (await who.post("/v1/retention/shortening", wanted)).as_(ProposalShown)


async def agreed(door: Open, made: ProposalShown) -> ProposalShown:
    """Another person approves it."""
    other = await door.person(Role.LEGAL, name="another")
    shown = (await other.get(f"/v1/proposals/{made.id}/impact")).as_(ImpactPage)
    assert shown.count >= 1
    person = await door.archive.books.person("another")
    assert person is not None
    return await door.archive.books.catalogue.run(approve, person, made.id, WEEK)


def wait(door: Open, how_long: timedelta) -> None:
    door.clock.advance(how_long.total_seconds())


async def test_a_list_that_two_saw_takes_effect_after_it_cooled_off(house: House) -> None:
    clips = await archived(house, "one", "two")
    async with house.opened() as door:
        who = await door.person(Role.SUPERVISOR)
        made = await agreed(door, await proposed(door, who))
        assert [await shorter(door).apply_due_now(), await kept(door, clips[0])] == [
            0,
            "9999-12-31",
        ]
        wait(door, WEEK - timedelta(seconds=1))
        assert [await shorter(door).apply_due_now(), await kept(door, clips[0])] == [
            0,
            "9999-12-31",
        ]
        wait(door, timedelta(seconds=1))

        assert await shorter(door).apply_due_now() == 1

        assert [await kept(door, clip) for clip in clips] == ["2028-11-24"] * 2
        told = await on_record(door, "retain", "proposal.done")
        assert [each.get("proposal") for each in told] == [made.entry, made.entry, made.id]
        assert (told[-1]["shortened"], told[-1]["left"]) == (2, 0)
        assert await shorter(door).apply_due_now() == 0
        assert await door.archive.examine(nobody) == []


async def test_the_list_shows_both_dates_and_changes_nothing(house: House) -> None:
    (clip,) = await archived(house, "one")
    async with house.opened() as door:
        await door.archive.apply_rules_now()

        page = await seen(await door.person(Role.AUDITOR))

        assert (page.count, page.next) == (1, None)
        (shown,) = page.clips
        assert (shown.clip, shown.now[:10], shown.then[:10]) == (clip, "9999-12-31", "2028-11-24")
        assert (shown.now_rule, shown.then_rule) == ("cn-2016/1:permanent", "us-ca/1:evidentiary")
        assert await kept(door, clip) == "9999-12-31"


@pytest.mark.parametrize("outside", [None, -WEEK])
async def test_without_a_clock_outside_that_shows_it_nothing_is_shorter(
    house: House, outside: timedelta | None
) -> None:
    (clip,) = await archived(house, "one")
    async with house.opened() as door:
        made = await agreed(door, await proposed(door, await door.person(Role.LEGAL)))
        wait(door, WEEK)
        work = shorter(door, outside)

        assert await work.apply_due_now() == 0

        assert await kept(door, clip) == "9999-12-31"
        (problem,) = work.problems
        assert made.id in problem


async def test_a_list_that_has_changed_is_looked_at_again(house: House) -> None:
    clips = await archived(house, "one", "two")
    async with house.opened() as door:
        await door.archive.apply_rules_now()
        who = await door.person(Role.LEGAL)
        old = await seen(who)
        await held(who, clips[0])

        answer = await who.post(
            "/v1/retention/shortening", ShorteningWanted(impact=old.sha256, reason=WHY)
        )

        assert (answer.status, answer.title) == (409, "OutOfTurn")
        assert b"not " + old.sha256.encode() in answer.body
        assert [each.clip for each in (await seen(who)).clips] == [clips[1]]


async def held(who: Person, clip: str) -> HoldShown:
    wanted = HoldWanted(authority="a court", reason="appeal")
    return (await who.post(f"/v1/clips/{clip}/holds", wanted)).as_(HoldShown)


async def test_what_got_a_hold_or_another_date_meanwhile_is_left(house: House) -> None:
    free, bound, said = await archived(house, "one", "two", "three")
    async with house.opened() as door:
        who = await door.person(Role.LEGAL)
        await agreed(door, await proposed(door, who))
        await held(who, bound)
        assert (await word(who, said, "nonevidentiary")).status == 201
        wait(door, WEEK)

        assert await shorter(door).apply_due_now() == 1

        assert [await kept(door, each) for each in (free, bound, said)] == [
            "2028-11-24",
            "9999-12-31",
            "2027-01-23",
        ]
        (told,) = await on_record(door, "proposal.done")
        assert (told["shortened"], told["left"]) == (1, 2)


async def test_what_came_in_later_is_not_in_the_list(house: House) -> None:
    await archived(house, "one")
    async with house.opened() as door:
        await agreed(door, await proposed(door, await door.person(Role.LEGAL)))
    (later,) = await archived(house, "two")
    async with house.opened() as door:
        wait(door, WEEK)
        assert await shorter(door).apply_due_now() == 1

        assert await kept(door, later) == "9999-12-31"


async def test_rules_that_changed_back_shorten_nothing(house: House) -> None:
    (clip,) = await archived(house, "one")
    async with house.opened() as door:
        await agreed(door, await proposed(door, await door.person(Role.LEGAL)))
    async with under(house, law_pack="uk-met").opened() as door:
        await door.archive.apply_rules_now()
        wait(door, WEEK)

        assert await shorter(door).apply_due_now() == 1

        assert await kept(door, clip) == "9999-12-31"
        (told,) = await on_record(door, "proposal.done")
        assert (told["shortened"], told["left"]) == (0, 1)


async def test_one_person_is_one_and_what_was_withdrawn_is_not_done(house: House) -> None:
    (clip,) = await archived(house, "one")
    async with house.opened() as door:
        catalogue = door.archive.books.catalogue
        made = await proposed(door, await door.person(Role.LEGAL))
        with pytest.raises(Refused, match="another person"):
            await catalogue.run(approve, made.by, made.id, WEEK)
        await agreed(door, made)
        await catalogue.run(withdraw, made.by, made.id, "not needed")
        wait(door, 2 * WEEK)

        assert await shorter(door).apply_due_now() == 0
        assert await kept(door, clip) == "9999-12-31"


async def test_one_list_at_a_time(house: House) -> None:
    await archived(house, "one")
    async with house.opened() as door:
        who = await door.person(Role.LEGAL)
        made = await proposed(door, who)

        wanted = ShorteningWanted(impact=(await seen(who)).sha256, reason=WHY)
        answer = await who.post("/v1/retention/shortening", wanted)

        assert (answer.status, answer.title) == (409, "OutOfTurn")
        assert made.id.encode() in answer.body


async def test_a_list_that_was_swapped_in_the_vault_is_not_followed(house: House) -> None:
    (clip,) = await archived(house, "one")
    async with house.opened() as door:
        made = await agreed(door, await proposed(door, await door.person(Role.LEGAL)))
        wait(door, WEEK)
        work = shorter(door)
        work.agency = "another"

        assert await work.apply_due_now() == 0

        assert await kept(door, clip) == "9999-12-31"
        (problem,) = work.problems
        assert made.id in problem
        assert "to which two persons agreed, is not there" in problem


async def test_what_is_withdrawn_at_the_last_moment_is_not_done(house: House) -> None:
    vault = RottingVault(house.clock)
    house = replace(house.with_(vault=vault), vault=vault)
    (clip,) = await archived(house, "one")
    async with house.opened() as door:
        made = await agreed(door, await proposed(door, await door.person(Role.LEGAL)))
        wait(door, WEEK)
        ((key, _),) = vault.objects(Bucket.RECORDS, "lab/impact/")
        vault.held_up[Bucket.RECORDS, key] = gate = Gate()
        taking_effect = asyncio.create_task(shorter(door).apply_due_now())
        assert await asyncio.to_thread(gate.reached.wait, 60)
        await door.archive.books.catalogue.run(withdraw, made.by, made.id, "a mistake")
        gate.opened.set()

        assert await taking_effect == 0
        assert await kept(door, clip) == "9999-12-31"
        assert await on_record(door, "proposal.done") == []


async def word(who: Person, clip: str, *categories: str) -> Answer:
    return await who.post(f"/v1/clips/{clip}/classification", Classify(categories=[*categories]))


async def wish(who: Person, clip: str, *categories: str) -> Answer:
    wanted = ClipShorteningWanted(categories=[*categories], reason=WHY)
    return await who.post(f"/v1/clips/{clip}/shortening", wanted)


async def test_a_clip_becomes_what_two_persons_agreed_on(house: House) -> None:
    async with house.opened() as door:
        clip = (await (await door.station()).archive(Footage(data=b"one"))).clip
        await door.archive.apply_rules_now()
        who = await door.person(Role.SUPERVISOR)
        await word(who, clip, "detention")
        made = (await wish(who, clip, "nonevidentiary")).as_(ProposalShown)
        await door.archive.create_person("another", "correct horse battery", Role.LEGAL)
        other = str(await door.archive.books.person("another"))
        await door.archive.books.catalogue.run(approve, other, made.id, WEEK)
        assert await kept(door, clip) == "2028-11-24"
        wait(door, WEEK)

        assert await shorter(door).apply_due_now() == 1

        later = await door.person(Role.REVIEWER)
        shown = (await later.get(f"/v1/clips/{clip}")).as_(ClipDetail)
        assert shown.categories == ["nonevidentiary"]
        assert str(shown.retain_until)[:10] == "2027-01-23"
        said = (await on_record(door, "clip.classify"))[-1]
        assert (said["by"], said["proposal"]) == ("archive", made.entry)
        assert await door.archive.examine(nobody) == []


@pytest.mark.parametrize(
    ("before", "then", "problem"),
    [
        (None, "nonevidentiary", b"needs no second person"),
        ("nonevidentiary", "detention", b"needs no second person"),
        ("detention", "gossip", b"no category"),
    ],
)
async def test_what_one_may_say_or_nobody_is_not_proposed(
    house: House, before: str | None, then: str, problem: bytes
) -> None:
    async with house.opened() as door:
        clip = (await (await door.station()).archive(Footage(data=b"one"))).clip
        who = await door.person(Role.LEGAL)
        if before is not None:
            await word(who, clip, before)

        answer = await wish(who, clip, then)

        assert answer.status in {400, 403}
        assert problem in answer.body
        assert await on_record(door, "proposal.make") == []


async def test_a_clip_that_is_held_waits_for_nobody(house: House) -> None:
    async with house.opened() as door:
        clip = (await (await door.station()).archive(Footage(data=b"one"))).clip
        who = await door.person(Role.LEGAL)
        await word(who, clip, "detention")
        await held(who, clip)

        assert (await wish(who, clip, "nonevidentiary")).status == 403


async def test_a_rebuild_knows_what_was_agreed(house: House, tmp_path: Path) -> None:
    await archived(house, "one")
    async with house.opened() as door:
        await agreed(door, await proposed(door, await door.person(Role.LEGAL)))
        wait(door, WEEK)
        await shorter(door).apply_due_now()

    old = await held_by(house)
    after, told = await rebuilt(house, tmp_path / "again.sqlite")
    assert not [each for each in told.findings if "proposal" in each.component.value]
    assert after["proposal"] == old["proposal"]
    assert [row["ended"] for row in old["proposal"]] == ["done"]
