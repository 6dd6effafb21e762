from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.linking import ClipStart, IncidentWindow, LinkReason, link, window_problem

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WINDOW = IncidentWindow(
    incident="i-1", officer="031245", dispatched=NINE, cleared=NINE + timedelta(minutes=30)
)


def clip(minutes: float, officer: str = "031245", offset: int = 0) -> ClipStart:
    return ClipStart(
        clip="c-1",
        officer=officer,
        started=NINE + timedelta(minutes=minutes),
        clock_offset=timedelta(seconds=offset),
    )


def test_a_recording_that_starts_inside_the_window_is_linked_with_its_reason() -> None:
    (made,) = link(clip(10), [WINDOW])

    assert (made.incident, made.reason, made.seconds_outside) == (
        "i-1",
        LinkReason.INSIDE_WINDOW,
        0,
    )


def test_a_recording_that_starts_within_the_buffer_says_how_far_outside() -> None:
    (made,) = link(clip(-2), [WINDOW])

    assert (made.reason, made.seconds_outside) == (LinkReason.NEAR_WINDOW, 120)


def test_another_officer_or_another_time_is_not_linked() -> None:
    assert list(link(clip(10, officer="031246"), [WINDOW])) == []
    assert list(link(clip(36), [WINDOW])) == []


def test_a_measured_clock_offset_moves_the_start() -> None:
    fast_by_an_hour = clip(70, offset=3600)

    assert [made.seconds_outside for made in link(fast_by_an_hour, [WINDOW])] == [0]


@given(st.integers(-7200, 7200), st.integers(0, 900))
def test_a_link_is_made_exactly_within_the_buffer(seconds: int, buffer: int) -> None:
    outside = max(-seconds, seconds - 1800, 0)

    made = list(link(clip(seconds / 60), [WINDOW], timedelta(seconds=buffer)))

    assert bool(made) == (outside <= buffer)


def test_a_window_that_cannot_be_meant_is_named() -> None:
    assert window_problem(NINE, NINE) == "cleared is not after dispatched"
    assert "8:00:00" in (window_problem(NINE, NINE + timedelta(hours=9)) or "")
    assert window_problem(NINE, NINE + timedelta(hours=1)) is None
