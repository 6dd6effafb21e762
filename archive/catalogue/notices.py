"""Notices: which clips' time ends soon and nobody was told, and that people were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.holds import is_held
from archive.catalogue.proposed import noticed
from archive.catalogue.sealed import is_live, live_of
from archive.catalogue.tables import ClipRow
from evidence.clock import stamp
from evidence.custody import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A clip whose time ends."""

    clip: str
    until: str
    """When, as the record has it."""
    rule: str


def due(tx: Transaction, until: datetime, after: str, most: int) -> tuple[Sequence[Due], str]:
    """Of the next *most* clips behind *after* whose time ends by *until*: those nobody was told of.

    And ``after`` of the next ones; empty: these were the last.  What is held, or in an open case,
    ends when that does.
    """
    date, _, clip = after.partition(" ")
    behind = or_(ClipRow.retain_until > date, and_(ClipRow.retain_until == date, ClipRow.id > clip))
    rows = tx.session.scalars(
        select(ClipRow)
        .where(is_live(), ClipRow.retain_until <= stamp(until), behind)
        .where(~is_held(), ~is_in_open_case())
        .order_by(ClipRow.retain_until, ClipRow.id)
        .limit(most)
    ).all()
    known = noticed(tx, rows)
    found = [
        Due(clip=row.id, until=row.retain_until, rule=row.retain_rule)
        for row in rows
        if row.id not in known
    ]
    return found, f"{rows[-1].retain_until} {rows[-1].id}" if len(rows) == most else ""


def told(tx: Transaction, due: Sequence[Due], channels: Sequence[str]) -> int:
    """Put on record that people were told of *due* over *channels*; of how many.

    A clip whose date is another by now is left out: people were told of the one before.
    """
    live, count = set(live_of(tx, [each.clip for each in due])), 0
    for each in due:
        if each.clip in live and tx.session.get_one(ClipRow, each.clip).retain_until == each.until:
            tx.record(
                EntryKind.DISPOSAL_NOTICED,
                ARCHIVE,
                clip=each.clip,
                until=each.until,
                told=list(channels),
            )
            count += 1
    return count
