"""Figures in the database are the formulas', and every figure is the length of its list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from archive.catalogue import clip_facts, counted
from archive.catalogue.catalogue import Transaction
from archive.catalogue.counted import Part
from archive.catalogue.statistics import Asked, Group, statistics
from evidence.statistics.facts import ClipFact, IncidentFact
from evidence.statistics.figures import Figures, figures
from evidence.statistics.periods import By, Span
from evidence.statistics.verdicts import CLIP_MEASURES, Measure, Verdict, of_clip
from tests.archive.figured import World, worlds
from tests.archive.house import START, Footage
from tests.archive.ledger import keep, ledger

SPAN = Span(first=START.date(), last=START.date() + timedelta(days=34), minutes=480)
Fact = ClipFact | IncidentFact
Key = Callable[[Fact], str | None]


def _at(fact: Fact) -> str:
    moment = fact.at if isinstance(fact, ClipFact) else fact.dispatched
    return next((part.name(By.MONTH) for part in SPAN.months() if moment < part.until), "late")


def _within(facts: Iterable[Fact]) -> list[Fact]:
    moments = [(each.at if isinstance(each, ClipFact) else each.dispatched, each) for each in facts]
    return [each for moment, each in moments if SPAN.since <= moment < SPAN.until]


def _by_hand(world: World, key: Key) -> dict[str | None, Figures]:
    clips: defaultdict[str | None, list[ClipFact]] = defaultdict(list)
    incidents: defaultdict[str | None, list[IncidentFact]] = defaultdict(list)
    held, told = world.facts()
    for fact in _within([*held, *told]):
        if isinstance(fact, ClipFact):
            clips[key(fact)].append(fact)
        else:
            incidents[key(fact)].append(fact)
    return {each: figures(clips[each], incidents[each]) for each in {*clips, *incidents}}


def _found(groups: Iterable[Group]) -> dict[str | None, Figures]:
    some = {each.name: each.figures for each in groups}
    return {name: each for name, each in some.items() if each != figures([], [])}


def _each(examples: int, check: Callable[[Transaction, World], None]) -> None:
    """Have *check* look at so many worlds, each alone in the tables of one database."""
    with ledger() as tx:

        @settings(max_examples=examples, deadline=None)
        @given(worlds())
        def look(world: World) -> None:
            begun = tx.session.begin_nested()
            try:
                world.put(tx)
                check(tx, world)
            finally:
                begun.rollback()
                tx.session.expunge_all()

        look()


def _adds_up(tx: Transaction, world: World) -> None:
    """The database adds up what the formulas say."""
    by_month = statistics(tx, Asked(span=SPAN, by=By.MONTH))
    by_unit = statistics(tx, Asked(span=SPAN, by=By.UNIT))
    whole = _by_hand(world, lambda _: None).get(None, figures([], []))

    assert by_month.total == by_unit.total == whole
    assert _found(by_month.groups) == _by_hand(world, _at)
    assert _found(by_unit.groups) == _by_hand(world, lambda fact: fact.unit)


def _has_lists(tx: Transaction, _world: World) -> None:
    """Each figure of each officer is as long as the list behind it."""
    for group in statistics(tx, Asked(span=SPAN, by=By.OFFICER)).groups:
        without = frozenset({By.OFFICER} if group.name is None else ())
        asked = Asked(span=SPAN, officer=group.name, without=without)
        for measure, rate in group.figures.rates.items():
            told = {Verdict.MET: rate.met, Verdict.UNMET: rate.unmet, **rate.left_out}
            for verdict, count in told.items():
                part = Part(measure=measure, verdict=verdict)
                assert counted.page(tx, asked, part, "", 1).total == count


def _is_listed_once(tx: Transaction, world: World) -> None:
    """The pages of a list hold each clip of it once, and no other."""
    clips = [each for each in _within(world.facts()[0]) if isinstance(each, ClipFact)]
    for measure in CLIP_MEASURES:
        wanted = {each.clip for each in clips if of_clip(measure, each) is Verdict.UNMET}
        part, after, seen = Part(measure=measure, verdict=Verdict.UNMET), "", list[str]()
        while True:
            page = counted.page(tx, Asked(span=SPAN), part, after, 2)
            seen += [each.clip for each in page.clips]
            if page.next is None:
                break
            after = page.next
        assert sorted(seen) == sorted(wanted)


CHECKS = (_adds_up, _has_lists, _is_listed_once)


@pytest.mark.parametrize("check", CHECKS)
def test_figures_of_a_made_up_archive(check: Callable[[Transaction, World], None]) -> None:
    _each(4, check)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_figures_of_many(check: Callable[[Transaction, World], None]) -> None:
    _each(150, check)


def test_an_archive_of_nothing_has_no_rate() -> None:
    with ledger() as tx:
        found = statistics(tx, Asked(span=Span(first=date(2026, 1, 1), last=date(2026, 1, 31))))

    assert [each.name for each in found.groups] == ["2026-01"]
    assert {rate.value for rate in found.total.rates.values()} <= {None}
    assert found.total.rates.keys() == set(Measure)


def test_what_would_keep_everybody_waiting_is_refused() -> None:
    with ledger() as tx:
        for number in range(3):
            clip = f"c-{number}"
            keep(tx, Footage(data=clip.encode(), clip=clip, path=clip.encode()))

        clip_facts.must_be_few(tx, SPAN, most=3)
        with pytest.raises(ValueError, match="ask for later days"):
            clip_facts.must_be_few(tx, SPAN, most=2)
