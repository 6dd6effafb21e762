"""``evidock disposal queue`` shows what is on its way out, and does nothing about it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evidence.clock import SetClock
from evidence.rights import Role
from evidence.vault.memory import MemoryVault
from evidence.wire import DisposalWanted, Message, ProposalShown
from evidock.__main__ import main
from evidock.disposal_queue import OPERATION, RESTS, disposal_operation
from evidock.home import Home
from tests.archive.house import Footage, House, Open, parts

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
"""So that by the clock of whoever runs this, all time is over."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.prepare()
    made.settings_file.write_text('[agency]\nname = "lab"\norigin = "evidock.example/lab"\n')
    return made


@pytest.fixture
def house(home: Home) -> House:
    """The archive of *home*, long ago."""
    clock = SetClock(LONG_AGO)
    vault = MemoryVault(clock)
    return House(parts=parts(home.folder, vault, clock), vault=vault, clock=clock)


async def said(*arguments: str) -> int:
    return await asyncio.to_thread(main, list(arguments))


async def filled(door: Open) -> list[str]:
    """Three clips: nobody wants the first, one the second, and two the third."""
    station = await door.station()
    clips = [(await station.archive(Footage(data=bytes([n])))).clip for n in range(3)]
    door.clock.advance(timedelta(days=181).total_seconds())
    lena, sam = await door.person(Role.LEGAL), await door.person(Role.SUPERVISOR)
    wanted = DisposalWanted(reason="over")
    made = [await sam.post(f"/v1/clips/{clip}/disposal", wanted) for clip in clips[1:]]
    last = made[-1].as_(ProposalShown)
    assert (await lena.post(f"/v1/proposals/{last.id}/approve", Message())).status == 200
    return clips


async def test_a_home_at_rest_tells_its_queue(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.opened() as door:
        clips = await filled(door)
    before = sorted(each.name for each in (home.archive / "log").rglob("*"))

    code = await said("disposal", "queue", "--home", str(home.folder), "--json")
    told = json.loads(capsys.readouterr().out)
    await said("disposal", "queue", "--home", str(home.folder))
    shown = capsys.readouterr().out

    assert code == 0
    assert sorted(each["clip"] for each in told["clips"]) == sorted(clips)
    assert told["clips"][-1]["clip"] == clips[0]
    assert (told["stopped"], told["outside_at"], told["proposals"]) == (RESTS, None, [])
    assert all(clip[:8] in shown for clip in clips)
    assert "nothing is destroyed now: the home does not run" in shown
    assert sorted(each.name for each in (home.archive / "log").rglob("*")) == before


async def test_a_running_home_tells_why_nothing_is_destroyed(house: House) -> None:
    async with house.opened() as door:
        await filled(door)
        told = await disposal_operation(door.archive, house.parts.settings.archive)[OPERATION]({})

    assert (told["done_today"], told["limit_today"]) == (0, 10)
    assert "nobody outside tells the time" in str(told["stopped"])


async def test_an_empty_queue_says_so(
    home: Home, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.opened():
        pass

    assert await said("disposal", "queue", "--home", str(home.folder)) == 0

    assert "no clip's time ends soon, and nothing is proposed" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["propose", "approve", "withdraw", "destroy"])
def test_the_command_line_does_nothing_about_it(
    verb: str, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["disposal", verb, "--home", str(home.folder)])

    assert ended.value.code == 2
    assert "invalid choice" in capsys.readouterr().err
