"""``evidock review``: a refusal says what is wrong; a die is rolled; long lists come in pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.catalogue import reviews
from evidence.clock import stamp
from evidence.errors import RunningHomeRefused
from evidence.vault.memory import MemoryVault
from evidock import control
from evidock.review_acts import (
    ABANDON,
    CONFIRM,
    DRAW,
    FINDINGS,
    SEED,
    STATUS,
    VOID,
    review_operations,
)
from tests.archive.house import PASSWORD, START, House, parts
from tests.archive.reviewing.house_of_reviews import HOUR, Reviewing
from tests.archive.reviewing.test_steering import MovingClock

ROLLS = "123456" * 5


@dataclass(slots=True)
class Asked:
    """A running home over its socket, by a clock that moves."""

    here: Reviewing
    socket: Path

    async def ask(self, op: str, **told: object) -> dict[str, object]:
        return await asyncio.to_thread(control.ask, self.socket, op, **told)

    async def refused(self, op: str, **told: object) -> str:
        with pytest.raises(RunningHomeRefused) as refused:
            await self.ask(op, **told)
        return str(refused.value)

    def by(self, name: str) -> dict[str, object]:
        return {"name": name, "password": PASSWORD}

    def wanted(self, **changes: object) -> dict[str, object]:
        told = {"purpose": "评查", "size": 2, "sheet": "scene", "seed": "dice", "which": "30"}
        days = {"since": stamp(START - HOUR), "until": stamp(self.here.door.clock.now())}
        return {"wanted": told | days | changes}


@asynccontextmanager
async def asked(folder: Path, clips: int = 3) -> AsyncIterator[Asked]:
    clock = MovingClock(START)
    vault = MemoryVault(clock)
    house = House(parts=parts(folder, vault, clock), vault=vault, clock=clock)
    async with house.opened() as door:
        here = await Reviewing.of(door, clips=clips)
        async with control.serving(folder / "sock", review_operations(door.archive)):
            yield Asked(here, folder / "sock")


async def test_two_persons_roll_a_die_and_a_third_drops_what_nobody_can_do(tmp_path: Path) -> None:
    async with asked(tmp_path) as home:
        draw = (await home.ask(DRAW, **home.by("lead"), **home.wanted()))["id"]
        await home.ask(SEED, **home.by("lead"), draw=draw, value=ROLLS)
        done = await home.ask(CONFIRM, **home.by("auditor"), draw=draw, value=ROLLS)
        review = (await home.here.rows("review"))[0]["id"]
        void = await home.ask(
            VOID, **home.by("legal"), review=review, code="checker", reason=" 调离 "
        )

        assert done["ended"] == "done"
        assert void["void"]["reason"] == "调离"  # type: ignore[index]
        assert await home.here.fsck() == []


async def test_every_refusal_says_what_is_wrong(tmp_path: Path) -> None:
    async with asked(tmp_path) as home:
        lead = home.by("lead")
        for changes, named in (
            ({"purpose": "  "}, "purpose: say it"),
            ({"sheet": "moon"}, "there is no sheet 'moon'"),
            ({"size": 0}, "of 1 to 1000"),
            ({"until": "2030-01-01T00:00:00Z"}, "its days are not over"),
            ({"seed": "public", "which": "lottery/1"}, "due: say when"),
            ({"due": "2030-01-01T00:00:00Z"}, "due: say when"),
            ({"owner": "nobody"}, "nobody called 'nobody'"),
            ({"category": "moon"}, "not from 0"),
        ):
            told = await home.refused(DRAW, **lead, **home.wanted(**changes))
            assert named in told, changes
        draw = (await home.ask(DRAW, **lead, **home.wanted()))["id"]
        assert "is open" in await home.refused(DRAW, **lead, **home.wanted())
        assert "reason: say it" in await home.refused(ABANDON, **lead, draw=draw, reason="")
        assert "write each roll" in await home.refused(SEED, **lead, draw=draw, value="x")
        assert "lacks a field" in await home.refused(SEED, **lead)
        assert "wrong" in await home.refused(SEED, **lead | {"password": "guess"}, draw=draw)


async def test_a_list_goes_on_where_it_ended(tmp_path: Path) -> None:
    async with asked(tmp_path) as home:
        await home.here.draw()
        finding = await home.here.finding()

        assert len((await home.ask(STATUS))["draws"]) == 1  # type: ignore[arg-type]
        assert (await home.ask(STATUS, after="1"))["draws"] == []
        assert finding in str(await home.ask(FINDINGS))
        assert (await home.ask(FINDINGS, after="1"))["findings"] == []
        assert "nothing that a page said" in await home.refused(FINDINGS, after="x")
        assert await home.here.run(reviews.problems) == []
