"""Background work on clips: what is still to be done, and who is at it.

A job is leased: whoever takes it must show signs of life, or another takes it up.  The lease is
checked again in the transaction that keeps the result, so no work counts twice.  With PostgreSQL
several processes take jobs side by side (``FOR UPDATE SKIP LOCKED``, which SQLite needs not).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import func, select, update

from archive.catalogue.catalogue import Transaction
from archive.catalogue.working_tables import JobRow
from evidence.clock import stamp

LEASE = timedelta(seconds=15)
"""How long a job stays with a worker that shows no sign of life."""
MOST_LOST = 5
"""Workers a job may lose before nobody tries it any more: it may be what ends them."""

Conclusion = Callable[[Transaction], None]
"""Keeps the result of a job, with its custody entry, in the transaction that ends the job."""


class JobKind(StrEnum):
    """The kinds of background work."""

    CHECK_RENDITION = "rendition.check"
    """Compare a rendition with its original, both read back from the vault."""
    LOOK_FOR_HINTS = "quality.look"
    """Look at a rendition's key frames and sound for what a reviewer should look at twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job as its worker holds it."""

    kind: JobKind
    clip: str
    worker: str
    taken: int
    asked: int
    tries: int
    """How often in a row it could not be done before."""


def put(tx: Transaction, kind: JobKind, clip: str) -> None:
    """Ask for the job *kind* on *clip*, now; one that was given up is tried anew."""
    row = tx.session.get(JobRow, (kind.value, clip))
    if row is None:
        row = JobRow(kind=kind.value, clip=clip, worker=None, taken=0, asked=0)
        tx.session.add(row)
    row.asked += 1
    row.tries, row.lost, row.given_up, row.problem = 0, 0, False, None
    if row.worker is None:
        row.due = stamp(tx.clock.now())
    tx.session.flush()


def take(tx: Transaction, worker: str, kinds: Collection[JobKind]) -> Job | None:
    """The job of these *kinds* that is due longest, leased to *worker*; None if none is due."""
    now = tx.clock.now()
    due = (
        select(JobRow)
        .where(JobRow.kind.in_([kind.value for kind in kinds]))
        .where(JobRow.given_up.is_(False), JobRow.due <= stamp(now))
        .order_by(JobRow.due, JobRow.clip)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (row := tx.session.scalar(due)) is not None:
        row.lost += row.worker is not None
        row.taken += 1
        if row.lost < MOST_LOST:
            row.worker, row.due = worker, stamp(now + LEASE)
            return _job(row, worker)
        row.worker, row.given_up = None, True
        row.problem = f"{row.lost} workers in a row ended while they were at it"
        tx.session.flush()
    return None


def keep(tx: Transaction, job: Job) -> bool:
    """A sign of life: the lease of *job* begins anew; False if it was lost."""
    row = _leased(tx, job)
    if row is not None:
        row.due = stamp(tx.clock.now() + LEASE)
    return row is not None


def conclude(tx: Transaction, job: Job, conclusion: Conclusion) -> bool:
    """End *job*, keeping its result; False, and nothing kept, if the lease was lost."""
    row = _leased(tx, job)
    if row is None:
        return False
    conclusion(tx)
    if row.asked == job.asked:
        tx.session.delete(row)
    else:
        _lay_down(tx, row, timedelta(0))
    tx.session.flush()
    return True


def release(tx: Transaction, job: Job) -> None:
    """Lay *job* down as it was taken up: its worker stops."""
    if (row := _leased(tx, job)) is not None:
        _lay_down(tx, row, timedelta(0))


def postpone(tx: Transaction, job: Job, problem: str, pause: timedelta) -> None:
    """*job* cannot be done now because of *problem*; it is due again after *pause*."""
    if (row := _leased(tx, job)) is not None:
        _lay_down(tx, row, pause)
        row.tries += 1
        row.problem = problem


def give_up(tx: Transaction, job: Job, problem: str) -> None:
    """*job* cannot be done because of *problem*: a person must look."""
    if (row := _leased(tx, job)) is not None:
        _lay_down(tx, row, timedelta(0))
        row.given_up, row.problem = True, problem


def revive(tx: Transaction) -> None:
    """Try what was given up once more, but for what ended its workers."""
    fresh = {"given_up": False, "tries": 0, "due": stamp(tx.clock.now())}
    tx.session.execute(update(JobRow).where(JobRow.given_up, JobRow.lost == 0).values(fresh))


def pending(tx: Transaction, kinds: Collection[JobKind]) -> int:
    """How many jobs of these *kinds* are to be done or at work."""
    every = select(func.count()).select_from(JobRow)
    wanted = JobRow.kind.in_([kind.value for kind in kinds])
    return tx.session.scalar(every.where(wanted, JobRow.given_up.is_(False))) or 0


def problems(tx: Transaction) -> list[str]:
    """What keeps background work from being done, a sentence each."""
    rows = tx.session.scalars(
        select(JobRow).where(JobRow.problem.is_not(None)).order_by(JobRow.kind, JobRow.clip)
    )
    return [
        f"{row.kind} of clip {row.clip} {'was given up' if row.given_up else 'is tried again'}:"
        f" {row.problem}"
        for row in rows
    ]


def _lay_down(tx: Transaction, row: JobRow, pause: timedelta) -> None:
    row.worker, row.due = None, stamp(tx.clock.now() + pause)
    row.lost = 0


def _leased(tx: Transaction, job: Job) -> JobRow | None:
    """The row of *job* if it is still leased to its worker."""
    row = tx.session.get(JobRow, (job.kind.value, job.clip), with_for_update=True)
    if row is None or (row.worker, row.taken) != (job.worker, job.taken):
        return None
    return row


def _job(row: JobRow, worker: str) -> Job:
    return Job(
        kind=JobKind(row.kind),
        clip=row.clip,
        worker=worker,
        taken=row.taken,
        asked=row.asked,
        tries=row.tries,
    )
