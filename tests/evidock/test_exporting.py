"""An export that is asked for over the home's socket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from evidence.errors import HomeBusy, SetupError
from evidence.vault import Bucket
from evidence.verification.page import page
from evidock.enclosed import enclosed, words
from evidock.exporting import BEGIN, END, STATUS, Exporting
from evidock.home import Home
from tests.archive.export.packages import archived
from tests.archive.house import Footage, House
from tests.faults.lab import Gate, RottingVault


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[tuple[Exporting, Gate]]:
    """A running archive whose one original is not read before the gate is opened."""
    house = House.at(tmp_path / "home")
    vault = RottingVault(house.clock)
    async with replace(house.with_(vault=vault), vault=vault).opened() as door:
        await archived(await door.station(), Footage(data=b"first"))
        ((key, _version),) = vault.objects(Bucket.ORIGINALS)
        vault.held_up[Bucket.ORIGINALS, key] = gate = Gate()
        yield Exporting(archive=door.archive, home=Home(tmp_path / "home")), gate
        gate.opened.set()


def request(out: Path) -> dict[str, object]:
    told = {"selection": {"kind": "all"}, "reason": "x", "renditions": True}
    return {**told, "out": str(out)}


async def test_one_at_a_time_told_and_stopped(held: tuple[Exporting, Gate], tmp_path: Path) -> None:
    exporting, gate = held
    ask = exporting.operations()
    await ask[BEGIN](request(tmp_path / "out"))
    assert await asyncio.to_thread(gate.reached.wait, 60)

    assert (await ask[STATUS]({}))["stage"] == "recording"
    with pytest.raises(HomeBusy, match="another export"):
        await ask[BEGIN](request(tmp_path / "other"))
    ending = asyncio.create_task(asyncio.wait_for(ask[END]({}), 60))
    await asyncio.to_thread(gate.opened.set)
    await ending

    with pytest.raises(HomeBusy, match="no export"):
        await ask[STATUS]({})
    assert os.listdir(tmp_path) in (["home"], ["home", "out"], ["out", "home"])
    assert not list(tmp_path.glob("*.evidock-part"))


async def test_what_was_made_is_told_once(held: tuple[Exporting, Gate], tmp_path: Path) -> None:
    exporting, gate = held
    gate.opened.set()
    ask = exporting.operations()
    await ask[BEGIN](request(tmp_path / "out"))
    while "done" not in (told := await ask[STATUS]({})):  # noqa: ASYNC110  it does not tell
        await asyncio.sleep(0)

    made = told["done"]
    assert isinstance(made, dict)
    assert (made["out"], made["clips"], made["without"]) == (str(tmp_path / "out"), 1, 0)
    assert (tmp_path / "out" / "README.txt").read_bytes() == enclosed(page())["README.txt"]
    with pytest.raises(HomeBusy):
        await ask[STATUS]({})


async def test_one_whose_asker_is_gone_holds_up_nobody(
    held: tuple[Exporting, Gate], tmp_path: Path
) -> None:
    exporting, gate = held
    gate.opened.set()
    ask = exporting.operations()
    await ask[BEGIN](request(tmp_path / "out"))
    assert exporting._task is not None
    await asyncio.wait([exporting._task])

    assert await ask[BEGIN](request(tmp_path / "other")) == {}
    await ask[END]({})


async def test_nothing_is_taken_out_into_the_home(
    held: tuple[Exporting, Gate], tmp_path: Path
) -> None:
    exporting, _gate = held
    with pytest.raises(SetupError, match="lies in the home"):
        await exporting.operations()[BEGIN](request(tmp_path / "home" / "out"))


def test_the_pages_speak_both_languages() -> None:
    assert [each.code for each in words()] == ["zh", "en"]
    assert all("clip.found" in each.acts for each in words())
    assert b"verify.html" in enclosed(b"page")["README.txt"]
    assert b"verify.html" not in enclosed()["README.txt"]
