"""Which officer is written to a camera."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from evidence.clip import ClipClass
from evidence.clock import SetClock
from station.assignment import How
from station.change import Wearer
from station.continuity import Continuity
from station.desk import Desk
from station.heard import Heard
from station.journal.journal import Journal
from station.wearing import FixedWearers
from tests.station.test_journal import HEARD, KEY, NOW, PULLED, finding


@dataclass(frozen=True, kw_only=True)
class Office:
    """A journal whose clock the test turns."""

    journal: Journal
    clock: SetClock
    desk: Desk

    def assign(self, officer: str = "PO654321", how: How = How.FIXED) -> None:
        self.clock.advance(60)
        self.journal.assign("cam-7", officer, how, "sergeant")

    def docked(self, number: int = 1, *, undocked: bool = True) -> None:
        self.clock.advance(60)
        heard = msgspec.structs.replace(HEARD, id=f"t-{number:032}")
        self.journal.told(heard, "1-2")
        docking = self.journal.dock(b"slot", f"1-{number}", heard).id
        self.clock.advance(60)
        if undocked:
            self.journal.undock(docking, Continuity())

    async def wearer(self, heard: Heard = HEARD) -> Wearer | None:
        return await FixedWearers(self.desk).of(heard)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = SetClock(NOW)
    journal = Journal.open(tmp_path / "journal.sqlite", KEY, clock)
    async with Desk(journal) as desk:
        yield Office(journal=journal, clock=clock, desk=desk)


async def test_who_had_the_camera_since_it_left_is_written(office: Office) -> None:
    office.assign()
    office.docked()

    assert await office.wearer() == Wearer(officer="PO654321")


async def test_who_got_it_while_it_was_away_waits_for_its_next_docking(office: Office) -> None:
    office.docked()
    office.assign()
    assert await office.wearer() is None

    office.docked(2)
    assert await office.wearer() == Wearer(officer="PO654321")


async def test_of_a_camera_that_was_never_here_or_still_stands_here_nobody_is(
    office: Office,
) -> None:
    office.assign()
    assert await office.wearer() is None
    office.docked(undocked=False)
    assert await office.wearer() is None


async def test_while_a_file_of_it_waits_for_its_card_nobody_is(office: Office) -> None:
    office.assign()
    what = finding(office.journal, camera="cam-7")
    clip = office.journal.found(replace(what, claims=replace(what.claims, camera="cam-7"))).id
    office.docked()
    assert await office.wearer() is None

    office.journal.pulled(clip, what.key, PULLED, ClipClass.VIDEO)
    assert await office.wearer() == Wearer(officer="PO654321")


@pytest.mark.parametrize("how", [How.ISSUED, How.BADGE])
async def test_who_took_it_from_the_pool_is_not_written(office: Office, how: How) -> None:
    office.assign(how=how)
    office.docked()

    assert await office.wearer() is None


async def test_another_camera_or_one_without_a_number_has_none(office: Office) -> None:
    office.assign()
    office.docked()

    for camera in (None, "cam-8"):
        assert await office.wearer(msgspec.structs.replace(HEARD, camera=camera)) is None
