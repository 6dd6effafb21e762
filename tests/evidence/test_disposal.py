"""Never too early, never by one, never against a hold: the rules of disposal for any facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.disposal import (
    Act,
    Clocks,
    Consent,
    DisposalFacts,
    DisposalTerms,
    limit,
    refusals,
)
from evidence.law import shelf
from evidence.law.decision import Applied, CaseFact, ClipFacts, Decision, HoldFact, decide

DAY, YEAR = timedelta(days=1), timedelta(days=3652) / 10
LEAP = datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)
TERMS = DisposalTerms(notice=14 * DAY, restore=7 * DAY, per_mille=1)
BY = Applied(pack="uk-met/1", rule="routine", counted_from=LEAP, until=LEAP + 31 * DAY)
PAST = Decision(until=LEAP + 31 * DAY, by=BY, applied=(BY,), forbidden=())
NOW = LEAP + 400 * DAY
LAWFUL = DisposalFacts(
    act="dispose",
    consent=Consent(proposer="p-1", approver="p-2", approved=NOW - 7 * DAY, withdrawn=False),
    noticed=NOW - 14 * DAY,
    decision=PAST,
    promised=LEAP + 200 * DAY,
    authority=False,
    locked_until=NOW,
    done_today=0,
    clips=1,
)
BOTH = Clocks(host=NOW, outside=NOW)

MOMENTS = st.timedeltas(timedelta(0), 64 * YEAR).map(
    lambda passed: datetime(1996, 1, 1, tzinfo=UTC) + passed
) | st.sampled_from([LEAP, LEAP + 366 * DAY, datetime(2100, 2, 28, 23, tzinfo=UTC)])
NEAR = st.timedeltas(-3 * DAY, 40 * DAY)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timedelta(minutes=minutes))
BOOKS = {name: shelf.pack(name) for name in shelf.shipped()}
WORDS = st.sampled_from(sorted({word for book in BOOKS.values() for word in book.categories}))
CLIPS = st.builds(
    ClipFacts,
    archived=MOMENTS,
    recorded=st.none() | MOMENTS,
    categories=st.frozensets(WORDS, max_size=2),
    cases=st.lists(st.builds(CaseFact, case=st.just("C"), closed=st.none() | MOMENTS), max_size=1),
    holds=st.lists(st.just(HoldFact(hold="H", authority="court")), max_size=1),
)
ACTS: st.SearchStrategy[Act] = st.sampled_from(["dispose", "destroy"])
PEOPLE = st.sampled_from(["p-1", "p-2", "p-3"])
CONSENTS = st.builds(
    Consent,
    proposer=PEOPLE,
    approver=st.none() | PEOPLE,
    approved=st.none() | st.just(NOW - 7 * DAY) | MOMENTS,
    withdrawn=st.booleans(),
)


def steps(facts: DisposalFacts, clocks: Clocks = BOTH, terms: DisposalTerms = TERMS) -> list[int]:
    return [each.step for each in refusals(facts, terms, clocks)]


def longest(made: Decision) -> datetime:
    """By the rules that applied, not by what came out of them."""
    ends = [each.until for each in made.applied]
    return max(end or datetime.max.replace(tzinfo=UTC) for end in ends)


def test_what_everything_allows_is_allowed_at_that_very_moment() -> None:
    assert steps(LAWFUL) == []
    before = NOW - timedelta(microseconds=1)
    assert steps(LAWFUL, Clocks(host=before, outside=before)) == [2, 2, 3, 3, 6, 6]


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ({"consent": replace(LAWFUL.consent, approver=None)}, 1),
        ({"consent": replace(LAWFUL.consent, approver="p-1")}, 1),
        ({"consent": replace(LAWFUL.consent, withdrawn=True)}, 1),
        ({"noticed": None}, 2),
        ({"noticed": NOW - 13 * DAY}, 2),
        ({"consent": replace(LAWFUL.consent, approved=None)}, 3),
        ({"consent": replace(LAWFUL.consent, approved=NOW - 6 * DAY)}, 3),
        ({"decision": replace(PAST, until=None)}, 4),
        ({"decision": replace(PAST, until=NOW + DAY)}, 4),
        ({"promised": NOW + DAY}, 4),
        ({"act": "destroy"}, 4),
        ({"decision": replace(PAST, forbidden=("case C is open",))}, 5),
        ({"act": "destroy", "authority": True, "decision": replace(PAST, forbidden=("a",))}, 5),
        ({"locked_until": NOW + DAY}, 6),
        ({"act": "destroy", "authority": True, "locked_until": NOW + DAY}, 6),
        ({"done_today": 10}, 7),
        ({"done_today": 20, "clips": 20_999}, 7),
    ],
)
def test_each_rule_alone_forbids_it(change: dict[str, object], step: int) -> None:
    told = replace(LAWFUL, **change)  # type: ignore[arg-type]

    assert set(steps(told)) == {step}
    assert all(each.why for each in refusals(told, TERMS, BOTH))


def test_an_order_needs_neither_a_notice_nor_its_date() -> None:
    ahead = replace(PAST, until=None)
    told = replace(LAWFUL, act="destroy", authority=True, noticed=None, decision=ahead)

    assert steps(replace(told, promised=NOW + 9 * YEAR)) == []


@given(CLIPS, st.sampled_from(sorted(BOOKS)), st.none() | st.sampled_from(sorted(BOOKS)), OFFSETS)
def test_never_before_the_longest_rule_wherever_the_agency_lies(
    clip: ClipFacts, law: str, added: str | None, offset: timedelta
) -> None:
    agency = () if added is None else (BOOKS[added],)
    made = decide(clip, BOOKS[law], agency, clip.archived, offset)
    told = replace(LAWFUL, decision=made, promised=clip.archived)
    end = longest(made)

    for moment in (end - DAY, end - timedelta(microseconds=1)):
        assert 4 in steps(told, Clocks(host=moment, outside=moment))
    allowed = 4 not in steps(told, Clocks(host=end, outside=end))
    assert allowed == (made.until is not None)


@given(CLIPS, st.sampled_from(sorted(BOOKS)), CONSENTS, MOMENTS, ACTS)
def test_holds_and_open_cases_always_win(
    clip: ClipFacts, law: str, consent: Consent, now: datetime, act: Act
) -> None:
    made = decide(clip, BOOKS[law], (), now, timedelta())
    told = replace(LAWFUL, act=act, decision=made, consent=consent, authority=act == "destroy")
    kept = bool(clip.holds) or any(case.closed is None for case in clip.cases)

    assert (5 in steps(told, Clocks(host=now, outside=now))) == kept


@given(CONSENTS, ACTS)
def test_two_different_persons_and_the_window_whatever_the_act(consent: Consent, act: Act) -> None:
    told = replace(LAWFUL, act=act, consent=consent, authority=True)

    assert (steps(told) == []) == (
        consent.approver is not None
        and consent.approver != consent.proposer
        and not consent.withdrawn
        and consent.approved is not None
        and consent.approved + TERMS.restore <= NOW
    )


@given(st.sampled_from(["noticed", "approved", "until", "promised", "lock"]), NEAR, NEAR)
def test_one_clock_alone_allows_nothing(which: str, host: timedelta, outside: timedelta) -> None:
    end = NOW + 300 * DAY
    told = {
        "noticed": replace(LAWFUL, noticed=end - TERMS.notice),
        "approved": replace(LAWFUL, consent=replace(LAWFUL.consent, approved=end - 7 * DAY)),
        "until": replace(LAWFUL, decision=replace(PAST, until=end)),
        "promised": replace(LAWFUL, promised=end),
        "lock": replace(LAWFUL, locked_until=end),
    }[which]

    found = steps(told, Clocks(host=end + host, outside=end + outside))

    assert (found == []) == (min(host, outside) >= timedelta(0))


JUMPS = st.integers(-10, 10).map(lambda years: years * YEAR)


@given(JUMPS, JUMPS, st.sampled_from(["promised", "locked_until"]))
def test_jumps_of_ten_years_of_either_clock(host: timedelta, outside: timedelta, at: str) -> None:
    """Ten years ahead is no permission as long as the other clock is right or behind."""
    told = replace(LAWFUL, **{at: NOW + DAY})  # type: ignore[arg-type]

    found = steps(told, Clocks(host=NOW + host, outside=NOW + outside))

    assert (found == []) == (host > DAY and outside > DAY)


@given(MOMENTS)
def test_without_a_clock_from_outside_nothing_is(host: datetime) -> None:
    order = replace(LAWFUL, act="destroy", authority=True)

    assert {2, 3, 4, 6} <= set(steps(LAWFUL, Clocks(host=host, outside=None)))
    assert {3, 6} <= set(steps(order, Clocks(host=host, outside=None)))


@given(st.lists(st.sampled_from([1, 5, 40]), max_size=40), st.integers(0, 60_000))
def test_never_more_than_the_limit_in_a_day(tries: Sequence[int], clips: int) -> None:
    terms, done = replace(TERMS, per_mille=2), 0
    for each in tries:
        for _ in range(each):
            now = replace(LAWFUL, done_today=done, clips=clips)
            done += steps(now, terms=terms) == []

    assert done == min(sum(tries), max(10, clips * 2 // 1000))
    assert done <= limit(clips, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"notice": 7 * DAY - timedelta(seconds=1)},
        {"restore": timedelta(0)},
        {"per_mille": 0},
        {"per_mille": 51},
    ],
)
def test_terms_below_the_least_are_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"at least|1 to 50"):
        replace(TERMS, **wrong)  # type: ignore[arg-type]


def test_the_end_of_the_calendar_is_never_past() -> None:
    told = replace(LAWFUL, noticed=datetime.max.replace(tzinfo=UTC))

    assert set(steps(told)) == {2}


def test_every_refusal_says_when_and_by_which_clock() -> None:
    held = replace(LAWFUL, promised=NOW + DAY)

    why = [each.why for each in refusals(held, TERMS, Clocks(host=NOW, outside=NOW + 2 * DAY))]

    end, now = "2025-04-05T23:59:59.000Z", "2025-04-04T23:59:59.000Z"
    assert why == [f"it was promised until {end}; the host's clock shows {now}"]
