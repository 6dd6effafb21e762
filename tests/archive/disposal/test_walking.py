"""A clip goes once two persons, the law, people's time and two clocks allow it; and then wholly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evidence.errors import OutOfTurn, Refused
from tests.archive.disposal.ending import Ending, left_of, originals

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
    assert await end.door.archive.problems() == []
    assert await end.fsck() == []


async def test_nothing_goes_before_the_restore_window_is_over(end: Ending) -> None:
    clip = await end.archive()
    await end.agreed(clip)
    end.later(-DAY)

    walked = await end.walk()

    assert walked.done == ()
    assert [each.step for each in walked.waiting[clip]] == [3, 3]
    assert originals(end.door.vault) != []
