"""``evidock cases``: reads whether the home runs or rests; puts in while it runs, as somebody."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import pytest

from evidence.clock import SetClock
from evidence.errors import Refused
from evidence.rights import Role
from evidence.vault.memory import MemoryVault
from evidock.__main__ import main
from evidock.case_operations import ADD_CLIP, DOCUMENT, DOSSIER, LIST, case_operations
from evidock.home import Home
from tests.archive.feeds.sheets import GOOD, HEADER
from tests.archive.house import PASSWORD, START, Footage, House, parts

CASE = "C-9"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.prepare()
    (tmp_path / "cad.csv").write_text(HEADER + GOOD)
    made.settings_file.write_text('[agency]\nname = "lab"\norigin = "evidock.example/lab"\n')
    return made


@pytest.fixture
def house(home: Home) -> House:
    clock = SetClock(START)
    vault = MemoryVault(clock)
    made = parts(home.folder, vault, clock, incident_feed=str(home.folder / "cad.csv"))
    return House(parts=made, vault=vault, clock=clock)


async def said(*arguments: str) -> int:
    return await asyncio.to_thread(main, ["cases", *arguments])


async def test_a_running_home_takes_in_and_a_resting_one_tells(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    rita = {"name": "Rita", "password": PASSWORD, "number": CASE}
    handed = {"title": "记录", "file": "笔录.pdf", "data": base64.b64encode(b"%PDF").decode()}
    async with house.opened() as door:
        clip = (await (await door.station()).archive(Footage(data=b"x", officer="1"))).clip
        await door.archive.import_feed_now()
        await door.archive.create_person("Rita", PASSWORD, Role.REVIEWER)
        run = case_operations(door.archive)
        await run[ADD_CLIP](rita | {"clip": clip, "reason": "seen"})
        await run[DOCUMENT](rita | handed)
        made = await run[DOSSIER](rita)
        assert await run[LIST]({}) != {"cases": []}
        with pytest.raises(Refused, match="name and password: wrong"):
            await run[DOSSIER](rita | {"password": "a guess"})

    here = ("--home", str(home.folder), "--json")
    assert await said("show", CASE, *here) == 0
    told = json.loads(capsys.readouterr().out)
    assert await said("show", CASE, *here[:2]) == await said("list", *here[:2]) == 0

    assert (told["clips"][0]["clip"], told["documents"][0]["name"]) == (clip, "笔录.pdf")
    assert told["dossiers"] == [made]
    assert "dossier version 1" in capsys.readouterr().out


async def test_what_is_not_there_is_said(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.opened():
        pass
    here = ("--home", str(home.folder))

    assert await said("list", *here) == 0
    assert "no case is known yet" in capsys.readouterr().out
    assert await said("show", "C-1", *here) != 0
    assert "nothing names a case 'C-1'" in capsys.readouterr().err
    missing = str(home.folder / "none.pdf")
    assert await said("document", CASE, missing, "--title", "x", "--person", "R", *here) != 0
    assert "cannot be read" in capsys.readouterr().err
