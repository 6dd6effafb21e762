"""One at a time at each key, in the order in which they came, whatever becomes of them."""

from __future__ import annotations

import asyncio
import threading

import pytest

from archive.turns import Turns, to_its_end


async def test_one_at_a_time_at_a_key_and_others_elsewhere() -> None:
    turns, told = Turns(), list[str]()

    async def act(name: str, key: str) -> None:
        async with turns.at(key):
            told.append(f"{name} begins")
            await asyncio.sleep(0.01)
            told.append(f"{name} ends")

    await asyncio.gather(act("a", "x"), act("b", "x"), act("c", "y"))

    assert told[:2] == ["a begins", "c begins"]
    assert told.index("a ends") < told.index("b begins")
    assert turns._held == {}


async def test_who_fails_or_is_cancelled_gives_its_turn_up() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError):
        async with turns.at("x"):
            raise ZeroDivisionError
    async with turns.at("x"):
        waiting = asyncio.ensure_future(turns.at("x").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
    async with turns.at("x"):
        assert set(turns._held) == {"x"}

    assert turns._held == {}


async def test_a_thread_that_still_works_keeps_its_turn_though_nobody_waits() -> None:
    turns, begun, through, ended = Turns(), threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        assert through.wait(60)
        ended.append("stored")

    async def act() -> None:
        async with turns.at("x"):
            await to_its_end(work)

    acting = asyncio.ensure_future(act())
    assert await asyncio.to_thread(begun.wait, 60)
    acting.cancel()
    await asyncio.sleep(0.01)
    assert not acting.done()
    through.set()
    async with turns.at("x"):
        assert ended == ["stored"]
    with pytest.raises(asyncio.CancelledError):
        await acting
