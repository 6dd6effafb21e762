from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from archive.catalogue import links
from archive.catalogue.tables import ClipRow, IncidentRow
from tests.archive.catalogue.arrivals import Arrival, found_links, mornings, told_in_some_order
from tests.archive.ledger import BUFFER, entries, ledger


def _found(arrivals: list[Arrival], chance: random.Random) -> set[tuple[object, ...]]:
    with ledger() as tx:
        told_in_some_order(tx, arrivals, chance)
        found, before = found_links(tx), entries(tx)
        for clip in tx.session.scalars(select(ClipRow.id)).all():
            links.link_clip(tx, clip, BUFFER)
        for incident in tx.session.scalars(select(IncidentRow.id)).all():
            links.link_incident(tx, incident, BUFFER)
        assert (found_links(tx), entries(tx)) == (found, before), "run again, it says the same"
        return found


def _agree(arrivals: list[Arrival], chance: random.Random) -> None:
    first = _found(arrivals, chance)

    assert all(_found(arrivals, chance) == first for _ in range(2))


@settings(max_examples=8, deadline=None)
@given(mornings(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_ends_in_the_same_links(
    arrivals: list[Arrival], chance: random.Random
) -> None:
    _agree(arrivals, chance)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(mornings(), st.randoms(use_true_random=False))
def test_any_order_of_many_arrivals_does(arrivals: list[Arrival], chance: random.Random) -> None:
    _agree(arrivals, chance)
