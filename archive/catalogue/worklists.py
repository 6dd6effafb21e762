"""Work lists: what somebody should look at, since nothing says what it belongs to.

Each list is one entry of :data:`LISTS`.  Lists come in parts by a cursor.  No question walks
through all there is: counting stops at :data:`MOST_COUNTED`, and where no index has the rows of a
list alone, a part ends after so many rows were looked at, whether or not there was anything among
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select

from archive.catalogue import cases, rulings
from archive.catalogue.catalogue import Transaction
from archive.catalogue.choice_tables import ChoiceRow
from archive.catalogue.clips import ARCHIVE
from archive.catalogue.feed_tables import CaseRow
from archive.catalogue.linked import counts, is_proposed
from archive.catalogue.sealed import is_not_gone
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.errors import NotKnown
from evidence.wire import WorkCount, WorkCounts, WorkItem, WorkPage

MOST_COUNTED = 1000
INCIDENTS_LOOKED_AT, CASES_LOOKED_AT = 5_000, 500
"""In one question."""
_PART = 500
"""Cases that are looked at at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkList:
    """One list: its next items behind a cursor, and how long it is, up to a number."""

    after: Callable[[Transaction, str, int], tuple[list[WorkItem], str | None]]
    count: Callable[[Transaction, int], tuple[int, bool]]
    """And whether there may be more."""


def page(tx: Transaction, name: str, after: str, most: int) -> WorkPage:
    """The next *most* of a list behind *after*; NotKnown for a list that there is none of."""
    if name not in LISTS:
        raise NotKnown(f"there is no work list {name[:40]!r}: one of {', '.join(LISTS)}")
    items, following = LISTS[name].after(tx, after, most)
    return WorkPage(name=name, items=items, next=following)


def counted(tx: Transaction) -> WorkCounts:
    """How long each list is."""
    found = {name: each.count(tx, MOST_COUNTED) for name, each in LISTS.items()}
    return WorkCounts(
        lists=[WorkCount(name=name, count=n, more=more) for name, (n, more) in found.items()]
    )


def _cursor(after: str) -> int:
    """The log index in *after*; ValueError if it is none."""
    return int(after) if after else 2**53


def _incidents(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Incidents with no link that counts, those told of last first."""
    window = _window(_cursor(after))
    ids = tx.session.scalars(_unlinked(window).limit(most + 1)).all()
    wanted = select(IncidentRow).where(IncidentRow.id.in_(ids))
    rows = tx.session.scalars(wanted.order_by(IncidentRow.by_entry.desc())).all()
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
    return items, str(rows[most - 1].by_entry) if len(rows) > most else _end_of(tx, window)


def _count_incidents(tx: Transaction, most: int) -> tuple[int, bool]:
    window = _window(_cursor(""))
    some = _unlinked(window).limit(most + 1).subquery()
    count = tx.session.scalar(select(func.count()).select_from(some)) or 0
    return min(count, most), count > most or _end_of(tx, window) is not None


def _window(before: int) -> Select[str, int]:
    """The next incidents that are looked at."""
    stands = IncidentRow.by_entry < before, IncidentRow.withdrawn_entry.is_(None)
    rows = select(IncidentRow.id, IncidentRow.by_entry).where(*stands)
    return rows.order_by(IncidentRow.by_entry.desc()).limit(INCIDENTS_LOOKED_AT)


def _unlinked(window: Select[str, int]) -> Select[str]:
    """Those of a *window* that no link joins to a clip."""
    some = window.subquery()
    bare = ~exists().where(LinkRow.incident == some.c.id, counts())
    return select(some.c.id).where(bare).order_by(some.c.by_entry.desc())


def _end_of(tx: Transaction, window: Select[str, int]) -> str | None:
    """The cursor behind a *window*; None if nothing lies there."""
    some = window.subquery()
    count, last = tx.session.execute(select(func.count(), func.min(some.c.by_entry))).one()
    return str(last) if count == INCIDENTS_LOOKED_AT else None


_UNDECIDED = (is_proposed(), is_not_gone(), IncidentRow.withdrawn_entry.is_(None))
_UNTAGGED = (ClipRow.categories.is_(None), is_not_gone())
"""In the words of the index of those alone."""


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


def _count_clips(tx: Transaction, most: int) -> tuple[int, bool]:
    return _up_to(tx, select(ClipRow.archived_entry).where(*_UNTAGGED).limit(most + 1), most)


def _up_to(tx: Transaction, some: Select[Any], most: int) -> tuple[int, bool]:
    """How many rows *some* has, *most* at the most, and whether there may be more."""
    count = tx.session.scalar(select(func.count()).select_from(some.subquery())) or 0
    return min(count, most), count > most


def _cases(tx: Transaction, after: str, most: int) -> tuple[list[WorkItem], str | None]:
    """Cases without any clip, by their numbers."""
    found, end = _bare(tx, after, most)
    shown = found[:most]
    rows = tx.session.scalars(select(CaseRow).where(CaseRow.number.in_(shown)))
    told = {row.number: row for row in rows}
    items = [_case(number, told.get(number)) for number in shown]
    return items, shown[-1] if len(found) > most else end


def _count_cases(tx: Transaction, most: int) -> tuple[int, bool]:
    found, end = _bare(tx, "", most)
    return min(len(found), most), len(found) > most or end is not None


def _bare(tx: Transaction, after: str, most: int) -> tuple[list[str], str | None]:
    """The numbers of cases without any clip among the next ones, and where others begin.

    Looking ends with more than *most* of them, too.
    """
    found: list[str] = []
    for _ in range(0, CASES_LOOKED_AT, _PART):
        some = cases.known(tx, after, _PART)
        found += cases.without_clips(tx, some)
        if len(some) < _PART:
            return found, None
        after = some[-1]
        if len(found) > most:
            break
    return found, after


def _case(number: str, told: CaseRow | None) -> WorkItem:
    return WorkItem(
        kind="case",
        id=number,
        number=number,
        at=None if told is None else told.opened,
        about=None if told is None else told.title,
    )


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


def _count_links(tx: Transaction, most: int) -> tuple[int, bool]:
    some = (
        select(LinkRow.clip)
        .join(ClipRow, ClipRow.id == LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(*_UNDECIDED)
        .limit(most + 1)
    )
    return _up_to(tx, some, most)


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


def _count_choices(tx: Transaction, most: int) -> tuple[int, bool]:
    joined = select(ChoiceRow.id).join(ClipRow, ClipRow.id == ChoiceRow.clip)
    return _up_to(tx, joined.where(*_WAITING).limit(most + 1), most)


LISTS: Mapping[str, WorkList] = {
    "links": WorkList(after=_links, count=_count_links),
    "choices": WorkList(after=_choices, count=_count_choices),
    "incidents": WorkList(after=_incidents, count=_count_incidents),
    "cases": WorkList(after=_cases, count=_count_cases),
    "clips": WorkList(after=_clips, count=_count_clips),
}
"""Name of a list, as addresses have it -> the list."""
