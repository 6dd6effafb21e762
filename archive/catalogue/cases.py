"""Which clips a case has, and which cases a clip has: the one place that says so.

Leases, rules, disposal, exports, dossiers, work lists and pages all go by it.  A clip is in a case
in three ways: it is linked to an incident that names the case, or to one whose event the feed of
cases names, or a person placed it there.  A case is known by its number as soon as anything names
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    SQLColumnExpression,
    exists,
    func,
    or_,
    select,
    union,
)

from archive.catalogue.case_tables import CaseClipRow, DocumentRow, DossierRow
from archive.catalogue.catalogue import Transaction
from archive.catalogue.feed_tables import CaseIncidentRow, CaseRow
from archive.catalogue.linked import counts
from archive.catalogue.portions import portions
from archive.catalogue.tables import ClosingRow, IncidentRow, LinkRow
from evidence.errors import NotKnown

_NAMING = (
    IncidentRow.case_id,
    CaseRow.number,
    CaseClipRow.case_id,
    ClosingRow.case_id,
    DocumentRow.case_id,
    DossierRow.case_id,
)
"""Everything that may name a case."""


def clips_in(number: str) -> CompoundSelect[str]:
    """The clips of case *number*, once each, for a query."""
    return union(
        _linked().where(IncidentRow.case_id == number),
        _linked_by_event().where(CaseIncidentRow.case_id == number),
        select(CaseClipRow.clip).where(CaseClipRow.case_id == number, _is_placed()),
    )


def clips_of(tx: Transaction, number: str) -> Sequence[str]:
    """The clips of case *number*, in order; those that were disposed of too, if placed there."""
    found = clips_in(number).subquery()
    return tx.session.scalars(select(found.c.clip).order_by(found.c.clip)).all()


def cases_of(tx: Transaction, clips: Sequence[str]) -> Mapping[str, list[str]]:
    """Clip -> the numbers of the cases that it is in, in order; clips in none are left out."""
    found: dict[str, set[str | None]] = {}
    for some in portions(clips):
        linked = (LinkRow.clip.in_(some), IncidentRow.id == LinkRow.incident, _live())
        named = select(LinkRow.clip, IncidentRow.case_id).where(
            *linked, IncidentRow.case_id.is_not(None)
        )
        of_event = select(LinkRow.clip, CaseIncidentRow.case_id).where(
            *linked, CaseIncidentRow.number == IncidentRow.number
        )
        placed = select(CaseClipRow.clip, CaseClipRow.case_id).where(
            CaseClipRow.clip.in_(some), _is_placed()
        )
        for clip, number in tx.session.execute(named):
            found.setdefault(clip, set()).add(number)
        for clip, number in [*tx.session.execute(of_event), *tx.session.execute(placed)]:
            found.setdefault(clip, set()).add(number)
    return {clip: sorted(map(str, found[clip])) for clip in clips if clip in found}


def is_in(
    clip: SQLColumnExpression[str],
    such: Callable[[SQLColumnExpression[str | None]], ColumnElement[bool]],
) -> ColumnElement[bool]:
    """Whether *clip*, a column, is in a case *such* as is wanted of its number; for a query."""
    return or_(
        exists().where(
            LinkRow.clip == clip,
            *_counting(),
            IncidentRow.case_id.is_not(None),
            such(IncidentRow.case_id),
        ),
        exists().where(
            LinkRow.clip == clip,
            *_counting(),
            CaseIncidentRow.number == IncidentRow.number,
            such(CaseIncidentRow.case_id),
        ),
        exists().where(CaseClipRow.clip == clip, _is_placed(), such(CaseClipRow.case_id)),
    )


def incidents_in(number: str) -> ColumnElement[bool]:
    """Whether an incident is of case *number*, for a query over incidents.

    By their ids, so that a database finds both kinds by an index.
    """
    named = select(IncidentRow.id).where(IncidentRow.case_id == number)
    by_event = (
        select(IncidentRow.id)
        .join(CaseIncidentRow, CaseIncidentRow.number == IncidentRow.number)
        .where(CaseIncidentRow.case_id == number)
    )
    return IncidentRow.id.in_(union(named, by_event)) & IncidentRow.withdrawn_entry.is_(None)


def linked_to(such: ColumnElement[bool]) -> Select[str]:
    """The clips of incidents *such* as are wanted, once each, for a query."""
    return _linked().where(such).distinct()


def must_be_known(tx: Transaction, number: str) -> None:
    """NotKnown unless something names case *number*."""
    if not any(tx.session.scalar(select(exists().where(each == number))) for each in _NAMING):
        raise NotKnown(f"nothing names a case {number[:80]!r}")


def known(tx: Transaction, after: str, most: int) -> Sequence[str]:
    """The numbers of the next *most* cases behind *after*, in order."""
    parts = [
        select(each.label("number")).where(each > after).distinct().order_by(each).limit(most)
        for each in _NAMING
    ]
    every = union(*(select(each.subquery()) for each in parts)).subquery()
    rows = select(every.c.number).order_by(every.c.number).limit(most)
    return tx.session.scalars(rows).all()


def sizes(tx: Transaction, numbers: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Case -> how many incidents and how many clips it has, for a list of cases."""
    found: dict[str, tuple[int, int]] = {}
    for some in portions(numbers):
        incidents = dict(tx.session.execute(_counted(_incidents_of(some))).all())
        clips = dict(tx.session.execute(_counted(_clips_of(some))).all())
        found |= {each: (incidents.get(each, 0), clips.get(each, 0)) for each in some}
    return found


