"""What people see and do of disposal: one clip at a time, and always two of them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.wire import ImpactPage, ProposalShown, ShorteningWanted
from player.languages import language
from tests.archive.house import Footage, House
from tests.archive.test_retaining import under
from tests.player.lapsing import DAY, KEPT, LONG, Lapse, filled, lapsing

SAID = language("en")


@pytest.fixture
async def lapse(tmp_path: Path) -> AsyncIterator[Lapse]:
    async with lapsing(tmp_path) as running:
        yield running


async def due(lapse: Lapse, name: str = "<b>due</b>.mp4") -> str:
    """A clip whose time is over."""
    clip = await lapse.archive(name)
    lapse.wait(KEPT + DAY)
    return clip


def forms(text: str) -> list[str]:
    return re.findall(r'<form method="post" action="(/(?:clips|proposals)/[^"]+)"', text)


async def test_one_proposes_another_approves_and_the_clip_is_sealed(lapse: Lapse) -> None:
    clip = await due(lapse)
    sam, lena, rita = [await lapse.at_player(name) for name in ("sam", "lena", "rita")]

    await sam.get("/disposal?show=due")
    proposed = await sam.post(
        f"/clips/{clip}/disposal", reason="its time is over", back="/disposal"
    )
    seen = await lena.get("/disposal")
    (approve,) = [each for each in forms(seen.text) if each.endswith("/approve")]
    sealed = await lena.post(approve, back=f"/clips/{clip}")
    page = await rita.get(f"/clips/{clip}")

    assert SAID("proposal.own") in proposed.words
    assert not [each for each in forms(proposed.text) if each.endswith("/approve")]
    assert "its time is over" in seen.words
    assert SAID("ending.sealed.text") in sealed.words
    assert SAID("ending.sealed.text") in page.words
    assert "<evidence-player" not in page.text
    assert (await rita.watch(clip)).status == 409


async def test_a_restored_clip_is_as_it_was_with_its_true_date(lapse: Lapse) -> None:
    clip = await due(lapse)
    proposal = await lapse.propose("sam", clip)
    before = (await (await lapse.as_("sam")).get(f"/v1/clips/{clip}")).body
    await lapse.approve("lena", proposal.id)
    sam = await lapse.at_player("sam")

    sealed = await sam.get(f"/clips/{clip}")
    (withdraw,) = [each for each in forms(sealed.text) if each.startswith("/proposals/")]
    restored = await sam.post(withdraw, reason="needed <again>", back=f"/clips/{clip}")
    done = await sam.get("/disposal?show=done")

    assert SAID("ending.sealed.text") not in restored.words
    assert SAID("proposal.propose.act") in restored.words
    kept = re.search(rb'"retain_until":"[^"]+"', before)
    assert kept is not None
    assert kept[0] in (await (await lapse.as_("sam")).get(f"/v1/clips/{clip}")).body
    assert "needed <again>" in done.words
    assert "needed <again>" not in done.text


async def test_each_clip_stands_under_what_is_next_for_it(lapse: Lapse) -> None:
    await filled(lapse)
    lena = await lapse.at_player("lena")

    waiting, ends = await lena.get("/disposal"), await lena.get("/disposal?show=due")

    stages = {
        "waits": "waits.mp4",
        "restorable": "restorable.mp4",
        "over": "over.mp4",
        "due": LONG,
        "soon": "soon.mp4",
        "held": "held.mp4",
    }
    for page, wanted in ((waiting, list(stages)[:3]), (ends, list(stages)[3:])):
        for stage in wanted:
            part = page.text.partition(f'id="stage-{stage}"')[2].partition("</section>")[0]
            assert stages[stage] in part, stage
    assert "3 days left" in waiting.words
    assert "8 days left" in ends.words
    assert "0 of at most 10" in waiting.words
    assert "court" in waiting.words


async def test_there_is_nothing_to_tick_and_no_button_for_several(lapse: Lapse) -> None:
    await filled(lapse)
    for name in ("sam", "lena"):
        reader = await lapse.at_player(name)
        for show in ("waiting", "due", "done"):
            page = await reader.get(f"/disposal?show={show}")

            assert 'type="checkbox"' not in page.text
            assert all(re.search(r"/(c|p)-[0-9a-f]{32}/", each) for each in forms(page.text))
            assert "<script" not in page.text.partition("<main")[2]


async def test_who_may_only_look_is_shown_no_form(lapse: Lapse) -> None:
    await filled(lapse)
    for name in ("audrey", "rita"):
        reader = await lapse.at_player(name)
        pages = [await reader.get(f"/disposal?show={show}") for show in ("waiting", "due")]
        pages.append(await reader.get(f"/clips/{lapse.clips['waits.mp4']}"))

        assert [each.status for each in pages] == [200] * 3
        assert [f for each in pages for f in forms(each.text) if "/disposal" in f] == []
        assert [f for each in pages for f in forms(each.text) if "/proposals" in f] == []


async def test_an_officer_sees_that_a_clip_of_theirs_is_sealed_and_not_why(lapse: Lapse) -> None:
    await filled(lapse)
    otto, clip = await lapse.at_player("otto"), lapse.clips["restorable.mp4"]

    page, queue = await otto.get(f"/clips/{clip}"), await otto.get("/disposal")

    assert page.status == 200
    assert SAID("ending.sealed.text") in page.words
    assert f"why {clip[:6]} goes" not in page.words
    assert queue.status == 403
    assert 'href="/disposal"' not in page.text


async def test_a_destroyed_clips_page_is_its_tombstone(lapse: Lapse) -> None:
    await filled(lapse)
    clip, lena = lapse.clips["gone.mp4"], await lapse.at_player("lena")
    people = {name: await lapse.door.archive.person(name) or "nobody" for name in ("sam", "lena")}

    page = await lena.get(f"/clips/{clip}")
    (begun, done) = re.findall(rf"/clips/{clip}/receipts/\d+", page.text)

    assert SAID("tombstone.title") in page.words
    for said in (*people.values(), "default/1:unclassified", "court", "2027-05-23 00:00:00 UTC"):
        assert said in page.words
    assert forms(page.text) == []
    for link in (begun, done):
        proof = await lena.get(link)
        assert (proof.status, proof.body.splitlines()[0]) == (200, b"c2sp.org/tlog-proof@v1")
    listed = (await lena.get("/")).text
    assert f">{clip}</bdi>" in listed


async def test_only_who_may_is_asked_for_a_courts_order(lapse: Lapse) -> None:
    clip = await lapse.archive("young.mp4")
    sam, lena = await lapse.at_player("sam"), await lapse.at_player("lena")

    before = [(await each.get(f"/clips/{clip}")).text for each in (sam, lena)]
    ordered = await lena.post(f"/clips/{clip}/disposal", authority="Court <1>", reason="order")

    assert ['name="authority"' in text.partition('id="disposal"')[2] for text in before] == [
        False,
        True,
    ]
    assert "Destroy it early, by order" in ordered.words
    assert "Court <1>" in ordered.words
    assert "Court <1>" not in ordered.text


async def test_who_comes_too_late_is_told_so(lapse: Lapse) -> None:
    clip = await due(lapse)
    proposal = await lapse.propose("sam", clip)
    lena = await lapse.at_player("lena")
    await lena.get("/disposal")
    await lapse.approve("lena", proposal.id)

    again = await lena.post(f"/proposals/{proposal.id}/approve")

    assert again.status == 409
    assert SAID("trouble.409.title") in again.words
    assert "was approved before" in again.words


async def test_what_stands_in_the_way_is_said_and_not_that_a_right_is_missing(
    lapse: Lapse,
) -> None:
    clip = await due(lapse)
    sam = await lapse.at_player("sam")
    await sam.get(f"/clips/{clip}")
    await lapse.hold("lena", clip)

    held = await sam.post(f"/clips/{clip}/disposal", reason="over")
    ordered = await sam.post(f"/clips/{clip}/disposal", reason="over", authority="court")

    assert (held.status, ordered.status) == (409, 403)
    assert SAID("trouble.409.title") in held.words
    assert "is held: it is kept whatever the date" in held.words
    assert SAID("trouble.403.title") in ordered.words


async def test_the_pages_say_it_in_chinese(lapse: Lapse) -> None:
    await filled(lapse)
    lena = await lapse.at_player("lena")
    await lena.post("/language", language="zh", back="/")

    waiting = await lena.get("/disposal")
    gone = await lena.get(f"/clips/{lapse.clips['gone.mp4']}")

    assert "等待第二人" in waiting.words
    assert "还剩 3 天" in waiting.words
    assert "此片段已销毁" in gone.words


async def test_without_a_clock_outside_it_is_said_that_nothing_is_destroyed(lapse: Lapse) -> None:
    await due(lapse)
    lapse.door.clock.advance(timedelta(days=3).total_seconds())
    lena = await lapse.at_player("lena")

    page = await lena.get("/disposal?show=due")
    nothing = await lena.get("/disposal")

    assert SAID("disposal.stopped") in page.words
    assert SAID("disposal.empty.waiting") in nothing.words


async def test_who_is_to_approve_a_list_sees_it_first(tmp_path: Path) -> None:
    house = House.at(tmp_path)
    async with under(house, law_pack="cn-2016").opened() as door:
        clip = (await (await door.station()).archive(Footage(data=b"x"))).clip
    async with lapsing(tmp_path, under(house, law_pack="us-ca")) as lapse:
        await lapse.door.archive.apply_rules_now()
        sam = await lapse.as_("sam")
        found = (await sam.get("/v1/retention/impact")).as_(ImpactPage)
        wanted = ShorteningWanted(impact=found.sha256, reason="the law asks for no more")
        proposal = (await sam.post("/v1/retention/shortening", wanted)).as_(ProposalShown)
        lena = await lapse.at_player("lena")

        waiting = await lena.get("/disposal")
        listed = await lena.get(f"/proposals/{proposal.id}/impact")
        approved = await lena.post(f"/proposals/{proposal.id}/approve", back="/disposal")

    assert f'href="/proposals/{proposal.id}/impact"' in waiting.text
    assert SAID("proposal.approve.shorten") in waiting.words
    assert (clip in listed.words, found.sha256 in listed.words) == (True, True)
    assert "us-ca/1:" in listed.words
    assert SAID("retention.for_ever") in listed.words
    assert SAID("proposal.withdraw.act") in approved.words
    assert SAID("proposal.restore.act") not in approved.words
