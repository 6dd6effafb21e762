"""What is asked of disposal over the API: the queue, and what two persons say of one clip."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from evidence.clock import stamp
from evidence.rights import Role
from evidence.wire import (
    DisposalWanted,
    Message,
    ProposalPage,
    ProposalShown,
    ProposalWithdrawn,
    QueuePage,
)
from tests.archive.disposal.ending import WINDOW, Ending, ending
from tests.archive.house import START, Answer, Footage, House, Person

WANTED = DisposalWanted(reason=" its time is over ")


@pytest.fixture
async def end(house: House, tmp_path: Path) -> AsyncIterator[Ending]:
    async with ending(house, tmp_path / "court") as opened:
        yield opened


async def propose(who: Person, clip: str, wanted: DisposalWanted = WANTED) -> Answer:
    return await who.post(f"/v1/clips/{clip}/disposal", wanted)


async def approve(who: Person, proposal: str) -> Answer:
    return await who.post(f"/v1/proposals/{proposal}/approve", Message())


async def withdraw(who: Person, proposal: str, reason: str = "needed") -> Answer:
    said = ProposalWithdrawn(reason=reason)
    return await who.post(f"/v1/proposals/{proposal}/withdraw", said)


async def over(end: Ending) -> str:
    """A clip whose time is over."""
    clip = await end.archive()
    await end.until_over(clip)
    return clip


async def test_one_proposes_and_another_approves(end: Ending) -> None:
    clip = await over(end)
    sam, lena = await end.door.person(Role.SUPERVISOR), await end.door.person(Role.LEGAL)

    made = await propose(sam, clip)
    proposal = made.as_(ProposalShown)
    own, second = await approve(sam, proposal.id), await approve(lena, proposal.id)
    again = await approve(lena, proposal.id)

    agreed = second.as_(ProposalShown)
    assert (made.status, own.status, second.status, again.status) == (201, 403, 200, 409)
    assert (proposal.act, proposal.reason) == ("dispose", "its time is over")
    assert proposal.authority is None
    assert (agreed.by_name, agreed.approved_name) == ("supervisor None", "legal None")
    assert agreed.not_before == stamp(end.door.clock.now() + WINDOW)


async def test_an_order_is_for_legal_staff_alone(end: Ending) -> None:
    clip = await end.archive()
    sam, lena = await end.door.person(Role.SUPERVISOR), await end.door.person(Role.LEGAL)
    ordered = DisposalWanted(reason="order", authority="7 C 12/26")

    early, no, yes = (
        await propose(sam, clip),
        await propose(sam, clip, ordered),
        await propose(lena, clip, ordered),
    )

    assert (early.status, no.status) == (403, 403)
    assert b"destruction.order" in no.body
    shown = yes.as_(ProposalShown)
    assert (shown.act, shown.authority) == ("destroy", "7 C 12/26")


async def test_the_queue_holds_what_ends_soon_and_what_is_proposed(end: Ending) -> None:
    clip = await over(end)
    young = await end.archive(Footage(data=b"young"))
    lena = await end.door.person(Role.LEGAL)
    before = (await lena.get("/v1/disposal/queue")).as_(QueuePage)
    none = (await lena.get("/v1/disposal/queue?of=proposed")).as_(QueuePage)
    await propose(lena, young, DisposalWanted(reason="order", authority="court"))

    due = (await lena.get("/v1/disposal/queue")).as_(QueuePage)
    proposed = (await lena.get("/v1/disposal/queue?of=proposed")).as_(QueuePage)

    assert [each.clip for each in before.clips] == [each.clip for each in due.clips] == [clip]
    assert none.clips == []
    ((one,), goes) = proposed.clips, due.clips[0]
    assert one.clip == young
    assert one.proposal is not None
    assert (goes.name, goes.proposal, goes.held) == ("A.MP4", None, False)
    assert (due.done_today, due.limit_today, due.outside_at) == (0, 10, stamp(START))
    assert "one of them is wrong" in str(due.stopped)


async def test_the_queue_tells_what_time_it_is_outside(end: Ending) -> None:
    await over(end)
    await end.cosign()

    shown = (await (await end.door.person(Role.AUDITOR)).get("/v1/disposal/queue")).as_(QueuePage)

    assert shown.outside_by == "court"
    assert shown.stopped is None


async def test_pages_go_on_where_the_one_before_ended(end: Ending) -> None:
    clips = [await end.archive(Footage(data=bytes([n]))) for n in range(5)]
    await end.until_over(clips[-1])
    lena = await end.door.person(Role.LEGAL)
    made = [(await propose(lena, clip)).as_(ProposalShown).id for clip in clips]

    queued, proposed = list[str](), list[str]()
    after: str | None = ""
    while after is not None:
        page = (await lena.get(f"/v1/disposal/queue?limit=2&after={after}")).as_(QueuePage)
        queued, after = [*queued, *(each.clip for each in page.clips)], page.next
    after = ""
    while after is not None:
        query = "limit=2" + (f"&after={after}" if after else "")
        told = (await lena.get(f"/v1/proposals?{query}")).as_(ProposalPage)
        proposed, after = [*proposed, *(each.id for each in told.proposals)], told.next

    assert sorted(queued) == sorted(clips)
    assert proposed == made[::-1]


async def test_proposals_are_narrowed_to_what_is_asked_for(end: Ending) -> None:
    one, other = await over(end), await end.archive(Footage(data=b"other"))
    await end.until_over(other)
    lena = await end.door.person(Role.LEGAL)
    first = (await propose(lena, one)).as_(ProposalShown)
    second = (await propose(lena, other)).as_(ProposalShown)
    ended = (await withdraw(lena, first.id, "needed")).as_(ProposalShown)

    found = [
        [each.id for each in (await lena.get(f"/v1/proposals?{query}")).as_(ProposalPage).proposals]
        for query in ("of=open", "of=ended", f"clip={one}", "clip=c-none", "of=shorter")
    ]

    assert found == [[second.id], [first.id], [first.id], [], []]
    assert (ended.ended, ended.end_reason) == ("withdrawn", "needed")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/disposal/queue?of=all",
        "/v1/disposal/queue?limit=0",
        "/v1/disposal/queue?limit=201",
        "/v1/proposals?of=mine",
        "/v1/proposals?after=x",
        "/v1/proposals?after=99999999999999999999",
        "/v1/proposals?limit=٣",
    ],
)
async def test_what_cannot_be_asked_is_a_bad_request(end: Ending, path: str) -> None:
    assert (await (await end.door.person(Role.LEGAL)).get(path)).status == 400


async def test_nothing_is_proposed_or_withdrawn_without_a_word(end: Ending) -> None:
    clip = await over(end)
    lena = await end.door.person(Role.LEGAL)
    proposal = (await propose(lena, clip)).as_(ProposalShown)

    bad = [
        await propose(lena, clip, DisposalWanted(reason=" ")),
        await propose(lena, clip, DisposalWanted(reason="x", authority=" ")),
        await propose(lena, clip, DisposalWanted(reason="x" * 2001)),
        await withdraw(lena, proposal.id, ""),
    ]

    assert [each.status for each in bad] == [400] * 4
    assert (await withdraw(lena, "p-none")).status == 404
    assert (await approve(lena, "p-none")).status == 404
    assert (await propose(lena, "c-none")).status == 404
