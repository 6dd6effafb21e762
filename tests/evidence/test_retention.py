"""Leases: long enough, never too long, and never taken back, whatever the clock shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from evidence.law import shelf
from evidence.law.decision import ClipFacts
from evidence.law.rulebook import Rulebook
from evidence.retention import (
    ALARM_WITHIN,
    FOR_EVER,
    LEASE_MAX,
    RENEW_WITHIN,
    is_due,
    next_lease,
)
from evidence.settings import ArchiveSettings

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
moments = st.timedeltas(timedelta(0), timedelta(days=36_500)).map(lambda passed: EPOCH + passed)
lengths = st.integers(30, 90).map(lambda days: timedelta(days=days))
packs = st.sampled_from(shelf.shipped())
offsets = st.integers(-840, 840)


def rulebook(name: str = "default", **chosen: object) -> Rulebook:
    return shelf.rulebook(ArchiveSettings(law_pack=name, **chosen))  # type: ignore[arg-type]


@given(moments, packs, st.integers(30, 3650), offsets)
def test_the_first_lease_covers_the_floor_and_is_never_short_of_what_is_set(
    received: datetime, name: str, days: int, offset: int
) -> None:
    book = rulebook(name, floor_days=days, utc_offset_minutes=offset)

    lease = book.first_lease(received)

    floor = book.law.floor.after(received, book.utc_offset)
    assert floor is not None
    assert lease >= max(floor, received + timedelta(days=days))
    assert lease <= max(floor, received + timedelta(days=days)) + SECOND
    assert lease.microsecond == 0


@given(moments, packs, st.integers(30, 3650))
def test_what_is_kept_is_kept_as_long_as_its_first_lease(
    received: datetime, name: str, days: int
) -> None:
    """Or a lock would keep footage that nobody may dispose of, or lapse before its time."""
    book = rulebook(name, floor_days=days)

    kept = book.retention(ClipFacts(archived=received), received)

    assert kept.until >= book.law.floor.after(received, book.utc_offset)  # type: ignore[operator]
    assert kept.until >= received + timedelta(days=days)


def test_the_rule_is_named() -> None:
    received = datetime(2026, 1, 1, tzinfo=UTC)
    told = [
        rulebook(name, floor_days=days).retention(ClipFacts(archived=received), received)
        for name, days in (("default", 30), ("cn-2016", 30), ("default", 400))
    ]

    assert [(each.rule, each.until.date().isoformat()) for each in told] == [
        ("default/1:unclassified", "2026-07-01"),
        ("cn-2016/1:permanent", "9999-12-31"),
        ("agency:floor_days", "2027-02-05"),
    ]


@given(moments, moments | st.just(FOR_EVER), moments, lengths)
def test_a_lease_is_never_taken_back_and_never_too_long(
    lock_until: datetime, needed: datetime, now: datetime, length: timedelta
) -> None:
    lease = next_lease(lock_until, needed, now, length)

    assert lease >= lock_until
    assert lease <= max(lock_until, now + LEASE_MAX + SECOND, now + length + SECOND)
    assert lease <= max(lock_until, needed + SECOND)


@given(moments, moments | st.just(FOR_EVER), moments, lengths)
def test_what_is_due_is_not_due_once_it_was_renewed(
    lock_until: datetime, needed: datetime, now: datetime, length: timedelta
) -> None:
    renewed = next_lease(lock_until, needed, now, length)

    assert not is_due(renewed, needed, now)


@given(moments, st.lists(st.integers(0, int(RENEW_WITHIN.days - 1)), min_size=1, max_size=40))
def test_whoever_looks_often_enough_never_lets_one_lapse(
    received: datetime, pauses: list[int]
) -> None:
    """Any walk that looks at least every 13 days, whatever its rhythm."""
    now, lock = received, received + timedelta(days=30)

    for pause in pauses:
        now += timedelta(days=pause)
        assert lock > now
        if is_due(lock, FOR_EVER, now):
            lock = next_lease(lock, FOR_EVER, now)


def test_the_alarm_comes_after_the_renewal_and_long_before_the_end() -> None:
    assert timedelta(days=7) < ALARM_WITHIN < RENEW_WITHIN < timedelta(days=30)
