"""A clip goes once two persons, the law, people's time and two clocks allow it; and then wholly."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.catalogue import holds, markers
from archive.openings import key_of
from evidence.clock import unstamp
from evidence.errors import OutOfTurn, Refused
from evidence.vault import Bucket
from evidence.wire import MarkerWanted, ProposalShown
from tests.archive.disposal.ending import (
    FOOTAGE,
    SAME,
    WINDOW,
    Ending,
    ending,
    left_of,
    originals,
)
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import Footage, House
from tests.archive.test_choices import chosen

DAY = timedelta(days=1)


async def test_what_two_agreed_on_goes_wholly_and_its_entries_stay(end: Ending) -> None:
    clip = await end.archive()
    await (await end.station()).derive(clip)
    proposal = await end.agreed(clip)

    walked = await end.walk()

    assert (walked.done, dict(walked.waiting)) == ((clip,), {})
    assert left_of(end.door.vault, clip) == originals(end.door.vault) == []
    row = await end.row("clip", clip)
    assert (row["state"], row["camera"], row["name"], row["officer"]) == ("DISPOSED", "", "", None)
    for table in ("rendition", "derived", "look", "link", "copy"):
        assert await end.rows(table, clip) == []
    (begun,), (done,) = await end.entries("dispose.begin"), await end.entries("dispose.done")
    assert (begun["proposal"], done["proposal"]) == (proposal.id, proposal.id)
    assert end.problems() == []
    assert await end.fsck() == []


async def test_the_tombstone_names_every_version_that_is_gone(end: Ending) -> None:
    clip = await end.archive()
    await (await end.station()).derive(clip)
    await end.agreed(clip)
    there = {
        (end.door.vault.bucket_name(bucket), version.key, version.version_id)
        for bucket in Bucket
        for version in end.door.vault.versions(bucket)
        if clip in version.key or FOOTAGE.sha256.hex in version.key
    }

    await end.walk()

    (done,) = await end.entries("dispose.done")
    named = {(each["bucket"], each["key"], each["version"]) for each in done["objects"]}
    assert there <= named
    assert done["shared"] == []


async def test_nothing_goes_before_the_restore_window_is_over(end: Ending) -> None:
    clip = await end.archive()
    await end.agreed(clip)
    end.later(-DAY)

    walked = await end.walk()

    assert walked.done == ()
    assert {each.step for each in walked.waiting[clip]} == {3}
    assert originals(end.door.vault) != []


async def test_nothing_goes_of_which_nobody_was_told(end: Ending) -> None:
    clip = await end.archive()
    await end.until_over(clip)
    await end.approve(await end.propose(clip))
    end.later(WINDOW * 9)

    walked = await end.walk()

    assert {each.step for each in walked.waiting[clip]} == {2}


async def test_a_notice_of_another_date_is_none(end: Ending) -> None:
    clip = await end.archive()
    await end.agreed(clip)
    await end.lengthen(clip, timedelta(days=30))
    end.later(timedelta(days=60))

    walked = await end.walk()

    assert {each.step for each in walked.waiting[clip]} == {2}


async def test_a_hold_wins_over_two_persons_and_a_court(end: Ending) -> None:
    first, second = await end.archive(), await end.archive(Footage(data=b"x", path=b"X.MP4"))
    await end.agreed(first)
    await end.approve(await end.propose(second, authority="a court"))
    held = [await end.hold(clip) for clip in (first, second)]
    end.later(WINDOW * 9)
    for clip, hold in zip((first, second), held, strict=True):
        await end.run(holds.lift, await end.person("Ada"), clip, hold, "it ended")

    after = await end.walk()

    assert (after.done, dict(after.waiting)) == ((), {}), "it takes two persons again"
    assert [each["clip"] for each in await end.entries("proposal.withdraw")] == [first, second]
    assert await end.fsck() == []


async def test_a_case_that_is_opened_ends_what_was_approved_before(
    house: House, tmp_path: Path
) -> None:
    feed = tmp_path / "feed.csv"
    archive = replace(house.parts.settings.archive, incident_feed=str(feed))
    house = house.with_(settings=replace(house.parts.settings, archive=archive))
    async with ending(house, tmp_path / "court") as end:
        clip = await end.archive()
        await end.agreed(clip)

        feed.write_text(HEADER + GOOD)
        await end.door.archive.import_feed_now()

        (told,) = await end.entries("proposal.withdraw")
        assert (told["clip"], told["by"]) == (clip, "archive")
        assert (await end.walk()).done == ()


async def test_a_court_s_order_waits_for_the_lease_which_is_not_renewed(end: Ending) -> None:
    clip = await end.archive()
    await end.approve(await end.propose(clip, authority="Court of Springfield, 22-CR-117"))
    until = unstamp(str((await end.row("clip", clip))["lock_until"]))

    waits = []
    while end.door.clock.now() < until:
        end.later(timedelta(days=30))
        await end.door.archive.renew_leases_now()
        waits.append(await end.walk())

    assert {each.step for each in waits[0].waiting[clip]} == {6}
    assert waits[-1].done == (clip,)
    assert await end.entries("lease.renew") == []
    assert await end.fsck() == []


async def test_who_withdraws_keeps_it_with_its_true_date(end: Ending) -> None:
    clip = await end.archive()
    proposal = await end.agreed(clip)
    before = await end.row("clip", clip)

    told = await end.withdraw(proposal)
    walked = await end.walk()

    assert (told.ended, told.end_reason) == ("withdrawn", "a mistake")
    assert (walked.done, dict(walked.waiting)) == ((), {})
    assert await end.row("clip", clip) == before
    assert await end.fsck() == []
    again = await end.approve(await end.propose(clip))
    end.later(WINDOW + DAY)
    assert (await end.walk()).done == (clip,)
    assert again.id != proposal.id


async def test_bytes_of_another_clip_stay_and_go_with_the_last(end: Ending) -> None:
    first, second = await end.archive(), await end.archive(SAME)
    await end.agreed(first)

    one = await end.walk()

    assert one.done == (first,)
    assert originals(end.door.vault) == [f"lab/{FOOTAGE.sha256.hex}"]
    (done,) = await end.entries("dispose.done")
    assert [each["key"] for each in done["shared"]] == originals(end.door.vault)
    assert await end.fsck() == []
    await end.door.archive.notify_now()
    await end.approve(await end.propose(second))
    end.later(timedelta(days=30))
    assert (await end.walk()).done == (second,)
    assert originals(end.door.vault) == []
    assert await end.fsck() == []


async def test_what_is_gone_or_going_takes_no_hold_and_no_withdrawal(end: Ending) -> None:
    clip = await end.archive()
    proposal: ProposalShown = await end.agreed(clip)
    await end.walk()

    with pytest.raises(OutOfTurn, match="disposed of"):
        await end.hold(clip)
    with pytest.raises(OutOfTurn, match="has ended"):
        await end.withdraw(proposal)
    with pytest.raises(OutOfTurn, match="disposed of"):
        await end.propose(clip)


async def test_two_persons_are_two_people(end: Ending) -> None:
    clip = await end.archive()
    await end.person("Ada", officer="0815")
    await end.person("Ada at home", officer=" 0815 ")
    await end.until_over(clip)
    proposal = await end.propose(clip)

    for who in ("Ada", "Ada at home"):
        with pytest.raises(Refused, match="another person"):
            await end.approve(proposal, who)
    approved = await end.approve(proposal, "Bo")

    with pytest.raises(OutOfTurn, match="approved before"):
        await end.approve(proposal, "Cy")
    assert approved.approved_name == "Bo"
    assert len(await end.entries("proposal.approve")) == 1


async def test_nobody_has_a_say_in_the_end_of_their_own_footage(end: Ending) -> None:
    clip = await end.archive()
    await end.person("Own", officer=" 4711 ")
    await end.until_over(clip)
    proposal = await end.propose(clip)

    with pytest.raises(Refused, match="no say in its end"):
        await end.approve(proposal, "Own")


async def test_a_clock_set_back_at_the_approval_makes_nothing_sooner(end: Ending) -> None:
    clip = await end.archive()
    await end.until_over(clip)
    proposal = await end.propose(clip)
    real = end.door.clock.now()

    end.door.clock.advance(-timedelta(days=30).total_seconds())
    approved = await end.approve(proposal)

    assert unstamp(str(approved.not_before)) >= real + WINDOW


async def test_what_is_held_or_not_over_is_not_proposed(end: Ending) -> None:
    clip = await end.archive()
    with pytest.raises(Refused, match="is kept until"):
        await end.propose(clip)
    await end.hold(clip)
    await end.until_over(clip)

    for authority in (None, "a court"):
        with pytest.raises(Refused, match="is held"):
            await end.propose(clip, authority)
    assert await end.entries("proposal.make") == []


def records(end: Ending) -> set[str]:
    """The keys of everything among the records."""
    return {version.key for version in end.door.vault.versions(Bucket.RECORDS)}


async def test_what_people_said_it_shows_goes_with_it_and_their_entries_stay(
    end: Ending,
) -> None:
    clip = await end.archive()
    person = await end.person("Ada")
    noted = MarkerWanted(code="weapon", at_ms=5, note="刀")
    marker = await end.run(markers.set_marker, person, clip, noted)
    await chosen(await end.station(), clip, number="E-77")
    (choice,) = await end.rows("choice", clip)
    opened = {key_of("lab", int(str(seq))) for seq in (marker.entry, choice["by_entry"])}
    await end.agreed(clip)
    await end.door.archive._copy_out()
    assert opened <= records(end)

    walked = await end.walk()

    assert walked.done == (clip,)
    assert [await end.rows(table, clip) for table in ("marker", "choice")] == [[], []]
    assert opened.isdisjoint(records(end))
    assert [len(await end.entries(kind)) for kind in ("marker.set", "choice.take")] == [1, 1]
    assert await end.fsck() == []
