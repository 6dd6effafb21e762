"""Until when must this be kept?  Pure rules over dates; nothing here reads a clock or a store.

Retention is a logged fact; the object lock is a COMPLIANCE lease that covers it.  COMPLIANCE can
never be shortened and nothing is classified when it arrives, so the first lease is short of a
year but never short of the law's floor, and is renewed while a rule, case or hold needs the bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: No law pack may ask for less at intake.
INTAKE_MINIMUM = timedelta(days=30)

LEASE_MAX = timedelta(days=90)
"""No lock lies further ahead, unless a law pack names a longer floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPack:
    """The floor a jurisdiction sets for footage nobody has classified yet."""

    name: str
    floor: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """A date with the rule that gave it."""

    until: datetime
    rule: str


UNCLASSIFIED_DEFAULT = LawPack(name="default", floor=timedelta(days=180))
"""Six months, the floor of the Chinese on-site recording rule (2016, Art. 13): longer than most."""


def at_intake(received: datetime, pack: LawPack) -> Retention:
    """The retention of a clip nobody has classified, counted from the archive's receive time."""
    return Retention(until=whole_seconds(received + pack.floor), rule=f"{pack.name}:unclassified")


def intake_lease(received: datetime, retention: Retention) -> datetime:
    """Until when the lock set with the first PUT lies: the law's floor, or 30 days if later.

    Rounded up to whole seconds, the finest resolution every S3 keeps.
    """
    return whole_seconds(max(retention.until, received + INTAKE_MINIMUM))


def whole_seconds(moment: datetime) -> datetime:
    """*moment* rounded up to a whole second."""
    if moment.microsecond == 0:
        return moment
    return moment.replace(microsecond=0) + timedelta(seconds=1)
