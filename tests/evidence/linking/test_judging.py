from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.linking import Known, LinkReason, PartCode, Standing, judged, written
from evidence.linking.points import POINTS
from tests.evidence.linking.days import (
    AWAY,
    HERE,
    NEAR,
    call,
    clip,
    issued,
    links,
    on_duty,
    standings,
)


def codes(link: object) -> list[str]:
    return [part.code.value for part in link.parts]  # type: ignore[attr-defined]


def test_the_officer_s_clip_within_the_window_is_linked_and_says_why() -> None:
    (made,) = links(clip(5, 15), call(0, 30))

    assert made.standing is Standing.AUTOMATIC
    assert (made.reason, made.seconds_outside) == (LinkReason.INSIDE_WINDOW, 0)
    assert codes(made) == ["who.officer", "time.most"]
    assert made.points == sum(part.points for part in made.parts)
    assert written([part.to_wire() for part in made.parts]) == "who.officer,35,0 time.most,30,600"


def test_one_that_lies_outside_but_close_is_put_before_people() -> None:
    (made,) = links(clip(32, 40), call(0, 30))

    assert made.standing is Standing.PROPOSED
    assert (made.reason, made.seconds_outside) == (LinkReason.NEAR_WINDOW, 120)
    assert links(clip(36, 40), call(0, 30)) == []


def test_of_a_clip_of_unknown_length_the_start_counts() -> None:
    assert standings(links(clip(29), call(0, 30))) == {("c-1", "E-1"): "automatic"}
    assert standings(links(clip(-2), call(0, 30))) == {("c-1", "E-1"): "proposed"}


def test_a_long_recording_that_covers_a_whole_call_belongs_to_it() -> None:
    assert standings(links(clip(-60, 120), call(0, 10))) == {("c-1", "E-1"): "automatic"}


def test_who_was_issued_the_camera_goes_before_whom_it_names() -> None:
    calls = call(0, 30, event="E-1", officer="4711"), call(0, 30, event="E-2", officer="0815")

    found = links(clip(5, 15), *calls, issues=(issued("0815"),))

    assert standings(found) == {("c-1", "E-2"): "automatic"}
    assert found[0].reason is LinkReason.ISSUED_INSIDE


def test_a_clip_that_names_nobody_is_linked_by_its_camera() -> None:
    assert links(clip(5, 15, officer=None), call(0, 30)) == []

    (made,) = links(clip(5, 15, officer=None), call(0, 30), issues=(issued("4711"),))

    assert made.standing is Standing.AUTOMATIC


def test_another_officer_s_camera_is_no_tie_before_it_was_issued() -> None:
    found = links(clip(5, 15, officer=None), call(0, 30), issues=(issued("4711", since=6),))

    assert found == []


def test_the_unit_ties_a_camera_that_was_at_the_place() -> None:
    incident = call(0, 30, officer="0815", unit="U1", place=HERE)
    duties = (on_duty("4711"),)

    (made,) = links(clip(5, 15, place=NEAR), incident, duties=duties)

    assert (made.standing, made.reason) == (Standing.AUTOMATIC, LinkReason.UNIT_AT_PLACE)
    assert links(clip(5, 15, place=AWAY), incident, duties=duties) == []
    assert links(clip(5, 15), incident, duties=duties) == []


def test_overlapping_calls_share_out_by_what_lies_in_one_alone() -> None:
    calls = call(0, 25, event="E-1"), call(15, 50, event="E-2")

    assert standings(links(clip(3, 24), *calls)) == {("c-1", "E-1"): "automatic"}
    assert standings(links(clip(26, 45), *calls)) == {("c-1", "E-2"): "automatic"}


def test_a_clip_that_covers_both_belongs_to_both() -> None:
    calls = call(0, 25, event="E-1"), call(15, 50, event="E-2")

    assert set(standings(links(clip(5, 45), *calls)).values()) == {"automatic"}
    assert len(links(clip(5, 45), *calls)) == 2


def test_of_two_calls_of_one_time_the_place_decides() -> None:
    calls = call(0, 40, event="E-1", place=AWAY), call(0, 40, event="E-2", place=HERE)

    found = standings(links(clip(5, 15, place=HERE), *calls))

    assert found == {("c-1", "E-2"): "automatic"}


def test_of_two_calls_of_one_time_and_no_place_the_first_goes_first() -> None:
    found = standings(links(clip(20, 24), call(0, 40, event="E-1"), call(15, 50, event="E-2")))

    assert found == {("c-1", "E-1"): "automatic", ("c-1", "E-2"): "proposed"}


def test_a_missing_place_says_nothing() -> None:
    with_one, without = (links(clip(5, 15), call(0, 30, place=place)) for place in (HERE, None))

    assert with_one[0].parts == without[0].parts


def test_two_dispatches_to_one_event_take_nothing_from_each_other() -> None:
    again = call(20, 40, event="E-1", officer="4711")

    assert {link.points for link in links(clip(21, 29), call(0, 30), again)} == {65}


def test_every_code_has_its_points() -> None:
    assert set(POINTS) == set(PartCode)


@given(st.integers(-120, 120), st.integers(1, 90), st.integers(0, 900))
def test_nothing_further_out_than_the_buffer_is_linked(
    begin: int, length: int, buffer: int
) -> None:
    known = Known(incidents=[call(0, 30)])
    outside = max(-(begin + length), begin - 30, 0) * 60

    found = judged([clip(begin, begin + length)], known, timedelta(seconds=buffer))

    assert bool(found) == (outside <= buffer)
    assert all(link.seconds_outside == outside for link in found)


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_told_changes_nothing(chance: random.Random) -> None:
    clips = [clip(n * 5, n * 5 + 5, name=f"c-{n}", place=HERE) for n in range(6)]
    calls = [call(n * 7, n * 7 + 20, event=f"E-{n}", place=NEAR, unit="U1") for n in range(4)]
    issues = [issued("4711"), issued("0815", camera="other")]
    duties = [on_duty("4711"), on_duty("0815")]
    wanted = set(links(clips, *calls, issues=tuple(issues), duties=tuple(duties)))
    for some in (clips, calls, issues, duties):
        chance.shuffle(some)

    assert set(links(clips, *calls, issues=tuple(issues), duties=tuple(duties))) == wanted
