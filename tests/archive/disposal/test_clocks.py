"""Who sets one clock forward gets nothing destroyed, and somebody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evidence.clock import SetClock
from evidence.errors import ClockWrong
from tests.archive.disposal.ending import Ending, ending, originals
from tests.archive.house import House
from tests.archive.test_timekeeping import Jumping

YEAR = timedelta(days=365)


async def all_but_time(end: Ending) -> str:
    """A clip of which everything is said, and whose time is a week ahead by both clocks."""
    clip = await end.archive()
    await end.agreed(clip)
    end.later(-timedelta(days=3))
    return clip


async def test_the_host_s_clock_alone_set_forward_destroys_nothing(end: Ending) -> None:
    clip = await all_but_time(end)
    end.door.clock.advance(YEAR.total_seconds())

    walked = await end.walk()

    assert walked.done == ()
    assert all("outside it was" in each.why for each in walked.waiting[clip])
    assert originals(end.door.vault) != []
    (problem,) = end.problems()
    assert "one of them is wrong" in problem


async def test_nor_does_the_witness_s(end: Ending) -> None:
    clip = await all_but_time(end)
    end.court.advance(YEAR.total_seconds())

    walked = await end.walk()

    assert walked.done == ()
    assert all("the host's clock shows" in each.why for each in walked.waiting[clip])
    (problem,) = end.problems()
    assert "this clock was set back" in problem


async def test_a_witness_that_tells_nothing_new_holds_everything_up(end: Ending) -> None:
    clip = await all_but_time(end)
    await end.cosign()
    end.later(timedelta(days=10))

    walked = await end.door.archive.dispose_now()

    assert walked.done == ()
    assert originals(end.door.vault) != []
    assert "one of them is wrong, or does not answer" in end.problems()[0]
    assert (await end.walk()).done == (clip,)
    assert end.problems() == []


async def test_without_anybody_outside_nothing_goes_and_that_is_a_problem(
    house: House,
) -> None:
    async with house.opened() as door:
        await door.archive.apply_rules_now()
        end = Ending(door=door, court=SetClock(house.clock.now()))
        clip = await end.archive()
        await end.agreed(clip)
        end.later(YEAR)

        walked = await door.archive.dispose_now()

        assert walked.done == ()
        assert {each.step for each in walked.waiting[clip]} == {3, 4, 2, 6}
        assert "nobody outside tells the time" in end.problems()[0]


@pytest.mark.parametrize("jump", [-10 * YEAR, -timedelta(days=1), timedelta(days=8), 10 * YEAR])
async def test_while_the_clock_is_absurd_nothing_is_destroyed(
    house: House, tmp_path: Path, jump: timedelta
) -> None:
    clock = Jumping(house.clock.now())
    jumping = replace(house.with_(clock=clock), clock=clock)
    async with ending(jumping, tmp_path / "court") as end:
        await all_but_time(end)
        await end.cosign()
        clock.jumped = jump

        with pytest.raises(ClockWrong):
            await end.door.archive.dispose_now()

        assert originals(end.door.vault) != []
        assert await end.entries("dispose.begin") == []
