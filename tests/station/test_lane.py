from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from evidence.clock import SetClock, SystemClock
from evidence.errors import ArchiveUnreachable
from station.lane import Lane


async def drained(lane: Lane) -> None:
    running = asyncio.create_task(lane.run())
    async with asyncio.timeout(10):
        while lane.clips:  # noqa: ASYNC110  bounded
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])


def lane_of(work: Callable[[str], Awaitable[None]], workers: int = 1) -> Lane:
    return Lane(work, workers, SetClock(datetime(2026, 1, 1, tzinfo=UTC)))


async def test_important_clips_go_first_and_each_once() -> None:
    done: list[str] = []

    async def work(clip: str) -> None:
        done.append(clip)

    lane = lane_of(work)
    for clip in ("a", "b", "a"):
        lane.add(clip)
    lane.add("c", important=True)
    await drained(lane)

    assert done == ["c", "a", "b"]


async def test_what_cannot_be_done_now_is_tried_again_until_it_can() -> None:
    tries: list[str] = []

    async def work(clip: str) -> None:
        tries.append(clip)
        if len(tries) < 5:
            raise ArchiveUnreachable("away")

    lane = lane_of(work)
    lane.add("a")
    await drained(lane)

    assert (tries, lane.problem) == (["a"] * 5, None)


async def test_a_lane_says_why_it_waits() -> None:
    async def work(_clip: str) -> None:
        raise ArchiveUnreachable("away")

    lane = lane_of(work)
    lane.add("a")
    running = asyncio.create_task(lane.run())
    while lane.problem is None:  # noqa: ASYNC110
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])

    assert (str(lane.problem), lane.clips) == ("away", frozenset({"a"}))


async def test_clips_that_cannot_be_done_hold_up_no_other() -> None:
    done: list[str] = []

    async def work(clip: str) -> None:
        if clip.startswith("bad"):
            raise ArchiveUnreachable("not this one")
        done.append(clip)

    lane = lane_of(work)
    for clip in ("bad-1", "bad-2"):
        lane.add(clip, important=True)
    for clip in ("a", "b", "c"):
        lane.add(clip)
    running = asyncio.create_task(lane.run())
    async with asyncio.timeout(10):
        while len(done) < 3:  # noqa: ASYNC110  bounded
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])

    assert (done, lane.clips) == (["a", "b", "c"], frozenset({"bad-1", "bad-2"}))


async def test_a_lane_that_is_not_open_works_on_what_is_important_only() -> None:
    done, hours = list[str](), [False]

    async def work(clip: str) -> None:
        done.append(clip)

    lane = Lane(work, 1, SystemClock(), lambda: hours[0])
    for number in range(3):
        lane.add(f"plain {number}")
    running = asyncio.create_task(lane.run())
    async with asyncio.timeout(10):
        lane.add("urgent", important=True)
        while not done:  # noqa: ASYNC110  bounded
            await asyncio.sleep(0)
        assert done == ["urgent"]
        hours[0] = True
        lane.add("another")
        while lane.clips:  # noqa: ASYNC110  bounded
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])

    assert sorted(done[1:]) == ["another", "plain 0", "plain 1", "plain 2"]
