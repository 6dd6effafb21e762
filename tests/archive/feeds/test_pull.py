"""Feeds that are asked for: where to go on, what is not asked again, and what trouble is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from archive.feeds import pull
from archive.feeds.pull import Pull
from evidence.errors import SetupError, TemporaryError
from evidence.feed_settings import FeedKind, FeedSettings
from tests.archive.feeds.sheets import row
from tests.archive.house import House, Open

WANTED = FeedSettings(name="cad", kind=FeedKind.INCIDENTS, how="pull", every_seconds=600)


@dataclass
class Paged:
    """Pages by cursor; whatever is said instead is answered instead."""

    pages: Mapping[str, tuple[list[object], str | None]] = field(default_factory=dict)
    instead: web.Response | None = None
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        cursor = request.query.get("since", "")
        names = ("If-None-Match", "Authorization")
        self.asked.append((cursor, *(request.headers.get(each) for each in names)))  # type: ignore[arg-type]
        if self.instead is not None:
            return web.Response(
                status=self.instead.status, body=self.instead.body, headers=self.instead.headers
            )
        rows, following = self.pages[cursor]
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        text = json.dumps({"rows": rows, "next": following})
        return web.Response(text=text, headers={"ETag": '"1"'})


@asynccontextmanager
async def asking(server: Paged, folder: Path, **more: object) -> AsyncIterator[Open]:
    app = web.Application()
    app.router.add_get("/rows", server.answer)
    async with TestServer(app) as running:
        url = str(running.make_url("/rows?agency=1"))
        settings = replace(WANTED, url=url, **more)  # type: ignore[arg-type]
        house = House.at(folder)
        house = house.with_(settings=replace(house.parts.settings, feeds=(settings,)))
        async with house.opened() as door:
            yield door


async def test_pages_are_asked_for_one_behind_the_other(tmp_path: Path) -> None:
    server = Paged({"": ([row()], "a"), "a": ([row(number="E-2")], "b"), "b": ([], None)})
    async with asking(server, tmp_path) as door:
        await door.archive.import_feed_now()
        assert [cursor for cursor, *_ in server.asked][:3] == ["", "a", "b"]

        server.asked.clear()
        assert await door.archive.import_feed_now() == 0
        assert server.asked == [("b", '"1"', None)]


async def test_it_shows_the_token_of_its_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret\n")
    token.chmod(0o600)
    server = Paged({"": ([row()], None)})
    async with asking(server, tmp_path, token_file=str(token)) as door:
        await door.archive.import_feed_now()

    assert server.asked[0][2] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (web.Response(status=500), "answered 500"),
        (web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}), "answered 302"),
        (web.Response(status=304), "answered 304"),
        (web.Response(body=b"<html>"), "no JSON"),
        (web.Response(body=b"[]"), "list 'rows'"),
        (web.Response(body=b'{"rows":3}'), "list 'rows'"),
        (web.Response(body=b'{"rows":[],"next":"\\u0000"}'), "nobody can go on from"),
    ],
    ids=["500", "302", "304", "html", "list", "number", "nul"],
)
async def test_trouble_is_told_until_it_is_over(
    tmp_path: Path, answer: web.Response, said: str
) -> None:
    server = Paged({"": ([row()], None)}, instead=answer)
    async with asking(server, tmp_path) as door:
        with pytest.raises(TemporaryError, match=said):
            await door.archive.import_feed_now()
        (problem,) = await door.archive.problems()
        assert said in problem
        assert "agency=1" not in problem

        server.instead = None
        assert await door.archive.import_feed_now() == 1
        assert await door.archive.problems() == []


async def test_an_answer_without_end_is_not_read_to_it(tmp_path: Path) -> None:
    body = b'{"rows":["' + b"x" * pull.LARGEST + b'"]}'
    async with asking(Paged(instead=web.Response(body=body)), tmp_path) as door:
        with pytest.raises(TemporaryError, match="is longer than"):
            await door.archive.import_feed_now()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://cad.example/rows"}, "in the clear at cad.example"),
        ({"url": "ftp://cad.example"}, "is no address"),
        ({"url": "https://me:pw@cad.example/"}, "holds a name or password"),
        ({"url": "https://[", "name": "x"}, "is no address"),
        ({"url": "https://cad.example/", "token_file": "/nowhere"}, "token_file"),
        ({"url": "https://cad.example/", "ca_file": "/nowhere"}, "ca_file"),
    ],
)
async def test_what_may_not_be_asked_stops_the_start(
    tmp_path: Path, changes: Mapping[str, str], said: str
) -> None:
    house = House.at(tmp_path)
    feed = replace(WANTED, **changes)  # type: ignore[arg-type]
    house = house.with_(settings=replace(house.parts.settings, feeds=(feed,)))

    with pytest.raises(SetupError, match=said):
        async with house.opened():
            pass


async def test_it_waits_longer_and_longer_while_nothing_comes(tmp_path: Path) -> None:
    async with asking(Paged(instead=web.Response(status=500)), tmp_path) as door:
        (work,) = door.archive.feeds.works
        assert isinstance(work.adapter, Pull)
        waits = []
        for _ in range(3):
            with pytest.raises(TemporaryError):
                await work.take_now()
            waits.append(work.adapter.pause)

    assert waits == sorted(waits)
    assert waits[0] >= 2 * WANTED.every_seconds
    assert waits[-1] == pull.LONGEST_WAIT
