"""Which clips and which incidents belong together, by the rule in ``evidence.linking``.

Each verb brings the stored links of one clip, or of one incident, to what the rule says now.  It
runs in the transaction of whatever arrived, so both orders of arrival end in the same links and a
second run adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.falling import let_fall_with_case
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clock import unstamp
from evidence.custody import EntryKind
from evidence.linking import ClipStart, IncidentWindow, Link, link


def link_clip(tx: Transaction, clip: str, buffer: timedelta) -> None:
    """Link *clip*, whose officer or start has just become known."""
    row = tx.session.get_one(ClipRow, clip)
    starts = _starts([row])
    rows = tx.session.scalars(
        select(IncidentRow)
        .where(IncidentRow.officer_key == row.officer_key, IncidentRow.withdrawn_entry.is_(None))
        .order_by(IncidentRow.id)
    )
    windows = [_window(incident) for incident in rows]
    held = tx.session.scalars(
        select(LinkRow).where(LinkRow.clip == clip).order_by(LinkRow.incident)
    )
    _agree(tx, _wanted(starts, windows, buffer), held)
    let_fall_with_case(tx, [clip])


def link_incident(tx: Transaction, incident: str, buffer: timedelta) -> None:
    """Link *incident*, which is new or has just changed; one that was withdrawn has no links."""
    row = tx.session.get_one(IncidentRow, incident)
    rows = tx.session.scalars(
        select(ClipRow).where(ClipRow.officer_key == row.officer_key).order_by(ClipRow.id)
    )
    held = tx.session.scalars(
        select(LinkRow).where(LinkRow.incident == incident).order_by(LinkRow.clip)
    )
    windows = [_window(row)] if row.withdrawn_entry is None else []
    _agree(tx, _wanted(_starts(rows), windows, buffer), held)
    linked = select(LinkRow.clip).where(LinkRow.incident == incident)
    let_fall_with_case(tx, tx.session.scalars(linked).all())


def _wanted(
    starts: Iterable[ClipStart], windows: list[IncidentWindow], buffer: timedelta
) -> list[Link]:
    return [found for start in starts for found in link(start, windows, buffer)]


def _starts(rows: Iterable[ClipRow]) -> list[ClipStart]:
    """What linking needs to know of those clips that have an officer and a start."""
    return [start for row in rows if (start := _start(row)) is not None]


def _start(row: ClipRow) -> ClipStart | None:
    """The name on the card tells the start first; the container's claim stands in for it.

    A claim beyond the calendar is kept, and links to nothing.
    """
    claimed = row.started or row.claimed_start
    if row.officer is None or claimed is None:
        return None
    start = ClipStart(
        clip=row.id,
        officer=row.officer,
        started=unstamp(claimed),
        clock_offset=timedelta(milliseconds=row.clock_offset_ms or 0),
    )
    try:
        _ = start.corrected
    except OverflowError:
        return None
    return start


def _window(row: IncidentRow) -> IncidentWindow:
    return IncidentWindow(
        incident=row.id,
        officer=row.officer,
        dispatched=unstamp(row.dispatched),
        cleared=unstamp(row.cleared),
    )


def _agree(tx: Transaction, wanted: list[Link], held: Iterable[LinkRow]) -> None:
    """Make the stored links the *wanted* ones, an entry for each that is made or withdrawn."""
    stored = {(row.clip, row.incident): row for row in held}
    kept = {(new.clip, new.incident) for new in wanted}
    for pair, row in stored.items():
        if pair not in kept:
            _record(tx, row.clip, row.incident, row.reason, row.seconds_outside, made=False)
            tx.session.delete(row)
    for new in wanted:
        _hold(tx, new, stored.get((new.clip, new.incident)))


def _hold(tx: Transaction, new: Link, row: LinkRow | None) -> None:
    facts = (new.reason.value, new.seconds_outside)
    if row is not None and (row.reason, row.seconds_outside) == facts:
        return
    entry = _record(tx, new.clip, new.incident, *facts, made=True)
    if row is None:
        row = LinkRow(clip=new.clip, incident=new.incident)
        tx.session.add(row)
    row.reason, row.seconds_outside = facts
    row.by_entry = entry
    tx.session.flush()


def _record(
    tx: Transaction, clip: str, incident: str, reason: str, seconds: int, *, made: bool
) -> int:
    return tx.record(
        EntryKind.LINKED,
        ARCHIVE,
        clip=clip,
        incident=incident,
        reason=reason,
        seconds_outside=seconds,
        withdrawn=None if made else True,
    )
