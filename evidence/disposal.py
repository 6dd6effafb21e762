"""May one clip be destroyed now?  Seven numbered rules; the numbers are those of docs/retention.md.

1. two different persons proposed and approved it, and nobody withdrew it;
2. people were told long enough before (``dispose``);
3. the restore window, from the approval on, is over;
4. ``dispose``: the rules of the law and the promise on record are past; ``destroy``: an authority
   is named instead;
5. no hold and no open case: they win over everything, a court's order included;
6. no lock lies ahead;
7. the limit of the day is not reached.

One rule: time counts only when *both* clocks show it, the host's and one from outside.  Whoever
sets one of them forward gets nothing destroyed, and while nobody outside tells the time nothing is.
Every rule is looked at, so that whoever asks reads all that is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from evidence.clock import stamp
from evidence.law.decision import Decision

Act = Literal["dispose", "destroy"]
"""``dispose``: its time is over.  ``destroy``: early, by an order."""
NOTICE_LEAST = timedelta(days=7)
"""No setting makes the time between notice and destruction shorter."""
RESTORE_LEAST = timedelta(days=7)
"""Nor the time in which an approved disposal can be withdrawn."""
PER_MILLE_MOST = 50
"""Nor lets more be destroyed in a day, of a thousand clips."""
ALWAYS_A_DAY = 10
"""So many a day may go however few clips there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Who wanted it.  Persons are named by what tells them apart, whatever accounts they have."""

    proposer: str
    approver: str | None
    approved: datetime | None
    """The latest time that anybody showed when it was approved: no clock set back makes it sooner.

    None: it was not.
    """
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalFacts:
    """All that the rules may look at of one clip.  Times are aware."""

    act: Act
    consent: Consent
    noticed: datetime | None
    """When people were told, as :attr:`Consent.approved`; None: they were not."""
    decision: Decision
    """What the law pack and rule sets that are in force make of it, with holds and cases."""
    promised: datetime
    """Until when the record says that it is kept (``retain_until``)."""
    authority: bool
    """Whether an authority is named that ordered it."""
    locked_until: datetime
    """The latest end of a lock of any version that would be destroyed."""
    done_today: int
    """Clips destroyed in the last 24 hours."""
    clips: int
    """How many there are that were not destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalTerms:
    """What an agency set.  ValueError below the least, or above the most, that there may be."""

    notice: timedelta
    restore: timedelta
    per_mille: int
    """Of all clips, how many may be destroyed in 24 hours."""

    def __post_init__(self) -> None:
        if self.notice < NOTICE_LEAST or self.restore < RESTORE_LEAST:
            raise ValueError(f"notice {self.notice}, restore {self.restore}: 7 days each at least")
        if not 1 <= self.per_mille <= PER_MILLE_MOST:
            raise ValueError(f"{self.per_mille} of a thousand clips a day: 1 to {PER_MILLE_MOST}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What time it is, by whom."""

    host: datetime
    outside: datetime | None
    """The newest time that a trusted witness or a verified time stamp told; None: there is none.

    It lags behind and never runs ahead, unless it lies.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A rule that says no, by its number, and why in words."""

    step: int
    why: str


def refusals(facts: DisposalFacts, terms: DisposalTerms, clocks: Clocks) -> Sequence[Refusal]:
    """Every rule that forbids to destroy the clip now, by number; empty if it may be destroyed."""
    return [
        Refusal(step=step, why=why)
        for step, found in (
            (1, _persons(facts.consent)),
            (2, _notice(facts, terms, clocks)),
            (3, _window(facts.consent, terms, clocks)),
            (4, _time(facts, clocks)),
            (5, facts.decision.forbidden),
            (6, _ahead("it is locked", facts.locked_until, clocks)),
            (7, _limit(facts, terms)),
        )
        for why in found
    ]


def limit(clips: int, per_mille: int) -> int:
    """How many of *clips* may be destroyed within 24 hours."""
    return max(ALWAYS_A_DAY, clips * per_mille // 1000)


def _persons(consent: Consent) -> Iterator[str]:
    if consent.approver is None:
        yield "nobody has approved it"
    elif consent.approver == consent.proposer:
        yield "the same person proposed and approved it"
    if consent.withdrawn:
        yield "it was withdrawn"


def _notice(facts: DisposalFacts, terms: DisposalTerms, clocks: Clocks) -> Iterator[str]:
    if facts.act == "destroy":
        return
    if facts.noticed is None:
        yield "nobody was told"
    else:
        yield from _ahead(
            "people have time since the notice", _later(facts.noticed, terms.notice), clocks
        )


def _window(consent: Consent, terms: DisposalTerms, clocks: Clocks) -> Iterator[str]:
    if consent.approved is None:
        yield "its restore window has not begun"
    else:
        yield from _ahead("it can be restored", _later(consent.approved, terms.restore), clocks)


def _time(facts: DisposalFacts, clocks: Clocks) -> Iterator[str]:
    if facts.act == "destroy":
        if not facts.authority:
            yield "no authority is named that ordered it"
        return
    by = f"{facts.decision.by.pack}:{facts.decision.by.rule}"
    if facts.decision.until is None:
        yield f"{by} keeps it for ever"
    else:
        yield from _ahead(f"{by} keeps it", facts.decision.until, clocks)
    yield from _ahead("it was promised", facts.promised, clocks)


def _limit(facts: DisposalFacts, terms: DisposalTerms) -> Iterator[str]:
    most = limit(facts.clips, terms.per_mille)
    if facts.done_today >= most:
        yield f"{facts.done_today} clips were destroyed in the last 24 hours, {most} may be"


def _ahead(what: str, until: datetime, clocks: Clocks) -> Iterator[str]:
    """Why *until* is not past: by which clock."""
    if clocks.host < until:
        yield f"{what} until {stamp(until)}; the host's clock shows {stamp(clocks.host)}"
    if clocks.outside is None:
        yield f"{what} until {stamp(until)}, and nobody outside has told the time"
    elif clocks.outside < until:
        yield f"{what} until {stamp(until)}; outside it was {stamp(clocks.outside)} at last"


def _later(moment: datetime, by: timedelta) -> datetime:
    """*moment* later *by* that; the end of the calendar if it lies beyond."""
    try:
        return moment + by
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
