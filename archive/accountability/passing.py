"""The pass that asks people about what lacks, and takes back what the record has answered.

One rule: it never closes what a person must judge.  Footage that came after all closes the finding
that it was missing, by the record's own word; that it came late is another finding.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

from archive.accountability.terms import CoverageTerms
from archive.catalogue import answerable, answered, fixities, lacking, roomless
from archive.catalogue.answerable import Lacking, Owners
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.supervise import Supervised
from archive.timekeeping import ClockWatch
from evidence.clock import Clock, stamp

EVERY = timedelta(hours=1)
LOOK_AGAIN = 60.0
AT_ONCE = 100
"""Findings that are opened or closed in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What one pass did."""

    opened: int
    resolved: int


@dataclass(slots=True, kw_only=True)
class Accounting:
    """Has what lacks answered for, hour by hour."""

    catalogue: Catalogue
    clock: Clock
    watch: ClockWatch
    terms: CoverageTerms
    work: Supervised = field(init=False)
    problems: list[str] = field(default_factory=list)
    """Why nobody is asked, though somebody should be."""
    _last: float | None = None

    def __post_init__(self) -> None:
        self.work = Supervised("accounting", self._step, self.clock)

    async def pass_now(self) -> Passed:
        """Close what the record answers, and ask about what lacks.

        ClockWrong while the clock cannot be right: nobody is blamed by it.
        """
        self._last = self.clock.monotonic()
        self.watch.must_be_right(await self.catalogue.run(fixities.last_archived))
        closed = await self.catalogue.run(_answered, self.terms)
        resolved = 0
        for at in range(0, len(closed), AT_ONCE):
            resolved += await self.catalogue.run(_resolve, closed[at : at + AT_ONCE])
        return Passed(opened=await self._ask(), resolved=resolved)

    async def _ask(self) -> int:
        if not self.terms.owner:
            return 0
        owners, self.problems = await self.catalogue.run(_owners, self.terms)
        if owners is None:
            return 0
        found = await self.catalogue.run(_lacking, self.terms)
        due, opened = stamp(self.clock.now() + self.terms.answer), 0
        for at in range(0, len(found), AT_ONCE):
            some = found[at : at + AT_ONCE]
            opened += await self.catalogue.run(answerable.open_new, some, owners, due)
        return opened

    async def _step(self) -> None:
        await asyncio.sleep(LOOK_AGAIN)
        now = self.clock.monotonic()
        if self._last is None or now - self._last >= EVERY.total_seconds():
            await self.pass_now()


def _owners(tx: Transaction, terms: CoverageTerms) -> tuple[Owners | None, list[str]]:
    """Who answers, and what is wrong with the names."""
    found = {unit: answerable.person_to_answer(tx, name) for unit, name in terms.owners.items()}
    nobody = [f"{terms.owners[unit]!r} of unit {unit!r}" for unit in found if found[unit] is None]
    default = answerable.person_to_answer(tx, terms.owner)
    if default is None:
        nobody.append(f"{terms.owner!r}, so no finding is opened")
    problems = [f"[coverage] names no account that answers findings: {each}" for each in nobody]
    of_units = {unit: person for unit, person in found.items() if person is not None}
    return None if default is None else Owners(default=default, of_units=of_units), problems


def _lacking(tx: Transaction, terms: CoverageTerms) -> list[Lacking]:
    since = tx.clock.now() - terms.look_back
    return list(
        chain(
            lacking.of_parts(tx, since, terms.judging, terms.grace),
            lacking.of_docks(tx, since, terms.docking, terms.grace),
            roomless.of_stays(tx, since, terms.rooms, terms.grace),
        )
    )


def _answered(tx: Transaction, terms: CoverageTerms) -> list[tuple[str, str]]:
    rows = answerable.open_ones(tx)
    found = answered.answered(tx, rows, terms.judging, terms.docking)
    return list((found | roomless.answered(tx, rows, terms.rooms)).items())


def _resolve(tx: Transaction, some: list[tuple[str, str]]) -> int:
    still = {row.id for row in answerable.open_ones(tx)}
    for finding, why in some:
        if finding in still:
            answerable.resolve(tx, finding, why)
    return len([finding for finding, _ in some if finding in still])
