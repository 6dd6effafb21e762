from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from evidence.clock import SetClock, SystemClock
from station.turns import LONG, Rank, Turns


async def work(turns: Turns, rank: Rank, name: str, done: list[str]) -> None:
    async with turns.turn(rank):
        done.append(name)
        await asyncio.sleep(0)


async def test_the_most_important_waiting_goes_first() -> None:
    turns, done = Turns(1, SystemClock()), list[str]()
    ranks: dict[str, Rank] = {"log": (1, 1), "plain": (1, 0), "important": (0, 0)}

    async with turns.turn((0,)):
        waiting = [asyncio.create_task(work(turns, ranks[name], name, done)) for name in ranks]
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)

    assert done == ["important", "plain", "log"]


async def test_no_more_hold_a_place_than_there_are() -> None:
    turns, now, most = Turns(2, SystemClock()), 0, 0

    async def hold() -> None:
        nonlocal now, most
        async with turns.turn((0,)):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(hold() for _ in range(9)))

    assert most == 2


async def test_who_gives_up_waiting_takes_no_place() -> None:
    turns, done = Turns(1, SystemClock()), list[str]()

    async with turns.turn((0,)):
        impatient = asyncio.create_task(work(turns, (0,), "impatient", done))
        await asyncio.sleep(0)
        impatient.cancel()
        await asyncio.wait([impatient])
    await work(turns, (1,), "patient", done)

    assert done == ["patient"]


async def test_who_waited_long_goes_before_all_ranks() -> None:
    clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))
    turns, done = Turns(1, clock), list[str]()

    async with turns.turn((0,)):
        old = asyncio.create_task(work(turns, (9,), "old", done))
        await asyncio.sleep(0)
        clock.advance(LONG)
        new = asyncio.create_task(work(turns, (0,), "new", done))
        await asyncio.sleep(0)
    await asyncio.gather(old, new)

    assert done == ["old", "new"]
