"""What a course in time shows: every camera, every gap by name, in the agency's zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.clock import stamp
from evidence.wire import IncidentReplayed, RecordingShown, WhyIn
from player.local import zone_name, zoned
from player.swimlanes import APART, GAP, WIDTH, pictures
from tests.archive.house import START

HOUR = timedelta(hours=1)


def recording(
    camera: str, begin: datetime | None, length: int | None, n: int = 0
) -> RecordingShown:
    """A recording of so many seconds, linked to event E-1."""
    return RecordingShown(
        clip=f"c-{camera}-{n}-{begin}",
        camera=camera,
        officer="4711",
        name="A.MP4",
        clip_class="video",
        state="ARCHIVED",
        sha256="00" * 32,
        size=1,
        start=None if begin is None else stamp(begin),
        offset_ms=None,
        length_ms=None if length is None else length * 1000,
        received=stamp(START),
        why=[WhyIn(incident="E-1", entry=1, reason="officer+window")],
    )


def incident(begin: datetime = START, end: datetime = START + HOUR) -> IncidentReplayed:
    return IncidentReplayed(
        id="i-1",
        entry=0,
        number="E-1",
        officer="4711",
        dispatched=stamp(begin),
        cleared=stamp(end),
    )


def gaps(*recordings: RecordingShown) -> list[tuple[str, str | None]]:
    (picture,) = pictures([incident()], recordings, 0)
    return [(row.kind, row.length) for row in picture.rows if row.is_gap]


def test_gaps_before_between_and_after_are_named() -> None:
    first = recording("A", START + timedelta(minutes=5), 600)
    second = recording("A", START + timedelta(minutes=20), 600)

    assert gaps(first, second) == [("before", "5:00"), ("between", "5:00"), ("after", "30:00")]


def test_what_follows_at_once_or_overlaps_is_no_gap() -> None:
    first = recording("A", START, 1800)
    second = recording("A", START + timedelta(seconds=1801), 1799)
    inside = recording("A", START + timedelta(minutes=1), 60)

    assert gaps(first, second, inside) == []


def test_an_unknown_length_is_said_and_nothing_is_made_up_behind_it() -> None:
    (picture,) = pictures([incident()], [recording("A", START, None)], 0)

    (row,) = [each for each in picture.rows if each.kind == "recording"]
    assert (row.end, row.length) == (None, None)
    assert [each for each in picture.rows if each.is_gap] == []


def test_times_are_in_the_agencys_zone() -> None:
    (picture,) = pictures([incident()], [recording("A", START, 60)], 480)

    assert picture.rows[0].begin == "2026-11-23 16:00:00"
    assert (zone_name(480), zone_name(-570)) == ("UTC+08:00", "UTC-09:30")
    assert zoned(stamp(START), -60) == "2026-11-23 07:00:00"


def test_a_case_that_goes_on_for_months_is_drawn_in_parts() -> None:
    late = [recording("A", START + APART * n * 4, 60, n) for n in range(3)]

    assert len(pictures([], late, 0)) == 3
    assert pictures([], [recording("A", None, 60)], 0) == []


@given(
    st.lists(
        st.tuples(st.sampled_from("ABC"), st.integers(0, 90_000), st.integers(0, 9_000)),
        min_size=1,
        max_size=30,
    )
)
def test_every_recording_is_drawn_inside_and_no_gap_covers_one(
    told: list[tuple[str, int, int]],
) -> None:
    made = [
        recording(camera, START + timedelta(seconds=at), length, n)
        for n, (camera, at, length) in enumerate(told)
    ]
    found = pictures([], made, 0)

    bars = [bar for each in found for lane in each.lanes for bar in lane.bars]
    assert sum(bar.kind == "recording" for bar in bars) == len(made)
    assert all(0 <= bar.x <= WIDTH and bar.x + bar.width <= WIDTH + 3.1 for bar in bars)
    for row in [row for each in found for row in each.rows if row.is_gap]:
        begin, end = [datetime.fromisoformat(f"{at}+00:00") for at in (row.begin, row.end or "")]
        for camera, at, length in told:
            since = START + timedelta(seconds=at)
            if camera == row.lane:
                assert since + timedelta(seconds=length) <= begin or since >= end
        assert end - begin >= GAP - timedelta(seconds=1)
