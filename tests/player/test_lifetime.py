"""The picture of a clip's life says what was, what is ahead, and where today is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.clock import stamp
from evidence.retention import FOR_EVER
from player.lifetime import ORDER, WIDTH, Kind, lifetime

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def at(days: float) -> str:
    return stamp(START + days * DAY)


def test_steps_stand_in_the_order_of_time_and_today_between_them() -> None:
    life = lifetime({"locked": at(90), "archived": at(0), "due": at(180)}, START + 135 * DAY)

    assert [step.kind for step in life.steps] == ["archived", "locked", "due"]
    assert [step.is_past for step in life.steps] == [True, True, False]
    _, locked, due = life.steps
    assert life.now_x == pytest.approx((locked.x + due.x) / 2, abs=0.1)
    assert life.locked_x == locked.x


def test_the_days_to_restore_are_hatched_and_nothing_else_is() -> None:
    moments: dict[Kind, str | None] = {"archived": at(0), "due": at(180)}

    without = lifetime(moments, START)
    life = lifetime({**moments, "approved": at(181), "restorable": at(188)}, START + 182 * DAY)

    places = {step.kind: step.x for step in life.steps}
    strokes = [float(each.split()[0]) for each in life.hatch.split("M")[1:]]
    assert without.hatch == ""
    assert places["approved"] <= min(strokes) < max(strokes) <= places["restorable"]


def test_what_is_kept_for_ever_has_no_end() -> None:
    life = lifetime({"archived": at(0), "due": stamp(FOR_EVER)}, START + DAY)

    assert [step.kind for step in life.steps] == ["archived"]
    assert not life.ends
    assert life.now_x > life.first_x


def test_steps_of_one_moment_keep_their_order() -> None:
    life = lifetime({"locked": at(1), "due": at(1), "archived": at(0)}, START)

    assert [step.kind for step in life.steps] == ["archived", "due", "locked"]


@given(
    st.lists(st.integers(0, 40_000), min_size=len(ORDER), max_size=len(ORDER)),
    st.integers(-1000, 60_000),
)
def test_whatever_the_dates_the_picture_holds(days: list[int], today: int) -> None:
    moments = {kind: at(day) for kind, day in zip(ORDER, days, strict=True)}

    life = lifetime(moments, START + today * DAY)

    past = [step.x for step in life.steps if step.is_past]
    ahead = [step.x for step in life.steps if not step.is_past]
    assert all(left.x < right.x and left.at <= right.at for left, right in pairwise(life.steps))
    assert len(life.steps) == len(ORDER)
    assert 0 < life.first_x <= life.now_x < WIDTH
    assert all(x <= life.now_x for x in past)
    assert all(x >= life.now_x for x in ahead)
