"""``evidock station`` against a real station at work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evidence.settings import SlotSettings, StationSettings, load
from evidence.vault.s3 import S3Vault
from evidock import control
from evidock.__main__ import main
from evidock.home import Home
from evidock.station_operations import station_operations
from station.service import Station
from tests.station.yard import Yard, seen, settled

RACK = StationSettings(
    rescan_seconds=0.05,
    settle_seconds=0.05,
    slots=(SlotSettings(at="cam-1", label="B"),),
    assignment="badge",
)
NOT_RUNNING = 20


@dataclass(slots=True, kw_only=True)
class Works:
    home: Home
    station: Station
    yard: Yard


async def evidock(*arguments: str, home: Home) -> int:
    verb, *rest = arguments
    return await asyncio.to_thread(main, ["station", verb, "--home", str(home.folder), *rest])


@pytest.fixture
async def works(tmp_path: Path, agency_vault: S3Vault) -> AsyncIterator[Works]:
    """A home whose station runs, with its socket and its lock."""
    home = Home(tmp_path / "home")
    home.prepare()
    yard = Yard(home=home.folder, vault=agency_vault, station_settings=RACK)
    yard.card("cam-1", {b"DCIM/VID_0001.MP4": b"one"})
    yard.card("\x1b[2J", {b"DCIM/VID_0002.MP4": b"two"})
    with home.locked():
        async with yard.archive() as archive, yard.station(archive) as station:
            await settled(station)
            async with control.serving(home.socket, station_operations(station)):
                yield Works(home=home, station=station, yard=yard)


async def test_the_board_is_shown_in_the_terminal_and_as_json(
    works: Works, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await evidock("status", home=works.home) == 0
    shown = capsys.readouterr().out
    assert await evidock("status", "--json", home=works.home) == 0
    told = json.loads(capsys.readouterr().out)

    assert "B  cam-1" in shown
    assert "safe to take" in shown
    assert "\x1b[2J" not in shown
    assert [(card["label"], card["word"], card["percent"]) for card in told["cards"]] == [
        ("B", "safe", 100),
        ("", "safe", 100),
    ]


async def test_what_is_docked_is_printed_for_the_settings(
    works: Works, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await evidock("slots", home=works.home) == 0
    file = tmp_path / "evidock.toml"
    file.write_text(capsys.readouterr().out, encoding="utf-8")

    slots = load(file, {}).station.slots

    assert [slot.at for slot in slots] == [card.slot for card in works.station.snapshot().cards]


async def test_a_call_is_answered_at_the_station(
    works: Works, capsys: pytest.CaptureFixture[str]
) -> None:
    await works.station.call("cam-1")
    await works.station.call("")
    assert await evidock("status", home=works.home) == 0
    assert "SUPERVISOR CALLED" in capsys.readouterr().out

    assert await evidock("answer", "--slot", "B", "--by", "Sgt. Li", home=works.home) == 0
    assert await evidock("answer", "--station", "--by", "Sgt. Li", home=works.home) == 0
    assert capsys.readouterr().out == "answered: cam-1\nanswered: the call to the station\n"
    assert await evidock("answer", "--all", "--by", "Sgt. Li", home=works.home) != 0
    assert "no call is open" in capsys.readouterr().err


async def test_a_receipt_is_checked_running_and_at_rest(
    works: Works, capsys: pytest.CaptureFixture[str]
) -> None:
    def text() -> str:
        return works.station.snapshot().cards[0].receipt or ""

    await seen(lambda: bool(text()))

    assert await evidock("receipt", text(), home=works.home) == 0
    assert await evidock("receipt", f"{text()[:-64]}{'0' * 64}", "--json", home=works.home) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["genuine"] is False
    assert await evidock("receipt", "nonsense", home=works.home) != 0
    assert "is no receipt" in capsys.readouterr().err


async def test_cameras_are_given_and_the_history_is_kept(
    works: Works, capsys: pytest.CaptureFixture[str]
) -> None:
    works.yard.card("cam-3", {b"DCIM/X_A1_P1_20260101_120000.mp4": b"three"})
    await settled(works.station)
    assert await evidock("issue", "--officer", "P7", "--by", "Li", home=works.home) == 0
    assert await evidock("issue", "--officer", "P8", "--by", "Li", home=works.home) == 26
    assert await evidock("unassign", "--camera", "A1", "--by", "Li", home=works.home) == 0
    badge = ("badge", "--number", "1", "--officer", "P9", "--by", "Li")
    fixed = ("--camera", "A1", "--officer", "P9", "--by", "Li")
    assert await evidock("assign", *fixed, home=works.home) == 0
    assert await evidock(*badge, home=works.home) == 0
    told = capsys.readouterr()
    assert await evidock("assignments", "--json", home=works.home) == 0
    rows = json.loads(capsys.readouterr().out)["assignments"]

    assert "slot cam-3: camera A1 is for P7" in told.out
    assert "no camera here is ready" in told.err
    assert [(each["officer"], each["how"], each["until"] is None) for each in rows] == [
        ("P7", "issued", False),
        ("P9", "fixed", True),
    ]


@pytest.mark.parametrize("verb", [["status"], ["slots"], ["answer", "--all", "--by", "me"]])
def test_a_home_that_does_not_run_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: list[str]
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()

    assert main(["station", *verb, "--home", str(home.folder)]) == NOT_RUNNING
    assert "does not run" in capsys.readouterr().err


def test_a_receipt_at_a_home_that_never_worked_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home")
    home.prepare()

    assert main(["station", "receipt", "--home", str(home.folder), "EVIDOCK:RECEIPT:1"]) != 0
    assert "no station has worked" in capsys.readouterr().err
