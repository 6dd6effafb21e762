from __future__ import annotations

from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from evidence.clock import SetClock, SystemClock
from ingest.pace import Pace
from ingest.watch import PullCancelled, Watch

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_what_was_moved_is_paid_for_afterwards_by_all_together() -> None:
    clock = SetClock(_NOW)
    pace = Pace(100, clock)

    assert (pace.owed(50), pace.owed(50)) == (0.5, 1.0)
    clock.advance(5)
    assert pace.owed(100) == 1.0  # nobody saved up meanwhile


def test_without_a_limit_nobody_waits() -> None:
    assert Pace(0, SetClock(_NOW)).owed(1 << 40) == 0


async def test_rest_waits_as_long_as_is_owed() -> None:
    clock = SetClock(_NOW)
    pace = Pace(8, clock)
    for _ in range(4):
        await pace.rest(4)

    assert clock.monotonic() == 2.0


def test_a_pull_that_waits_for_its_pace_is_stopped_at_once() -> None:
    watch = Watch(lambda _total: None, SystemClock(), Pace(0.001, SystemClock()))
    stopped = Event()

    def copy() -> None:
        watch.copied(1)
        with pytest.raises(PullCancelled):
            watch.copied(1_000)
        stopped.set()

    copying = Thread(target=copy, daemon=True)
    copying.start()
    watch.stop()

    assert stopped.wait(30)
