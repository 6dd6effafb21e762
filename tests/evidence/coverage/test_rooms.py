"""Whether the rooms that a person was in were recorded all the while."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.coverage.judging import Outcome, worst
from evidence.coverage.rooms import (
    Outage,
    RoomGap,
    RoomRecording,
    RoomSpan,
    RoomTerms,
    SpanJudged,
    judge_span,
    judge_stay,
)

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
TERMS = RoomTerms(
    join=timedelta(seconds=3),
    move=timedelta(minutes=2),
    late=timedelta(hours=24),
    channels={"r1": frozenset({"n1/d1"}), "r2": frozenset({"n1/d2", "n2/d1"})},
)
LONG_AFTER = NINE + timedelta(days=9)


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def span(since: float = 0, until: float | None = 60, room: str = "r1") -> RoomSpan:
    left = None if until is None else at(until)
    return RoomSpan(span=f"y-{since}", room=room, since=at(since), until=left)


def film(begin: float, end: float | None, room: str = "r1", came: float = 100) -> RoomRecording:
    until = None if end is None else at(end)
    clip = f"c-{begin}-{end}-{room}"
    return RoomRecording(clip=clip, room=room, begin=at(begin), end=until, came=at(came))


def down(since: float, until: float, *channels: str, agreed: bool = True) -> Outage:
    which = frozenset(channels) or None
    return Outage(
        outage=f"b-{since}", since=at(since), until=at(until), channels=which, agreed=agreed
    )


def of_span(
    *told: RoomRecording | Outage, of: RoomSpan | None = None, now: datetime = LONG_AFTER
) -> SpanJudged:
    return judge_span(
        of or span(),
        [each for each in told if isinstance(each, RoomRecording)],
        [each for each in told if isinstance(each, Outage)],
        TERMS,
        now,
    )


def gap(since: float, until: float, *outages: str) -> RoomGap:
    return RoomGap(since=at(since), until=at(until), outages=outages)


@pytest.mark.parametrize(
    ("told", "outcome", "gaps"),
    [
        ([film(-5, 30), film(30, 65)], Outcome.RECORDED, ()),
        ([film(0.05, 30), film(30.05, 59.96)], Outcome.RECORDED, ()),
        ([film(0, 30), film(30.1, 60)], Outcome.PARTLY, (gap(30, 30.1),)),
        ([film(0, 60, "r2")], Outcome.MISSING, (gap(0, 60),)),
        ([film(0, None)], Outcome.MISSING, (gap(0, 60),)),
        ([film(0, 30), film(30, 60, came=60 + 24 * 60 + 1)], Outcome.LATE, ()),
        ([film(0, 60), film(0, 60, came=9999)], Outcome.RECORDED, ()),
        (
            [film(0, 30), down(30, 60), film(9, 20, came=9999)],
            Outcome.EXCUSED,
            (gap(30, 60, "b-30"),),
        ),
        ([film(0, 30), down(30, 60)], Outcome.EXCUSED, (gap(30, 60, "b-30"),)),
        ([film(0, 30), down(30, 60, "n1/d1")], Outcome.EXCUSED, (gap(30, 60, "b-30"),)),
        ([film(0, 30), down(30, 60, "n9/d1")], Outcome.PARTLY, (gap(30, 60),)),
        ([film(0, 30), down(30, 60, agreed=False)], Outcome.PARTLY, (gap(30, 60),)),
        ([down(0, 60)], Outcome.EXCUSED, (gap(0, 60, "b-0"),)),
    ],
)
def test_a_span_is_recorded_lacks_or_is_explained(
    told: list[RoomRecording | Outage], outcome: Outcome, gaps: tuple[RoomGap, ...]
) -> None:
    found = of_span(*told)

    assert (found.outcome, found.gaps) == (outcome, gaps)


def test_an_outage_explains_as_much_as_it_lasted() -> None:
    found = of_span(film(0, 20), down(30, 40))

    assert found.outcome is Outcome.PARTLY
    assert [each.outages for each in found.gaps] == [(), ("b-30",), ()]
    assert (found.gaps[0].since, found.gaps[-1].until) == (at(20), at(60))


def test_a_room_with_two_channels_is_down_only_while_both_are() -> None:
    one, other = down(0, 60, "n1/d2"), down(20, 60, "n2/d1")

    assert of_span(one, of=span(room="r2")).outcome is Outcome.MISSING
    both = of_span(one, other, of=span(room="r2"))
    assert [(bool(each.outages)) for each in both.gaps] == [False, True]
    assert of_span(film(0, 60, "r2"), one, of=span(room="r2")).outcome is Outcome.RECORDED


def test_what_lacks_is_awaited_until_it_is_late() -> None:
    whole, moments = film(0, 60), [at(60 + 24 * 60), at(60 + 24 * 60 + 1)]
    found = [*(of_span(now=each) for each in moments), of_span(whole, now=at(61))]

    assert [each.awaited for each in found] == [True, False, False]


def test_who_is_inside_still_is_looked_at_up_to_now() -> None:
    inside = span(until=None)

    soon = of_span(film(0, 30), of=inside, now=at(45))
    assert (soon.outcome, soon.until, soon.awaited) == (Outcome.PARTLY, at(45), True)
    assert not of_span(film(0, 30), of=inside, now=at(31 + 24 * 60)).awaited
    assert of_span(film(0, 30), of=inside, now=at(30)).outcome is Outcome.RECORDED
    assert of_span(of=inside, now=at(-5)).until == at(0)


def test_a_moment_is_shown_by_what_touches_it() -> None:
    moment = span(10, 10)

    assert of_span(film(0, 10), of=moment).outcome is Outcome.RECORDED
    assert of_span(film(10.1, 20), of=moment).gaps == (gap(10, 10),)
    assert of_span(down(0, 20), of=moment).outcome is Outcome.EXCUSED


def test_a_file_of_unknown_length_is_named_and_shows_nothing() -> None:
    found = of_span(film(5, None), film(90, None))

    assert (found.clips, found.unmeasured) == ((), ("c-5-None-r1",))


def test_where_a_person_was_between_rooms_is_told_or_lacks() -> None:
    films = [film(0, 60), film(0, 90, "r2")]

    near = judge_stay([span(), span(62, 90, "r2")], films, [], TERMS, LONG_AFTER)
    far = judge_stay([span(63, 90, "r2"), span()], films, [], TERMS, LONG_AFTER)
    assert (near.outcome, near.untold) == (Outcome.RECORDED, ())
    assert (far.outcome, far.untold, far.awaited) == (Outcome.PARTLY, ((at(60), at(63)),), False)


def test_a_stay_is_as_its_worst_span_and_awaited_if_all_that_lacks_is() -> None:
    spans = [span(), span(60, None, "r2")]

    found = judge_stay(spans, [film(0, 60)], [], TERMS, at(90))
    assert (found.outcome, found.awaited) == (Outcome.MISSING, True)
    assert not judge_stay(spans, [film(60, 90, "r2")], [], TERMS, at(9999)).awaited


MINUTES = st.integers(-30, 90).map(float)
TIMES = st.tuples(MINUTES, MINUTES).map(sorted)
ROOMS = st.sampled_from(["r1", "r2"])
FILMS = st.lists(st.builds(lambda t, r: film(t[0], t[1], r), TIMES, ROOMS), max_size=6)
CHANNELS = st.sampled_from([(), ("n1/d1",), ("n1/d2",), ("n2/d1",), ("n1/d1", "n1/d2")])
DOWN = st.lists(
    st.builds(
        lambda t, which, agreed: down(t[0], t[1], *which, agreed=agreed),
        TIMES,
        CHANNELS,
        st.booleans(),
    ),
    max_size=4,
)
SPANS = st.builds(
    lambda t, is_open, r: span(t[0], None if is_open else t[1], r), TIMES, st.booleans(), ROOMS
)


@given(SPANS, FILMS, DOWN, st.integers(-60, 3000))
def test_what_is_shown_and_the_gaps_make_the_whole(
    of: RoomSpan, films: list[RoomRecording], outages: list[Outage], now: int
) -> None:
    found = judge_span(of, films, outages, TERMS, at(now))
    shown = {
        minute
        for each in films
        if each.room == of.room and each.end is not None
        for minute in _halves(each.begin, each.end)
    }
    lacks = {minute for each in found.gaps for minute in _halves(each.since, each.until)}
    if of.since == found.until:
        return
    assert shown.isdisjoint(lacks)
    assert set(_halves(of.since, found.until)) == lacks | (
        shown & set(_halves(of.since, found.until))
    )


def _halves(since: datetime, until: datetime) -> list[int]:
    """The minutes of a span: all times are whole ones, but for what outages are taken longer."""
    first, last = (round((each - NINE).total_seconds() / 60) for each in (since, until))
    return list(range(first, last))


CAME = st.sampled_from([0.0, 100.0, 9999.0])


@given(SPANS, FILMS, DOWN, st.builds(lambda t, r, c: film(t[0], t[1], r, c), TIMES, ROOMS, CAME))
def test_a_recording_more_never_makes_more_gap(
    of: RoomSpan, films: list[RoomRecording], outages: list[Outage], more: RoomRecording
) -> None:
    before = judge_span(of, films, outages, TERMS, LONG_AFTER)
    after = judge_span(of, [*films, more], outages, TERMS, LONG_AFTER)

    for each in after.gaps:
        assert any(b.since <= each.since and each.until <= b.until for b in before.gaps)
    assert _lacks(after) <= _lacks(before)
    assert worst([before.outcome, after.outcome]) is before.outcome


def _lacks(found: SpanJudged) -> timedelta:
    return sum((g.until - g.since for g in found.gaps if not g.outages), timedelta())


@given(SPANS, FILMS, DOWN, st.randoms(use_true_random=False))
def test_order_does_not_matter(
    of: RoomSpan, films: list[RoomRecording], outages: list[Outage], rand: Random
) -> None:
    mixed, others = [*films], [*outages]
    rand.shuffle(mixed)
    rand.shuffle(others)

    before = judge_span(of, films, outages, TERMS, LONG_AFTER)
    assert judge_span(of, mixed, others, TERMS, LONG_AFTER) == before


@given(SPANS, FILMS, DOWN)
def test_an_outage_that_nobody_agreed_to_explains_nothing(
    of: RoomSpan, films: list[RoomRecording], outages: list[Outage]
) -> None:
    claimed = [replace(each, agreed=False) for each in outages]

    found = judge_span(of, films, claimed, TERMS, LONG_AFTER)
    assert found == judge_span(of, films, [], TERMS, LONG_AFTER)
    assert found.outcome is not Outcome.EXCUSED
