"""Leases: until when is a version locked?  Pure arithmetic; nothing here reads a clock or a store.

Retention is a logged fact (:mod:`evidence.law`); the object lock is a COMPLIANCE lease that covers
it.  COMPLIANCE can never be shortened and nothing is classified when it arrives, so the first lease
is never short of the law's floor, and none of them is longer than it has to be: they are renewed
while a rule, case or hold needs the bytes.  A lease that lapsed deletes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: No first lease is shorter, whatever a law pack asks for.
INTAKE_MINIMUM = timedelta(days=30)

LEASE_MAX = timedelta(days=90)
"""No lock lies further ahead, unless a law pack names a longer floor."""

RENEW_WITHIN = timedelta(days=14)
"""A lease that ends within this is renewed, if its version is needed for longer."""

ALARM_WITHIN = timedelta(days=10)
"""One that ends within this should have been renewed days ago: somebody has to look."""

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The date of what is kept for ever; entries and tables have dates only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """A date with the rule that gave it."""

    until: datetime
    """:data:`FOR_EVER` if it has none."""
    rule: str


def first_lease(received: datetime, floor: datetime) -> datetime:
    """Until when the lock set with the first PUT lies: the law's *floor*, or 30 days if later.

    Rounded up to whole seconds, the finest resolution every S3 keeps.
    """
    return whole_seconds(max(floor, received + INTAKE_MINIMUM))


def is_due(lock_until: datetime, needed_until: datetime, now: datetime) -> bool:
    """Whether the lease that ends at *lock_until* has to be renewed now.

    A version that nothing needs any longer is left to its end.
    """
    return needed_until > max(lock_until, now) and lock_until - now <= RENEW_WITHIN


def next_lease(
    lock_until: datetime, needed_until: datetime, now: datetime, length: timedelta = LEASE_MAX
) -> datetime:
    """The end of the next lease: *length* ahead, or until nothing needs the version if sooner.

    Never before *lock_until*, and not more than :data:`LEASE_MAX` ahead of *now* unless that is.
    """
    ahead = now + min(length, LEASE_MAX)
    return max(lock_until, whole_seconds(min(needed_until, ahead)))


def whole_seconds(moment: datetime) -> datetime:
    """*moment* rounded up to a whole second."""
    if moment.microsecond == 0:
        return moment
    return moment.replace(microsecond=0) + timedelta(seconds=1)
