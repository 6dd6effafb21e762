from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from archive.catalogue.catalogue import Transaction
from archive.catalogue.incidents import Told
from archive.catalogue.shown import incidents
from tests.archive.house import START, Footage
from tests.archive.ledger import archive, dispatch, entries, footage, ledger, linked, told

Arrival = Callable[[Transaction], object]

moments = st.integers(-90, 90).map(lambda minutes: START + timedelta(minutes=minutes))
officers = st.sampled_from(["4711", "A-12", "a-12"])


@st.composite
def _clips(draw: st.DrawFn) -> list[Footage]:
    facts = st.tuples(st.none() | officers, st.none() | moments)
    found = draw(st.lists(facts, max_size=4))
    return [footage(f"c-{n}", officer, started) for n, (officer, started) in enumerate(found)]


@st.composite
def _told(draw: st.DrawFn) -> list[Told]:
    facts = st.tuples(officers, moments, st.integers(1, 120))
    found = draw(st.lists(facts, max_size=4))
    return [told(f"E-{n}", *facts) for n, facts in enumerate(found)]


def _archive(clip: Footage, tx: Transaction) -> None:
    archive(tx, clip)


def _dispatch(row: Told, tx: Transaction) -> None:
    dispatch(tx, row)


def _in_order(order: list[Arrival]) -> set[tuple[str, str, int, str, int]]:
    with ledger() as tx:
        for arrival in order:
            arrival(tx)
        return linked(tx)


@settings(max_examples=10, deadline=None)
@given(_clips(), _told(), st.randoms(use_true_random=False))
def test_links_do_not_depend_on_what_arrived_first(
    clips: list[Footage], rows: list[Told], chance: random.Random
) -> None:
    arrivals: list[Arrival] = [partial(_archive, clip) for clip in clips]
    arrivals += [partial(_dispatch, row) for row in rows]
    shuffled = list(arrivals)
    chance.shuffle(shuffled)

    assert _in_order(arrivals) == _in_order(arrivals[::-1]) == _in_order(shuffled)


def test_a_second_run_adds_nothing() -> None:
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", START))
        assert dispatch(tx, told()) == 1
        before = entries(tx)

        assert dispatch(tx, told()) == 0
        assert entries(tx) == before


def test_an_incident_that_moves_away_takes_its_link_along() -> None:
    later: datetime = START + timedelta(hours=5)
    with ledger() as tx:
        archive(tx, footage("c-1", "4711", START))
        dispatch(tx, told())
        assert linked(tx) == {("c-1", "E-1", 1, "officer+window", 0)}

        dispatch(tx, told(dispatched=later))

        assert linked(tx) == set()


def test_a_claim_beyond_the_calendar_is_kept_and_links_to_nothing() -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    with ledger() as tx:
        dispatch(tx, told())

        archive(tx, footage("c-1", "4711", first, offset_ms=86_400_000))

        assert linked(tx) == set()


def test_a_sidecar_alone_is_no_footage_of_an_incident() -> None:
    track, film = footage("c-1", "4711", START), footage("c-2", "4711", START)
    with ledger() as tx:
        dispatch(tx, told("E-1", "4711", START, 30))
        archive(tx, replace(track, clip_class="sidecar"))
        before = [shown.clips for shown in incidents(tx).incidents]
        archive(tx, film)

        assert before == [0]
        assert [shown.clips for shown in incidents(tx).incidents] == [1]


def test_a_link_near_the_window_tells_how_near() -> None:
    with ledger() as tx:
        dispatch(tx, told())

        archive(tx, footage("c-1", "4711", START - timedelta(seconds=90)))

        assert linked(tx) == {("c-1", "E-1", 1, "officer+buffer", 90)}
