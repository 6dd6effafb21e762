"""An officer's own recordings, and which of them still want a word about what they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select

from archive.catalogue import rulings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.counting import is_counted, stands
from archive.catalogue.linked import counts
from archive.catalogue.sealed import is_not_gone
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow, RenditionRow
from evidence.clock import stamp
from evidence.linking import Standing
from evidence.names import folded
from evidence.wire import LinkShown, MineClip, MinePage

OPEN, SETTLED = "open", "settled"
PARTS = (OPEN, SETTLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """Which of an officer's recordings are asked for."""

    officer: str
    """To the letter, as rights go by it."""
    part: str
    """One of :data:`PARTS`."""
    since: datetime
    """When they came in, at the earliest."""
    before: int | None
    """Only those archived before this log index: the cursor."""
    limit: int


def page(tx: Transaction, mine: Mine) -> MinePage:
    """The newest of them.

    One is open while no person confirmed a link of it, and none counts or one is proposed.
    """
    wanted = (
        ClipRow.officer_key == folded(mine.officer),
        ClipRow.officer == mine.officer,
        ClipRow.received >= stamp(mine.since),
        is_not_gone(),
        is_counted(),
        _is_open() if mine.part == OPEN else ~_is_open(),
    )
    total = tx.session.scalar(select(func.count()).select_from(ClipRow).where(*wanted)) or 0
    cursor = () if mine.before is None else (ClipRow.archived_entry < mine.before,)
    rows = tx.session.execute(
        select(ClipRow, RenditionRow.duration_ms)
        .outerjoin(RenditionRow, RenditionRow.clip == ClipRow.id)
        .where(*wanted, *cursor)
        .order_by(ClipRow.archived_entry.desc())
        .limit(mine.limit + 1)
    ).all()
    some = rows[: mine.limit]
    links = rulings.of_clips(tx, [row.id for row, _ in some])
    return MinePage(
        officer=mine.officer,
        clips=[_shown(row, length, links.get(row.id, [])) for row, length in some],
        total=total,
        next=str(some[-1][0].archived_entry) if len(rows) > mine.limit else None,
    )


def _shown(row: ClipRow, length: int | None, links: list[LinkShown]) -> MineClip:
    return MineClip(
        clip=row.id,
        name=row.name,
        camera=row.camera,
        started=row.begins,
        received=row.received,
        length_ms=length,
        links=links,
    )


def _is_open() -> ColumnElement[bool]:
    return ~_has(LinkRow.standing == Standing.CONFIRMED.value) & (
        ~_has(counts()) | _has(LinkRow.standing == Standing.PROPOSED.value)
    )


def _has(such: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a clip has *such* a link to an incident that stands."""
    return exists(
        select(LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(LinkRow.clip == ClipRow.id, such, stands())
        .correlate(ClipRow)
    )
