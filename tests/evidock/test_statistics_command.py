"""``evidock statistics``: the same figures running and at rest, on screen and in files."""

from __future__ import annotations

import asyncio
import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from archive.catalogue.catalogue import Transaction
from evidence.clock import SetClock
from evidence.vault.memory import MemoryVault
from evidock.__main__ import main
from evidock.figures import CHECK, FIGURES, OPEN, figures_operations
from evidock.home import Home
from tests.archive.figured import World
from tests.archive.house import START, Footage, House, Open, parts
from tests.archive.ledger import enrol
from tests.player.figuring import world

WORLD = world(60)
SPAN = ("--from", "2026-09-01", "--to", "2026-11-30")
ASKED = {"first": "2026-09-01", "last": "2026-11-30", "by": "officer"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.prepare()
    made.settings_file.write_text('[agency]\nname = "lab"\norigin = "evidock.example/lab"\n')
    return made


@pytest.fixture
def house(home: Home) -> House:
    clock = SetClock(START)
    vault = MemoryVault(clock)
    return House(parts=parts(home.folder, vault, clock), vault=vault, clock=clock)


async def said(*arguments: str) -> int:
    return await asyncio.to_thread(main, list(arguments))


async def filled(door: Open, made: World = WORLD) -> None:
    def put(tx: Transaction) -> None:
        enrol(tx)
        made.put(tx)

    await door.archive._books.catalogue.run(put)


async def test_running_or_at_rest_a_home_tells_the_same(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.opened() as door:
        await filled(door)
        ask = figures_operations(door.archive, house.vault, house.parts.settings)
        running = [await ask[FIGURES](ASKED), await ask[OPEN]({**ASKED, "by": "unit"})]
    where = ("statistics", "--home", str(home.folder), *SPAN)

    assert await said(*where, "--by", "officer", "--json") == 0
    assert json.loads(capsys.readouterr().out) == running[0]
    assert await said(*where, "--by", "unit", "--for-others", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert [[each["name"], each["counts"]] for each in told["rows"]] == running[1]["rows"]


async def test_files_hold_numbers_and_no_formula(home: Home, house: House, tmp_path: Path) -> None:
    async with house.opened() as door:
        await filled(door)
    files = [tmp_path / "out.csv", tmp_path / "out.xlsx"]
    where = ("statistics", "--home", str(home.folder), *SPAN, "--by", "officer")

    assert await said(*where, "--csv", str(files[0]), "--xlsx", str(files[1])) == 0

    rows = list(csv.reader(files[0].read_text("utf-8-sig").splitlines()))
    cells = list(load_workbook(files[1])["statistics"].values)
    assert [row[0] for row in rows[1:3]] == ["4711", "'@SUM(A1)"] == [row[0] for row in cells[1:3]]
    assert rows[-1][0] == "total"
    assert cells[-1][3] == int(rows[-1][3]) == 60


async def test_others_are_told_of_no_three_officers(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.opened() as door:
        await filled(door)
    where = ("statistics", "--home", str(home.folder), *SPAN, "--for-others")

    assert await said(*where, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {each["counts"] is None for each in told["rows"]} == {True}
    assert told["total"] is None


async def test_others_are_told_of_many_officers_together(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    of = [f"o-{number // 7 % 9}" for number in range(300)]
    many = world(300)
    many = replace(
        many,
        clips=[replace(each, officer=who) for each, who in zip(many.clips, of, strict=False)],
        incidents=[replace(e, officer=who) for e, who in zip(many.incidents, of, strict=False)],
    )
    async with house.opened() as door:
        await filled(door, many)

    where = ("--home", str(home.folder), *SPAN, "--for-others")
    assert await said("statistics", *where, "--k", "3") == 0
    assert "/300" in capsys.readouterr().out


async def test_of_nothing_others_are_told_that(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.opened():
        pass

    where = ("--home", str(home.folder), *SPAN, "--for-others")
    assert await said("statistics", *where) == 0
    assert "nothing to count" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "said_of_it"),
    [
        (("--from", "yesterday"), "is no day as YYYY-MM-DD"),
        (("--from", "2026-02-02", "--to", "2026-02-01"), "is before the first"),
        (("--for-others", "--by", "officer"), "tell no officer apart"),
        (("--for-others", "--k", "1"), "people can be made out"),
        (("--for-others", "--unit", "350200"), "are of all units"),
        (("--to", "9999-06-01"), "does not fit into the calendar"),
    ],
)
async def test_what_cannot_be_asked_is_said(
    home: Home,
    house: House,
    capsys: pytest.CaptureFixture[str],
    wrong: tuple[str, ...],
    said_of_it: str,
) -> None:
    async with house.opened():
        pass

    assert await said("statistics", "--home", str(home.folder), *wrong) == 40

    assert said_of_it in capsys.readouterr().err


async def test_a_running_home_checks_its_figures(house: House) -> None:
    async with house.opened() as door:
        station = await door.station()
        footage = Footage(data=b"1")
        await station.pull(footage)
        await station.archive(footage)
        check = figures_operations(door.archive, house.vault, house.parts.settings)[CHECK]
        found = await check({"first": "2026-11-01", "last": "2026-11-30"})

    assert (found["differences"], found["unopened"]) == ([], [])
    assert found["log"] == found["tables"]
    assert found["log"]["clips"] == 1  # type: ignore[index]
