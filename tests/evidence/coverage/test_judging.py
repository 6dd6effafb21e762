"""What should be there, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.coverage import (
    Basis,
    Issued,
    Judged,
    Outcome,
    Part,
    Present,
    Rostered,
    Terms,
    expected,
    judge,
)

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
TERMS = Terms(way=timedelta(minutes=20), gap=timedelta(minutes=10), late=timedelta(hours=24))
PART = Part(
    incident="i-1",
    event="E-1",
    officer="4711",
    since=NINE,
    until=NINE + timedelta(minutes=60),
)
LONG_AFTER = NINE + timedelta(days=9)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def clip(
    begin: float, end: float | None, camera: str = "b1", docked: float = 300, name: str = "c"
) -> Present:
    return Present(
        clip=f"{name}-{begin}",
        camera=camera,
        begin=at(begin),
        end=None if end is None else at(end),
        docked=at(docked),
    )


def issued(camera: str = "b1", since: float = -60, until: float | None = 400) -> Issued:
    return Issued(
        camera=camera,
        officer="4711",
        since=at(since),
        until=None if until is None else at(until),
    )


def judged(*clips: Present, of: tuple[Issued, ...] = (issued(),), **more: bool) -> list[Judged]:
    return judge(expected(PART, of, ()), clips, TERMS, LONG_AFTER, **more)


@pytest.mark.parametrize(
    ("of", "cameras"),
    [
        ([], [None]),
        ([issued()], ["b1"]),
        ([issued(), issued("b2")], ["b1", "b2"]),
        ([issued(), issued("b2", 59, None)], ["b1"]),
        ([issued("b2", 59, None)], ["b2"]),
        ([issued("b2", 61, None)], [None]),
        ([issued(until=0)], [None]),
        ([issued(until=30), issued("b2", 30)], ["b1", "b2"]),
        ([replace(issued(), officer="A-12")], [None]),
    ],
)
def test_a_recording_is_expected_of_every_camera_issued_then(
    of: list[Issued], cameras: list[str | None]
) -> None:
    assert [each.camera for each in expected(PART, of, ())] == cameras


def test_lateness_counts_from_the_end_of_the_duty_where_one_is_known() -> None:
    duty = Rostered(officer="4711", since=at(-60), until=at(420))
    [known] = expected(PART, [issued()], [duty])
    [unknown] = expected(PART, [], [replace(duty, officer="A-12")])

    assert (known.ended, known.by_duty, known.basis) == (duty.until, True, Basis.ASSIGNMENT)
    assert (unknown.ended, unknown.by_duty, unknown.basis) == (PART.until, False, Basis.SENT)


@pytest.mark.parametrize(
    ("clips", "outcome", "gap"),
    [
        ([], Outcome.MISSING, 60),
        ([clip(15, 60)], Outcome.RECORDED, 0),
        ([clip(21, 60)], Outcome.PARTLY, 21),
        ([clip(10, 49)], Outcome.PARTLY, 11),
        ([clip(10, 30), clip(41, 70)], Outcome.PARTLY, 11),
        ([clip(10, 30), clip(39, 70)], Outcome.RECORDED, 0),
        ([clip(10, 40), clip(12, 15), clip(49, 70)], Outcome.RECORDED, 0),
        ([clip(10, None)], Outcome.RECORDED, 0),
        ([clip(-30, -1)], Outcome.MISSING, 60),
        ([clip(61, 90)], Outcome.MISSING, 60),
        ([clip(10, 60, docked=60 + 24 * 60)], Outcome.RECORDED, 0),
        ([clip(10, 60, docked=61 + 24 * 60)], Outcome.LATE, 0),
        ([clip(10, 60, camera="b9")], Outcome.RECORDED, 0),
    ],
)
def test_an_outcome_follows_from_what_overlaps(
    clips: list[Present], outcome: Outcome, gap: int
) -> None:
    [found] = judged(*clips)

    assert (found.outcome, found.gap) == (outcome, timedelta(minutes=gap))
    assert judged(*reversed(clips)) == [found]


def test_a_camera_that_nobody_issued_stands_in_once() -> None:
    both = (issued(), issued("b2"))
    one, two = judged(clip(0, 60, "b9"), clip(0, 60, "b2"), of=both)

    assert (one.outcome, one.is_other_camera) == (Outcome.RECORDED, True)
    assert (two.outcome, two.is_other_camera) == (Outcome.RECORDED, False)
    assert [each.outcome for each in judged(clip(0, 60, "b9"), of=both)] == [
        Outcome.RECORDED,
        Outcome.MISSING,
    ]


def test_what_a_person_confirmed_counts_whatever_its_clock_says() -> None:
    [found] = judged(replace(clip(-3000, -2990), is_confirmed=True))

    assert (found.outcome, found.clips) == (Outcome.PARTLY, ("c--3000",))


def test_an_excuse_is_told_only_where_something_lacks() -> None:
    assert judged(excused=True)[0].outcome is Outcome.EXCUSED
    assert judged(clip(0, 60), excused=True)[0].outcome is Outcome.RECORDED


@pytest.mark.parametrize(("hours", "awaited"), [(24, True), (26, False)])
def test_what_may_still_be_docked_in_time_is_awaited(hours: int, *, awaited: bool) -> None:
    now = NINE + timedelta(hours=hours)

    assert judge(expected(PART, [], ()), [], TERMS, now)[0].awaited is awaited


spans = st.tuples(st.integers(-30, 90), st.integers(0, 60), st.sampled_from(["b1", "b2", "b9"]))


@settings(deadline=None)
@given(st.lists(spans, max_size=6), st.randoms(use_true_random=False))
def test_no_order_matters_and_more_footage_never_loses_any(
    drawn: list[tuple[int, int, str]], chance: object
) -> None:
    clips = [clip(a, a + long, camera, name=f"c{n}") for n, (a, long, camera) in enumerate(drawn)]
    both = (issued(), issued("b2"))
    found = judged(*clips, of=both)

    chance.shuffle(clips)  # type: ignore[attr-defined]
    assert judged(*clips, of=both) == found
    if clips:
        gone = sum(each.outcome is Outcome.MISSING for each in judged(*clips[1:], of=both))
        assert sum(each.outcome is Outcome.MISSING for each in found) <= gone
