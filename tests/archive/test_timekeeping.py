"""A clock that jumps writes no lease, and changes neither order nor retention of what is there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from evidence.clock import SetClock, stamp, unstamp
from evidence.vault import Bucket
from evidence.wire import Archived, IntakeAnswer
from tests.archive.house import START, Footage, House, Open

FOOTAGE, MORE = Footage(data=b"footage"), Footage(data=b"more", path=b"2.MP4")
JUMPS = [timedelta(days=days) for days in (-3650, -1, 1, 3650)]


class Jumping(SetClock):
    """A clock that somebody sets while it runs."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.jumped = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.jumped


@pytest.fixture
def clock() -> Jumping:
    return Jumping(START)


@pytest.fixture
def jumping(house: House, clock: Jumping) -> House:
    return house.with_(clock=clock)


def at(door: Open, clock: Jumping) -> Open:
    """The door as a station sees it whose clock jumps with the archive's."""
    return Open(archive=door.archive, http=door.http, vault=door.vault, clock=clock)


@pytest.mark.parametrize("jump", JUMPS)
async def test_while_the_clock_is_absurd_nothing_is_taken_in(
    jumping: House, clock: Jumping, jump: timedelta
) -> None:
    async with jumping.opened() as opened:
        door = at(opened, clock)
        station = await door.station()
        first = await station.archive(FOOTAGE)
        clock.jumped = jump

        refused = await station.offer(MORE)

        assert (refused.status, refused.title) == (503, "ClockWrong")
        assert stamp(clock.now()) in refused.body.decode()
        assert any("clock shows" in problem for problem in await door.archive.problems())
        clock.jumped = timedelta(0)
        again, second = await station.archive(FOOTAGE), await station.archive(MORE)
        assert again == first
        assert second.entry > first.entry


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_jump_in_the_middle_of_intake_archives_nothing(
    jumping: House, clock: Jumping, jump: timedelta
) -> None:
    async with jumping.opened() as opened:
        station = await at(opened, clock).station()
        put = (await station.offer(FOOTAGE)).as_(IntakeAnswer).put
        assert put is not None
        assert station.put(put, FOOTAGE.data) == 200
        clock.jumped = jump

        assert (await station.complete(FOOTAGE.clip)).title == "ClockWrong"

        clock.jumped = timedelta(0)
        done = (await station.complete(FOOTAGE.clip)).as_(Archived)
        kept = unstamp(done.retain_until) - START
        assert timedelta(days=180) <= kept < timedelta(days=181)


async def test_an_archive_started_with_a_clock_in_the_past_waits(
    jumping: House, clock: Jumping
) -> None:
    async with jumping.opened() as opened:
        station = await at(opened, clock).station()
        await station.archive(FOOTAGE)
    clock.jumped = timedelta(days=-1)
    async with jumping.opened() as opened:
        station.door = at(opened, clock)
        assert (await station.offer(MORE)).title == "ClockWrong"

        clock.jumped = timedelta(0)
    async with jumping.opened() as opened:
        station.door = at(opened, clock)
        assert (await station.offer(MORE)).status == 200


async def test_a_clock_set_right_by_a_little_is_no_alarm(jumping: House, clock: Jumping) -> None:
    async with jumping.opened() as opened:
        station = await at(opened, clock).station()
        await station.archive(FOOTAGE)
        for seconds in (-90, 90):
            clock.jumped = timedelta(seconds=seconds)
            assert (await station.offer(MORE)).status == 200


@pytest.mark.parametrize("jump", JUMPS)
async def test_a_station_whose_clock_is_wrong_by_itself_is_refused(
    jumping: House, clock: Jumping, jump: timedelta
) -> None:
    async with jumping.opened() as opened:
        station = await at(opened, clock).station()
        theirs = Jumping(START)
        theirs.jumped = jump
        station.door = at(opened, theirs)

        assert (await station.offer(FOOTAGE)).status == 403


async def test_a_jumped_clock_locks_nothing_anywhere(jumping: House, clock: Jumping) -> None:
    async with jumping.opened() as opened:
        await (await at(opened, clock).station()).archive(FOOTAGE)
        clock.jumped = timedelta(days=3650)  # the log's last copy is made as the archive ends

    locks = [
        version.lock
        for bucket in (Bucket.ORIGINALS, Bucket.RECORDS)
        for version in jumping.vault.versions(bucket)
    ]
    assert all(lock is None or lock.until < START + timedelta(days=400) for lock in locks)


async def test_a_clock_that_is_set_right_a_little_every_day_is_no_alarm(
    jumping: House, clock: Jumping
) -> None:
    async with jumping.opened() as opened:
        station = await at(opened, clock).station()
        for day in range(1, 6):
            clock.advance(timedelta(days=1).total_seconds())
            clock.jumped = timedelta(seconds=60 * day)
            assert (await station.offer(MORE)).status == 200
