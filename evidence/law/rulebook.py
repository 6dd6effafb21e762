"""The rulebook: the law an agency is under, the rule sets it published, and what a day is there.

One rule: whoever asks gets a date that is no earlier than what any of them wants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.law.decision import ClipFacts, Decision, decide
from evidence.law.pack import LawPack
from evidence.retention import FOR_EVER, INTAKE_MINIMUM, Retention, first_lease, whole_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """By what an agency keeps footage."""

    law: LawPack
    rule_sets: tuple[LawPack, ...] = ()
    """The agency's own, which add to the law and take nothing away."""
    utc_offset: timedelta = timedelta()
    at_least: timedelta = INTAKE_MINIMUM
    """No clip is kept for less from its arrival on, even where the law would allow it."""

    def decide(self, facts: ClipFacts, now: datetime) -> Decision:
        """As :func:`evidence.law.decision.decide`."""
        return decide(facts, self.law, self.rule_sets, now, self.utc_offset)

    def retention(self, facts: ClipFacts, now: datetime) -> Retention:
        """Until when the clip is kept, and by which rule: ``pack/version:rule``."""
        made = self.decide(facts, now)
        if made.until is None:
            return Retention(until=FOR_EVER, rule=f"{made.by.pack}:{made.by.rule}")
        least = whole_seconds(facts.archived + self.at_least)
        if made.until < least:
            return Retention(until=least, rule="agency:floor_days")
        return Retention(until=made.until, rule=f"{made.by.pack}:{made.by.rule}")

    def first_lease(self, received: datetime) -> datetime:
        """Until when the lock of footage lies that came at *received*: the law's floor at least."""
        floor = self.law.floor.after(received, self.utc_offset) or FOR_EVER
        return first_lease(received, max(floor, received + self.at_least))
