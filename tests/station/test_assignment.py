from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from station.assignment import Assignment, ChargeRule, How
from station.issuing import is_ready, next_ready
from station.view import CardView, Word

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
WORN = Assignment(
    id="a-1", camera="A1", officer="P7", how=How.ISSUED, since="2026-11-27T12:00:00.000Z"
)
READY = CardView(slot="1", word=Word.SAFE, camera="A1", known=True)


@pytest.mark.parametrize(
    ("camera", "minutes", "offset", "claimed"),
    [
        ("A1", 5, None, True),
        ("A1", None, None, True),
        ("B1", 5, None, False),
        ("A1", -60, None, True),
        ("A1", -60 * 25, None, False),
        ("A1", -60, 0, False),
        ("A1", -60, -3_600_000, True),
        ("A1", 55, 3_600_000, True),
        ("A1", 50, 3_600_000, False),
        ("A1", -60 * 24 * 400, -400 * 86_400_000, True),
    ],
)
def test_a_file_is_its_wearers_unless_it_began_before(
    camera: str, minutes: int | None, offset: int | None, *, claimed: bool
) -> None:
    started = None if minutes is None else NOON + timedelta(minutes=minutes)

    assert WORN.claims(camera, started, offset) is claimed


@pytest.mark.parametrize(
    ("started", "offset", "claimed"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), 3_600_000, False),
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), -3_600_000, True),
    ],
)
def test_no_time_that_a_file_claims_is_too_far_away(
    started: datetime, offset: int, *, claimed: bool
) -> None:
    assert WORN.claims("A1", started, offset) is claimed


@pytest.mark.parametrize(
    ("told", "full", "stood", "reckoned"),
    [
        (34, 0, 600, 34),
        (None, 0, 600, None),
        (34, 240, 120, 84),
        (34, 240, 600, 100),
        (None, 240, 60, 25),
        (34, 240, -60, 34),
    ],
)
def test_charge_is_reckoned_from_what_was_told_and_how_long_it_stood(
    told: int | None, full: int, stood: int, reckoned: int | None
) -> None:
    rule = ChargeRule(least=80, full_after=timedelta(minutes=full))

    assert rule.reckoned(told, NOON, NOON + timedelta(minutes=stood)) == reckoned


@pytest.mark.parametrize(
    ("least", "percent", "enough"),
    [(0, None, True), (0, 3, True), (80, None, False), (80, 79, False), (80, 80, True)],
)
def test_unknown_charge_is_not_enough_where_it_matters(
    least: int, percent: int | None, *, enough: bool
) -> None:
    assert ChargeRule(least=least, full_after=timedelta()).is_enough(percent) is enough


@pytest.mark.parametrize("word", Word)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("charged", [True, False])
def test_ready_is_what_is_safe_known_and_charged(word: Word, *, known: bool, charged: bool) -> None:
    card = CardView(slot="1", word=word, camera="A1", known=known, charged=charged)

    assert is_ready(card) is (word is Word.SAFE and known and charged)


def test_the_fullest_is_next_and_of_equals_the_first_on_the_rack() -> None:
    cards = [
        CardView(slot=str(place), word=Word.SAFE, ready=ready, charge=charge)
        for place, (ready, charge) in enumerate([(True, 80), (True, 95), (False, 100), (True, 95)])
    ]

    assert next_ready(cards) is cards[1]
    assert next_ready(cards[2:3]) is None
