"""Coverage over a catalogue: it follows from what came, in any order, and finds what is true."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.accountability.terms import CoverageTerms
from archive.catalogue import accounted, withheld
from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage import Asked, covered
from bench.city import City, Day, Rates
from evidence.clock import SetClock
from evidence.coverage_settings import CoverageSettings
from tests.archive.catalogue.arrivals import (
    Arrival,
    at,
    clip_comes,
    duty_comes,
    incident_comes,
    issue_comes,
    length_comes,
    mornings,
    told_in_some_order,
)
from tests.archive.house import START
from tests.archive.ledger import archive, footage, ledger

TERMS = CoverageTerms.of(CoverageSettings())
ALL = Asked(since=START - timedelta(days=1), until=START + timedelta(days=2))
CLEAN = Rates(
    units=1,
    events_a_day=60,
    missing=0.3,
    withheld=0.05,
    wrong_claim_own=0,
    wrong_claim_pool=0,
    no_claim=0,
    gross_clock=0,
    unmeasured=0,
    stacked=0,
    late_clear=0,
    early_clear=0,
    always_on=0,
    patrol=0,
    test=0,
    length_unknown=0,
    unrecorded_backup=0,
    runs_through=0,
    forgot_to_stop=0,
)
"""Days on which nobody errs: what links cannot know is measured elsewhere (bench.linking)."""


def outcomes(tx: Transaction, asked: Asked = ALL) -> set[tuple[str, str, str, tuple[str, ...]]]:
    """Every part that was asked for, and what became of it."""
    return {
        (
            *(each.row.number, each.row.officer, each.outcome),
            tuple(sorted(clip for judged in each.judged for clip in judged.clips)),
        )
        for each in covered(tx, asked, TERMS.judging)
    }


@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(mornings(), st.randoms(use_true_random=False))
def test_every_order_of_arrival_gives_the_same(
    arrivals: list[Arrival], chance: random.Random
) -> None:
    with ledger() as tx:
        told_in_some_order(tx, arrivals, chance)
        one = outcomes(tx)
    with ledger() as tx:
        told_in_some_order(tx, list(reversed(arrivals)), chance)
        assert outcomes(tx) == one


def steps(day: Day) -> Iterable[Arrival]:
    """All that the systems of the city tell of *day*; what was withheld nobody tells."""
    for number, row in enumerate(day.incidents):
        minutes = round((row.cleared - row.dispatched) / timedelta(minutes=1))
        begin = round((row.dispatched - START) / timedelta(minutes=1))
        step = partial(incident_comes, row.number, row.officer, begin, minutes)
        yield Arrival(f"i-{number}", step)
    for number, clip in enumerate(day.clips):
        yield Arrival(f"c-{number}", partial(_film, day, number))
        if clip.duration is not None:
            minutes = max(1, round(clip.duration / timedelta(minutes=1)))
            yield Arrival(f"l-{number}", partial(length_comes, clip.id, minutes), f"c-{number}")


def _film(day: Day, number: int, tx: Transaction) -> None:
    clip = day.clips[number]
    begin = clip.started - (clip.offset or timedelta(0))
    archive(tx, replace(footage(clip.id, clip.wearer, begin), camera=clip.camera))


def lacking(day: Day) -> set[tuple[str, str]]:
    """True: the parts of which nothing was handed in."""
    shown = {(event, clip.wearer) for clip in day.clips for event in clip.about}
    return {(row.number, row.officer) for row in day.incidents} - shown


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_incidents_without_video_are_those_of_which_there_is_none(seed: int) -> None:
    day = City(seed, CLEAN).day(0, 0)
    first = min(row.dispatched for row in day.incidents) - timedelta(days=1)
    asked = Asked(since=first, until=first + timedelta(days=4))
    with ledger() as tx:
        told_in_some_order(tx, steps(day), random.Random(seed))
        parts = list(covered(tx, asked, TERMS.judging))
        without = [each.row for each in parts if accounted.is_without(each)]
        found = {(row.number, row.officer) for row in without}
        count = accounted.count_of(parts)

    assert lacking(day)
    assert found == lacking(day)
    events = {number for number, _ in found}
    seen = {event for clip in day.clips for event in clip.about}
    assert count.events_without == len(events - seen)


def test_a_camera_and_a_duty_are_told_of_and_awaited_until_they_are_late() -> None:
    with ledger() as tx:
        incident_comes("E-1", "4711", 0, 30, tx)
        issue_comes("a-1", "BWC-1", "4711", -60, tx)
        duty_comes("d-1", "4711", -60, tx)
        [part] = covered(tx, ALL, TERMS.judging)
        assert (part.outcome, part.awaited) == ("missing", True)
        shown = accounted.shown(part).recordings[0]
        assert (shown.camera, shown.basis, shown.late_of) == ("BWC-1", "assignment", "duty")

        tx.clock = SetClock(at(420) + timedelta(hours=25))
        [part] = covered(tx, ALL, TERMS.judging)
        assert (part.outcome, part.awaited) == ("missing", False)


@pytest.mark.parametrize("order", [1, -1])
def test_a_withheld_clip_is_found(order: int) -> None:
    with ledger() as tx:
        for number in (1, 2, 4, 5)[::order]:
            made = footage(f"c-{number}", "4711", at(number))
            path = b"DCIM/100MEDIA/VID_%04d.MP4" % number
            archive(tx, replace(made, camera="BWC-1", path=path))
        page = withheld.page(tx, START - timedelta(days=1), TERMS.docking)

        [gap] = page.numbers
        assert (gap.camera, gap.first, gap.count) == ("BWC-1", "VID_0003.MP4", 1)
        assert (gap.before, gap.after, gap.disposed) == ("c-2", "c-4", 0)
        assert withheld.page(tx, START + timedelta(days=1), TERMS.docking).numbers == []


def test_pages_lead_through_all_parts_and_narrow() -> None:
    with ledger() as tx:
        for number in range(7):
            incident_comes(f"E-{number}", "4711" if number % 2 else "A-12", number * 90, 30, tx)
        clip_comes("c-1", ("BWC-1", "4711", 90, None), tx)
        asked, found, after = ALL, list[str](), ""
        while True:
            page = accounted.page(tx, asked, TERMS.judging, after, 3)
            assert (page.count is None) == bool(after)
            found += [each.event for each in page.parts]
            if page.next is None:
                break
            after = page.next
        assert found == [f"E-{number}" for number in reversed(range(7))]
        without = accounted.page(tx, replace(ALL, outcome="without"), TERMS.judging, "", 9)
        assert "E-1" not in {each.event for each in without.parts}
        assert without.count is not None
        assert (without.count.parts, without.count.parts_without) == (7, 6)
        with pytest.raises(ValueError, match="no place"):
            accounted.page(tx, ALL, TERMS.judging, "nowhere", 3)
