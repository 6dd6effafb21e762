"""So many a day and no more: whoever wants all of it gone is stopped, and somebody is told."""

from __future__ import annotations

from datetime import timedelta

from evidence.disposal import ALWAYS_A_DAY
from tests.archive.disposal.ending import WINDOW, Ending, originals
from tests.archive.house import Footage

MORE = 3


async def many(end: Ending) -> list[str]:
    """More clips than may go in a day, of all of which two agreed."""
    clips = [
        await end.archive(Footage(data=b"%d" % number, path=b"%d.MP4" % number))
        for number in range(ALWAYS_A_DAY + MORE)
    ]
    await end.agreed(clips[0])
    for clip in clips[1:]:
        await end.approve(await end.propose(clip))
    end.later(WINDOW + timedelta(hours=1))
    return clips


async def test_the_limit_of_a_day_stops_and_alarms(end: Ending) -> None:
    clips = await many(end)

    first = await end.walk()

    assert len(first.done) == ALWAYS_A_DAY
    assert [[each.step for each in found] for found in first.waiting.values()] == [[7]] * MORE
    (problem,) = end.problems()
    assert f"{ALWAYS_A_DAY} clips were destroyed in the last 24 hours" in problem
    standing = await end.door.archive._disposer.standing()
    assert (standing.done_today, standing.limit_today) == (ALWAYS_A_DAY, ALWAYS_A_DAY)
    assert standing.stopped is not None
    end.later(timedelta(hours=23))
    assert (await end.walk()).done == ()
    end.later(timedelta(hours=2))
    last = await end.walk()
    assert {*first.done, *last.done} == set(clips)
    assert (end.problems(), originals(end.door.vault)) == ([], [])
