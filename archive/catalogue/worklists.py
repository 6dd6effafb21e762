"""Work lists: what somebody should look at, since nothing says what it belongs to.

Each list is one entry of :data:`LISTS`.  Lists come in parts by a cursor, and counting stops at
:data:`MOST_COUNTED`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import exists, func, select

from archive.catalogue import cases, rulings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.choice_tables import ChoiceRow
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.feed_tables import CaseRow
from archive.catalogue.linked import counts, is_proposed
from archive.catalogue.sealed import is_not_gone
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clip import ClipState
from evidence.errors import NotKnown
from evidence.wire import WorkCount, WorkCounts, WorkItem, WorkPage

MOST_COUNTED = 1000
_PART = 500
"""Cases that are looked at in one question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """One list: its next items behind a cursor, and how long it is, up to a number."""

    after: Callable[[Transaction, str, int], tuple[list[WorkItem], str | None]]
    count: Callable[[Transaction, int], int]


def page(tx: Transaction, name: str, after: str, most: int) -> WorkPage:
    """The next *most* of a list behind *after*; NotKnown for a list that there is none of."""
    if name not in LISTS:
        raise NotKnown(f"there is no work list {name[:40]!r}: one of {', '.join(LISTS)}")
    items, following = LISTS[name].after(tx, after, most)
    return WorkPage(name=name, items=items, next=following)


def counted(tx: Transaction) -> WorkCounts:
    """How long each list is."""
    found = {name: each.count(tx, MOST_COUNTED + 1) for name, each in LISTS.items()}
    return WorkCounts(
        lists=[
            WorkCount(name=name, count=min(n, MOST_COUNTED), more=n > MOST_COUNTED)
            for name, n in found.items()
        ]
    )


def _cursor(after: str) -> int:
    """The log index in *after*; ValueError if it is none."""
    return int(after) if after else 2**53


_UNLINKED = (
    IncidentRow.withdrawn_entry.is_(None),
    ~exists().where(LinkRow.incident == IncidentRow.id, counts()),
)


def _incidents(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Incidents with no link that counts, those told of last first."""
    rows = tx.session.scalars(
        select(IncidentRow)
        .where(IncidentRow.by_entry < _cursor(after), *_UNLINKED)
        .order_by(IncidentRow.by_entry.desc())
        .limit(most + 1)
    ).all()
    items = [
        WorkItem(
            kind="incident",
            id=row.id,
            number=row.number,
            at=row.dispatched,
            officer=row.officer,
            about=row.call_type,
        )
        for row in rows[:most]
    ]
    return items, str(rows[most - 1].by_entry) if len(rows) > most else None


def _count_incidents(tx: Transaction, most: int) -> int:
    some = select(IncidentRow.id).where(*_UNLINKED).limit(most).subquery()
    return tx.session.scalar(select(func.count()).select_from(some)) or 0


_UNDECIDED = (is_proposed(), is_not_gone(), IncidentRow.withdrawn_entry.is_(None))


_UNTAGGED = (ClipRow.categories.is_(None), ClipRow.state != ClipState.DISPOSED.value)


def _clips(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Clips of which nobody has said what they are, the newest first."""
    rows = tx.session.scalars(
        select(ClipRow)
        .where(ClipRow.archived_entry < _cursor(after), *_UNTAGGED)
        .order_by(ClipRow.archived_entry.desc())
        .limit(most + 1)
    ).all()
    items = [
        WorkItem(
            kind="clip",
            id=row.id,
            number=row.name,
            at=row.received,
            officer=row.officer,
            about=row.camera,
        )
        for row in rows[:most]
    ]
    return items, str(rows[most - 1].archived_entry) if len(rows) > most else None


def _count_clips(tx: Transaction, most: int) -> int:
    some = select(ClipRow.id).where(*_UNTAGGED).limit(most).subquery()
    return tx.session.scalar(select(func.count()).select_from(some)) or 0


def _cases(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Cases without any clip, by their numbers."""
    found: list[str] = []
    at, ended = after, False
    while len(found) <= most and not ended:
        some = cases.known(tx, at, _PART)
        ended = len(some) < _PART
        found += cases.without_clips(tx, some)
        at = some[-1] if some else at
    shown = found[:most]
    rows = tx.session.scalars(select(CaseRow).where(CaseRow.number.in_(shown)))
    told = {row.number: row for row in rows}
    items = [_case(number, told.get(number)) for number in shown]
    return items, shown[-1] if len(found) > most else None


def _case(number: str, told: CaseRow | None) -> WorkItem:
    return WorkItem(
        kind="case",
        id=number,
        number=number,
        at=None if told is None else told.opened,
        about=None if told is None else told.title,
    )


def _count_cases(tx: Transaction, most: int) -> int:
    count, at = 0, ""
    while some := cases.known(tx, at, _PART):
        count, at = count + len(cases.without_clips(tx, some)), some[-1]
        if count >= most:
            return most
    return count


def _links(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Links that the rule proposes and nobody has decided about, the newest first."""
    rows = tx.session.execute(
        select(LinkRow, ClipRow, IncidentRow)
        .join(ClipRow, ClipRow.id == LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(LinkRow.by_entry < _cursor(after), *_UNDECIDED)
        .order_by(LinkRow.by_entry.desc())
        .limit(most + 1)
    ).all()
    items = [
        WorkItem(
            kind="link",
            id=clip.id,
            number=clip.name,
            at=clip.begins or clip.received,
            officer=clip.officer,
            about=clip.camera,
            link=rulings.shown(held, incident, ARCHIVE),
        )
        for held, clip, incident in rows[:most]
    ]
    return items, str(rows[most - 1][0].by_entry) if len(rows) > most else None


def _count_links(tx: Transaction, most: int) -> int:
    some = (
        select(LinkRow.clip)
        .join(ClipRow, ClipRow.id == LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(*_UNDECIDED)
        .limit(most)
        .subquery()
    )
    return tx.session.scalar(select(func.count()).select_from(some)) or 0


_WAITING = (ChoiceRow.number.is_not(None), ChoiceRow.ended_entry.is_(None), is_not_gone())


def _choices(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Clips whose event was typed at a station's board, and no feed has told of it; the newest."""
    rows = tx.session.execute(
        select(ChoiceRow, ClipRow)
        .join(ClipRow, ClipRow.id == ChoiceRow.clip)
        .where(ChoiceRow.by_entry < _cursor(after), *_WAITING)
        .order_by(ChoiceRow.by_entry.desc())
        .limit(most + 1)
    ).all()
    items = [
        WorkItem(
            kind="clip",
            id=clip.id,
            number=clip.name,
            at=clip.begins or clip.received,
            officer=clip.officer,
            about=said.number,
        )
        for said, clip in rows[:most]
    ]
    return items, str(rows[most - 1][0].by_entry) if len(rows) > most else None


def _count_choices(tx: Transaction, most: int) -> int:
    joined = select(ChoiceRow.id).join(ClipRow, ClipRow.id == ChoiceRow.clip)
    some = joined.where(*_WAITING).limit(most).subquery()
    return tx.session.scalar(select(func.count()).select_from(some)) or 0


LISTS: Mapping[str, WorkList] = {
    "links": WorkList(after=_links, count=_count_links),
    "choices": WorkList(after=_choices, count=_count_choices),
    "incidents": WorkList(after=_incidents, count=_count_incidents),
    "cases": WorkList(after=_cases, count=_count_cases),
    "clips": WorkList(after=_clips, count=_count_clips),
}
"""Name of a list, as addresses have it -> the list."""
