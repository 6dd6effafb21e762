"""Notices: which clips' time ends soon and nobody was told, and that people were.

One rule: a notice counts for the decision that stood when people were told, and for no later one,
even if that comes to the same date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from archive.catalogue.by_end import ORDER, Cursor
from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.closings import is_in_open_case
from archive.catalogue.holds import is_held
from archive.catalogue.retentions import DATED
from archive.catalogue.sealed import is_live, live_of
from archive.catalogue.tables import ClipRow, EntryRow
from evidence.clock import stamp
from evidence.custody import EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A clip whose time ends."""

    clip: str
    until: str
    """When, as the record has it."""
    rule: str
    decided: int
    """Log index of the entry that gave this date."""


def due(
    tx: Transaction, until: datetime, after: str, most: int
) -> tuple[Sequence[Due], str | None]:
    """The next *most* clips behind *after* whose time ends by *until* and nobody was told of.

    And ``after`` of the next ones; None: these were the last.  What is held, or in an open case,
    ends when that does.
    """
    rows = tx.session.scalars(
        select(ClipRow)
        .where(is_live(), ClipRow.noticed_entry.is_(None), ClipRow.retain_until <= stamp(until))
        .where(Cursor.parse(after).is_ahead, ~is_held(), ~is_in_open_case())
        .order_by(*ORDER)
        .limit(most)
    ).all()
    decided = _decided(tx, [row.id for row in rows])
    found = [
        Due(clip=row.id, until=row.retain_until, rule=row.retain_rule, decided=decided[row.id])
        for row in rows
    ]
    return found, Cursor.behind(rows, most)


def told(tx: Transaction, due: Sequence[Due], channels: Sequence[str]) -> int:
    """Put on record that people were told of *due* over *channels*; of how many.

    A clip whose date was decided anew since is left out: people were told of the one before.  So is
    one that is held since, or in an open case: its end is another.
    """
    clips, count = _ending(tx, live_of(tx, [each.clip for each in due])), 0
    decided = _decided(tx, clips)
    for each in due:
        if decided.get(each.clip) != each.decided:
            continue
        row = tx.session.get_one(ClipRow, each.clip)
        if row.noticed_entry is None:
            row.noticed_entry = tx.record(
                EntryKind.DISPOSAL_NOTICED,
                ARCHIVE,
                clip=each.clip,
                until=each.until,
                told=list(channels),
            )
            count += 1
    tx.session.flush()
    return count


def _ending(tx: Transaction, clips: Sequence[str]) -> Sequence[str]:
    """Those of *clips* whose end nothing puts off."""
    free = select(ClipRow.id).where(ClipRow.id.in_(clips), ~is_held(), ~is_in_open_case())
    return tx.session.scalars(free).all()


def _decided(tx: Transaction, clips: Sequence[str]) -> dict[str, int]:
    """Clip -> log index of the entry that gave the date which stands."""
    newest = (
        select(EntryRow.clip, func.max(EntryRow.seq))
        .where(EntryRow.clip.in_(clips), EntryRow.kind.in_(DATED))
        .group_by(EntryRow.clip)
    )
    return {str(clip): seq for clip, seq in tx.session.execute(newest)}
