"""A witness that keeps silent costs nobody the word of those that answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from archive.log.witnesses import Witnesses
from evidence.clock import SystemClock
from evidence.settings import WitnessesSettings
from tests.archive.log.logs import entries, grown
from tests.court import made, served, witness


@dataclass
class Door:
    """What stands before a witness: whoever comes waits until it is opened."""

    url: str = ""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0


@asynccontextmanager
async def closed_door(folder: Path) -> AsyncIterator[Door]:
    """The witness in *folder*, behind a door that is closed."""
    door = Door()
    with witness(folder) as told:

        async def answer(request: web.Request) -> web.Response:
            door.asked += 1
            door.came.set()
            body = await request.read()
            await door.open.wait()
            given = told.answer(body)
            return web.Response(status=given.status, body=given.body)

        app = web.Application()
        app.router.add_post("/add-checkpoint", answer)
        async with TestServer(app) as server:
            door.url = str(server.make_url("/"))
            yield door
            door.open.set()


def opened(folder: Path, policy: str) -> Witnesses:
    """The witnesses of *policy* of a log of seven entries; they have half a minute to answer."""
    folder.mkdir()
    (folder / "policy").write_text(policy)
    settings = WitnessesSettings(policy=str(folder / "policy"), patience_seconds=30)
    return Witnesses.open(grown(folder / "log", [7]), folder, settings, SystemClock())


async def test_the_word_of_one_is_kept_while_another_is_silent(tmp_path: Path) -> None:
    silent = made(tmp_path / "silent").key()
    async with served(tmp_path / "good") as good, closed_door(tmp_path / "silent") as door:
        policy = f"witness good {good.key} {good.url}\nwitness silent {silent} {door.url}\n"
        ours = opened(tmp_path / "home", f"{policy}group one any good silent\nquorum one\n")
        async with aclosing(ours):
            for size in (8, 9, 10):
                ours.log.integrate(entries(ours.log.size, size))
                await ours.covering(size - 1, 1)

                assert ours.cosigned.size_of("good") == size
            assert (door.asked, ours.problems()) == (1, [])  # it did not answer, nor fail, by now

            door.open.set()
            await ours.covering(9, 2)
            assert ours.cosigned.size_of("silent") == 10


async def test_what_was_asked_goes_on_when_nobody_waits_any_more(tmp_path: Path) -> None:
    key = made(tmp_path / "court").key()
    async with closed_door(tmp_path / "court") as door:
        ours = opened(tmp_path / "home", f"witness court {key} {door.url}\nquorum court\n")
        async with aclosing(ours):
            waiting = asyncio.create_task(ours.covering(6, 1))
            await door.came.wait()
            waiting.cancel()
            await asyncio.wait([waiting])
            door.open.set()
            await ours.covering(6, 1)

    assert (door.asked, ours.cosigned.size_of("court")) == (1, 7)


async def test_the_end_does_not_wait_for_who_is_silent(tmp_path: Path) -> None:
    key = made(tmp_path / "court").key()
    async with closed_door(tmp_path / "court") as door:
        ours = opened(tmp_path / "home", f"witness court {key} {door.url}\nquorum court\n")
        waiting = asyncio.create_task(ours.ask_all())
        await door.came.wait()
        await ours.aclose()
        await asyncio.wait([waiting])

        assert waiting.cancelled()
    assert ours.cosigned.size_of("court") == 0
