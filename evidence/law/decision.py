"""Until when one clip must be kept at least, and by which rules: six numbered steps.

1. the rules in force since the clip arrived, of the law pack and the agency's rule set;
2. of these, the ones for what it is classified as; **unclassified**, it is under all of them;
3. each counts from its base: recorded, archived, classified, or the end of the last case;
4. the longest wins, and one that is permanent wins over all;
5. no less than the law's floor from its arrival on;
6. whatever the date: an open case or a hold forbids disposal.

The numbers are those of docs/retention.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.law.pack import LawPack, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact:
    """A case that the clip is in."""

    case: str
    closed: datetime | None
    """None: it is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFact:
    """A hold on the clip, until somebody with the authority lifts it."""

    hold: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """All that the rules may look at.  Times are aware; ``archived`` is the archive's own."""

    archived: datetime
    recorded: datetime | None = None
    """By the corrected clock; None where no correction is known: a camera's word alone is none."""
    categories: frozenset[str] = frozenset()
    classified: datetime | None = None
    """When it was last said what the clip is."""
    cases: Sequence[CaseFact] = ()
    holds: Sequence[HoldFact] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A rule as it came out."""

    pack: str
    """``name/version``."""
    rule: str
    """Its id; ``floor`` for the law's."""
    counted_from: datetime
    until: datetime | None
    """None: for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What came out for one clip."""

    until: datetime | None
    """It must be kept at least until then; None: for ever."""
    by: Applied
    """The rule that says so."""
    applied: Sequence[Applied]
    forbidden: Sequence[str]
    """What forbids its disposal whatever the date, in words."""

    def allows_disposal(self, *clocks: datetime) -> bool:
        """Whether it may be disposed of when every one of *clocks* is past its date.

        ValueError without a clock: nobody can tell.
        """
        if not clocks:
            raise ValueError("no clock was given")
        return not self.forbidden and self.until is not None and min(clocks) >= self.until


def decide(
    facts: ClipFacts, law: LawPack, agency: Sequence[LawPack], now: datetime, utc_offset: timedelta
) -> Decision:
    """The decision on a clip by *law* and the *agency*'s rule sets.

    *utc_offset* says what a day is where the agency lies.  Whatever an agency's set says, none of
    the law's rules is left out.
    """
    applied = [
        _counted(pack, rule, facts, utc_offset)
        for pack in (law, *agency)
        for rule in _of(pack, facts, now, utc_offset)
    ]
    least = law.floor.after(facts.archived, utc_offset)
    floor = Applied(pack=law.reference, rule="floor", counted_from=facts.archived, until=least)
    longest = max((*applied, floor), key=lambda each: (each.until is None, each.until or now))
    return Decision(
        until=longest.until,
        by=longest,
        applied=(*applied, floor),
        forbidden=tuple(_forbidden(facts)),
    )


def _of(pack: LawPack, facts: ClipFacts, now: datetime, utc_offset: timedelta) -> Iterator[Rule]:
    """Steps 1 and 2.

    Each pack judges by its own categories: a word that only the agency has does not classify a clip
    for the law.
    """
    categories = facts.categories & pack.categories.keys()
    since, today = ((each + utc_offset).date() for each in (facts.archived, now))
    for rule in pack.rules:
        if not pack.in_force(rule, since, max(since, today)):
            continue
        if not rule.categories or not categories or categories & set(rule.categories):
            yield rule


def _counted(pack: LawPack, rule: Rule, facts: ClipFacts, utc_offset: timedelta) -> Applied:
    """Step 3."""
    base = _base(rule, facts)
    until = None if rule.period is None else rule.period.after(base, utc_offset)
    return Applied(pack=pack.reference, rule=rule.id, counted_from=base, until=until)


def _base(rule: Rule, facts: ClipFacts) -> datetime:
    """What *rule* counts from; the arrival where that is not known."""
    if rule.base == "recorded":
        return facts.recorded or facts.archived
    if rule.base == "classified":
        return max(facts.archived, facts.classified or facts.archived)
    if rule.base == "case-closed":
        closed = [each.closed for each in facts.cases if each.closed is not None]
        return max((facts.archived, *closed))
    return facts.archived


def _forbidden(facts: ClipFacts) -> Iterator[str]:
    """Step 6."""
    for case in facts.cases:
        if case.closed is None:
            yield f"case {case.case} is open"
    for hold in facts.holds:
        yield f"hold {hold.hold} of {hold.authority}"
