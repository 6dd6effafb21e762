"""Puts what a batch tells on record, some rows at a time, so that uploads do not wait behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from archive.catalogue import assignments, duties, feeds, incidents, stays, told_cases
from archive.catalogue.catalogue import Catalogue, Transaction
from archive.catalogue.feeds import RowProblem
from archive.catalogue.incidents import Told, Withdrawn
from archive.catalogue.noting import Outcome
from archive.catalogue.told_cases import CaseTold, CaseWithdrawn
from archive.feeds.contract import Batch, Fact, Raw, Reading, Sheet, Taken
from archive.feeds.facts import read
from archive.feeds.mapping import FeedMapping

#: Rows taken in by one transaction.
ROWS = 100
#: Sources of one feed whose problems are kept, where each push or page is one.
SOURCES = 100
_NAMED = 20
"""Rows that the process's log names."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Takes in what feeds tell."""

    catalogue: Catalogue
    buffer: timedelta
    """How far outside a dispatch window a recording may start and still be linked."""

    async def take(self, feed: str, batch: Batch, mapping: FeedMapping) -> Taken:
        """Bring the record to what *batch* of *feed* tells; what became of each row."""
        seen: list[int] = []
        sheet = Sheet(
            rows=(_seen(each, seen) for each in batch.sheet.rows), columns=batch.sheet.columns
        )
        reading = await asyncio.to_thread(read, sheet, mapping)
        bad = {problem.row for problem in reading.problems}
        outcomes = {row: Outcome.SAME for row in seen if row not in bad}
        for first in range(0, len(reading.facts), ROWS):
            part = reading.facts[first : first + ROWS]
            found = await self.catalogue.run(_put, [each for _, each in part], self.buffer)
            outcomes |= dict(zip((row for row, _ in part), found, strict=True))
        await self.catalogue.run(_note, feed, batch.source, reading)
        _report(feed, batch.source, reading)
        return Taken(reading=reading, outcomes=outcomes)


def _seen(each: Raw | RowProblem, rows: list[int]) -> Raw | RowProblem:
    if isinstance(each, Raw):
        rows.append(each.row)
    return each


def _put(tx: Transaction, facts: Sequence[Fact], buffer: timedelta) -> list[Outcome]:
    """All *facts* in one transaction; they are of one kind."""
    return [_one(tx, each, buffer) for each in facts]


def _one(tx: Transaction, each: Fact, buffer: timedelta) -> Outcome:
    if isinstance(each, Told | Withdrawn):
        return incidents.take(tx, [each], buffer)[0]
    if isinstance(each, CaseTold | CaseWithdrawn):
        return told_cases.take(tx, [each])[0]
    if isinstance(each, duties.DutyTold | duties.DutyWithdrawn):
        return duties.take(tx, [each], buffer)[0]
    if isinstance(each, stays.StayTold | stays.StayWithdrawn):
        return stays.take(tx, [each])[0]
    return assignments.take(tx, [each], buffer)[0]


def _note(tx: Transaction, feed: str, source: str, reading: Reading) -> None:
    feeds.note_problems(tx, feed, source, reading.problems)
    feeds.heard(tx, feed, len(reading.facts), reading.unused)


def _report(feed: str, source: str, reading: Reading) -> None:
    """Say how a batch was read; officers and free text stay out of the process's log."""
    used, unused = len(reading.facts), reading.unused
    _log.info("feed %s, %s: %d rows used, %d not", feed, source, used, unused)
    if reading.problems:
        rows = ", ".join(str(each.row) for each in reading.problems[:_NAMED])
        _log.warning("feed %s, %s: not used are rows %s (evidock feeds)", feed, source, rows)
