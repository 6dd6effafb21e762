"""What reading a part proves of the whole, and how fast it may be read."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from archive.fixity.bound import at_most
from archive.fixity.pace import Pace
from evidence.clock import SetClock


@pytest.mark.parametrize(
    ("wrong", "read", "bound"),
    [
        (0, 1, 0.95),
        (0, 100, 0.029513),  # 1 - 0.05 ** (1 / 100)
        (0, 3000, 0.000998),  # the rule of three: 3 / 3000
        (1, 10, 0.394163),  # Clopper and Pearson's table, one-sided 95 %
        (3, 100, 0.075711),
        (0, 10_000_000, 2.9957e-07),
    ],
)
def test_the_bound_is_the_exact_one(wrong: int, read: int, bound: float) -> None:
    assert at_most(wrong, read) == pytest.approx(bound, rel=1e-3)


def test_of_nothing_read_nothing_is_proven() -> None:
    assert at_most(0, 0) == at_most(5, 5) == 1.0


def test_the_bound_holds_in_19_of_20_cases() -> None:
    chance, share, read = random.Random(1), 0.02, 200
    held = sum(
        at_most(sum(chance.random() < share for _ in range(read)), read) >= share
        for _ in range(400)
    )

    assert held / 400 >= 0.95 - 0.02


def test_what_is_read_faster_than_allowed_waits() -> None:
    clock = SetClock(datetime(2026, 11, 28, tzinfo=UTC))
    pace = Pace(clock, 2.0)

    assert pace.after(1_000_000) == pytest.approx(0.5)
    assert pace.after(1_000_000) == pytest.approx(1.0)
    clock.advance(10)
    assert pace.after(1_000_000) == pytest.approx(0.5)


def test_without_a_limit_nothing_waits() -> None:
    assert Pace(SetClock(datetime(2026, 11, 28, tzinfo=UTC)), 0).after(10**12) == 0
