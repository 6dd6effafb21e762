"""When the owner of a finding is reminded of it, and when somebody higher is told.

One rule: it goes by the deadline alone; that somebody answered ends reminders, and only closing
ends the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.errors import SetupError


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step up."""

    after: timedelta
    """After the deadline."""
    role: str
    """Who is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingTerms:
    """By what findings are chased."""

    remind: timedelta
    """Before the deadline."""
    levels: tuple[Level, ...]

    @classmethod
    def of(cls, remind_days: int, days: Sequence[int], roles: Sequence[str]) -> FindingTerms:
        """As the settings say; SetupError if they make no sense."""
        rises = list(days) == sorted(set(days))
        if len(days) != len(roles) or not rises:
            raise SetupError(
                "[findings] escalate_days and escalate_to are not of one length, or do not rise",
                advice="Write as many roles as days: escalate_days = [1, 7] and two roles.",
            )
        levels = zip(days, roles, strict=True)
        return cls(
            remind=timedelta(days=remind_days),
            levels=tuple(Level(after=timedelta(days=each), role=role) for each, role in levels),
        )

    def is_to_be_reminded(
        self, due: datetime, now: datetime, *, answered: bool, reminded: bool
    ) -> bool:
        """Whether its owner is to be told that the deadline comes, or is over."""
        return not answered and not reminded and now >= due - self.remind

    def next_level(self, due: datetime, now: datetime, reached: int) -> tuple[int, str] | None:
        """The number (from 1) and role of whom is told next; None: nobody, yet or at all.

        *reached*: the number of the last level that was told; 0 for none.
        """
        if reached >= len(self.levels) or now < due + self.levels[reached].after:
            return None
        return reached + 1, self.levels[reached].role