def _counted(pairs: CompoundSelect[Any]) -> Select[str, int]:
    """How often each case is in *pairs*, which has none twice."""
    held = pairs.subquery()
    return select(held.c.number, func.count()).group_by(held.c.number)


def _incidents_of(numbers: Sequence[str]) -> CompoundSelect[Any]:
    named = select(IncidentRow.case_id.label("number"), IncidentRow.id)
    by_event = select(CaseIncidentRow.case_id.label("number"), IncidentRow.id)
    stands = IncidentRow.withdrawn_entry.is_(None)
    return union(
        named.where(IncidentRow.case_id.in_(numbers), stands),
        by_event.where(CaseIncidentRow.case_id.in_(numbers), _same_event(), stands),
    )


def _clips_of(numbers: Sequence[str]) -> CompoundSelect[Any]:
    named = select(IncidentRow.case_id.label("number"), LinkRow.clip)
    by_event = select(CaseIncidentRow.case_id.label("number"), LinkRow.clip)
    placed = select(CaseClipRow.case_id.label("number"), CaseClipRow.clip)
    return union(
        named.where(IncidentRow.case_id.in_(numbers), *_counting()),
        by_event.where(CaseIncidentRow.case_id.in_(numbers), _same_event(), *_counting()),
        placed.where(CaseClipRow.case_id.in_(numbers), _is_placed()),
    )


def without_clips(tx: Transaction, numbers: Sequence[str]) -> list[str]:
    """Those of the cases *numbers* that have no clip, in the order given."""
    having: set[str | None] = set()
    linked = exists().where(LinkRow.incident == IncidentRow.id, counts())
    stands = IncidentRow.withdrawn_entry.is_(None)
    for some in portions(numbers):
        named = select(IncidentRow.case_id).where(IncidentRow.case_id.in_(some), stands, linked)
        of_event = select(CaseIncidentRow.case_id).where(
            CaseIncidentRow.case_id.in_(some), _same_event(), stands, linked
        )
        placed = select(CaseClipRow.case_id).where(CaseClipRow.case_id.in_(some), _is_placed())
        having.update(tx.session.scalars(named.distinct()))
        having.update(tx.session.scalars(of_event.distinct()))
        having.update(tx.session.scalars(placed.distinct()))
    return [each for each in numbers if each not in having]


def naming_event(tx: Transaction, event: str) -> Sequence[str]:
    """The numbers of the cases whose feed names *event*."""
    rows = select(CaseIncidentRow.case_id).where(CaseIncidentRow.number == event)
    return tx.session.scalars(rows.order_by(CaseIncidentRow.case_id)).all()


def _linked() -> Select[str]:
    rows = select(LinkRow.clip).join(IncidentRow, IncidentRow.id == LinkRow.incident)
    return rows.where(_live())


def _linked_by_event() -> Select[str]:
    return _linked().join(CaseIncidentRow, CaseIncidentRow.number == IncidentRow.number)


def _counting() -> tuple[ColumnElement[bool], ...]:
    return IncidentRow.id == LinkRow.incident, _live()


def _same_event() -> ColumnElement[bool]:
    return CaseIncidentRow.number == IncidentRow.number


def _live() -> ColumnElement[bool]:
    """A link counts, and the feed has not taken its incident back."""
    return counts() & IncidentRow.withdrawn_entry.is_(None)


def _is_placed() -> ColumnElement[bool]:
    return CaseClipRow.taken_entry.is_(None)
