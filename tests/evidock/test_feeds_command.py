"""``evidock feeds``: the same whether the home runs or rests."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from evidence.clock import SetClock
from evidence.errors import SetupError
from evidence.settings import load
from evidence.vault.memory import MemoryVault
from evidock.__main__ import main
from evidock.feed_operations import STATUS, feed_operations
from evidock.home import Home
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import START, House, parts

SETTINGS = """
[agency]
name = "lab"
origin = "evidock.example/lab"
[[feeds]]
name = "cad"
kind = "incidents"
how = "folder"
path = "{path}"
[[feeds]]
name = "roster"
kind = "duties"
how = "push"
"""


@pytest.fixture
async def home(tmp_path: Path) -> Home:
    """A home that has read a feed, and rests."""
    made, feed = Home(tmp_path), tmp_path / "cad.csv"
    made.prepare()
    feed.write_text(HEADER + GOOD + GOOD.replace("E-1", "E-3") + "E-4,,,\n")
    made.settings_file.write_text(SETTINGS.format(path=feed))
    clock = SetClock(START)
    vault = MemoryVault(clock)
    house = House(parts=parts(made.folder, vault, clock), vault=vault, clock=clock)
    house = house.with_(settings=load(made.settings_file, {}))
    async with house.opened() as door:
        await door.archive.import_feed_now()
        told = await feed_operations(door.archive, house.parts.settings)[STATUS]({})
        assert [each["name"] for each in told["feeds"]] == ["cad", "roster"]  # type: ignore[attr-defined]
    return made


async def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert await asyncio.to_thread(main, ["feeds", *arguments]) == 0
    return capsys.readouterr().out


async def test_a_resting_home_tells_how_its_feeds_are(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--home", str(home.folder))

    page = json.loads(await said(capsys, *where, "--json"))
    assert (page["feeds"][0]["used"], page["feeds"][0]["open_problems"]) == (2, 1)
    assert "no officer badge id" in await said(capsys, *where)
    gaps = json.loads(await said(capsys, "gaps", *where, "--json"))["gaps"]
    assert gaps == [{"first": "E-2", "last": "E-2", "missing": 1}]
    report = await said(capsys, "problems", *where)
    assert report.splitlines()[1].endswith(",4,officer badge id,no officer badge id")


async def test_a_key_is_shown_once_and_revoked(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--home", str(home.folder))

    key = json.loads(await said(capsys, "key", "roster", *where, "--json"))
    assert (key["kind"], key["key"][:13]) == ("duties", "evidock-feed-")
    assert key["id"] in await said(capsys, "revoke", "roster", *where)
    listed = await said(capsys, "keys", *where)
    assert "revoked" in listed
    assert key["key"] not in listed


async def test_a_key_is_made_for_feeds_that_are_pushed_alone(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--home", str(home.folder))

    for name in ("cad", "nowhere"):
        code = await asyncio.to_thread(main, ["feeds", "key", name, *where])
        assert code == SetupError.exit_code
    assert "no feed 'nowhere' that is pushed" in capsys.readouterr().err
