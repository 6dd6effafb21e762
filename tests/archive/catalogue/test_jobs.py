from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from archive.catalogue import jobs
from archive.catalogue.catalogue import Transaction
from archive.catalogue.jobs import LEASE, MOST_LOST, Job, JobKind
from evidence.clock import SetClock
from tests.archive.house import Footage
from tests.archive.ledger import archive, ledger

KIND = JobKind.CHECK_RENDITION
KINDS = frozenset(JobKind)
CLIP = Footage(data=b"footage")


@pytest.fixture
def tx() -> Iterator[Transaction]:
    """A ledger with one archived clip, and a job on it."""
    with ledger() as opened:
        archive(opened, CLIP)
        jobs.put(opened, KIND, CLIP.clip)
        yield opened


def take(tx: Transaction, worker: str = "w-1") -> Job:
    job = jobs.take(tx, worker, KINDS)
    assert job is not None
    return job


def later(tx: Transaction, by: timedelta = LEASE) -> None:
    assert isinstance(tx.clock, SetClock)
    tx.clock.advance(by.total_seconds())


def nothing(_tx: Transaction) -> None:
    """Keep nothing."""


def test_a_job_is_taken_by_one_worker_only(tx: Transaction) -> None:
    take(tx)

    assert jobs.take(tx, "w-2", KINDS) is None


def test_a_worker_takes_only_what_it_can_do(tx: Transaction) -> None:
    assert jobs.take(tx, "w-1", frozenset()) is None


def test_signs_of_life_keep_a_job(tx: Transaction) -> None:
    job = take(tx)
    for _ in range(3):
        later(tx, LEASE * 0.9)
        assert jobs.keep(tx, job)

    assert jobs.take(tx, "w-2", KINDS) is None


def test_a_job_without_signs_of_life_goes_to_another_and_counts_once(tx: Transaction) -> None:
    kept: list[str] = []
    slow = take(tx)
    later(tx)
    quick = take(tx, "w-2")

    assert jobs.conclude(tx, quick, lambda _tx: kept.append("quick"))
    assert not jobs.keep(tx, slow)
    assert not jobs.conclude(tx, slow, lambda _tx: kept.append("slow"))
    assert kept == ["quick"]
    assert jobs.pending(tx, KINDS) == 0


def test_the_same_worker_is_told_apart_from_its_earlier_self(tx: Transaction) -> None:
    earlier = take(tx)
    later(tx)
    take(tx)

    assert not jobs.conclude(tx, earlier, nothing)


def test_a_job_asked_for_again_while_at_work_is_done_once_more(tx: Transaction) -> None:
    job = take(tx)
    jobs.put(tx, KIND, CLIP.clip)

    assert jobs.conclude(tx, job, nothing)
    assert jobs.conclude(tx, take(tx), nothing)
    assert jobs.take(tx, "w-1", KINDS) is None


def test_a_postponed_job_waits_and_says_why(tx: Transaction) -> None:
    jobs.postpone(tx, take(tx), "the store is away", timedelta(seconds=60))

    assert jobs.take(tx, "w-1", KINDS) is None
    assert "tried again: the store is away" in jobs.problems(tx)[0]
    later(tx, timedelta(seconds=60))
    assert take(tx).tries == 1


def test_a_released_job_is_due_at_once(tx: Transaction) -> None:
    jobs.release(tx, take(tx))

    assert take(tx, "w-2").tries == 0


def test_a_job_given_up_is_shown_and_tried_after_the_next_start(tx: Transaction) -> None:
    jobs.give_up(tx, take(tx), "it cannot be read")
    later(tx)

    assert jobs.take(tx, "w-1", KINDS) is None
    assert jobs.pending(tx, KINDS) == 0
    assert "given up: it cannot be read" in jobs.problems(tx)[0]
    jobs.revive(tx)
    assert jobs.conclude(tx, take(tx), nothing)
    assert jobs.problems(tx) == []


def test_a_job_that_ends_its_workers_is_left_alone(tx: Transaction) -> None:
    for _ in range(MOST_LOST):
        take(tx)
        later(tx)

    assert jobs.take(tx, "w-1", KINDS) is None
    jobs.revive(tx)
    assert jobs.take(tx, "w-1", KINDS) is None
    assert f"{MOST_LOST} workers in a row ended" in jobs.problems(tx)[0]
