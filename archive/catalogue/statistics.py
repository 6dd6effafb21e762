"""Figures of a span, added up by the database from the rows of clips and incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Select, and_, case, func, literal, select, union

from archive.catalogue import clip_facts, incident_facts
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow
from evidence.clip import FOOTAGE, ClipState
from evidence.clock import stamp
from evidence.names import folded
from evidence.statistics.figures import DELAYS, Figures, Rate
from evidence.statistics.periods import By, Span
from evidence.statistics.verdicts import CLIP_MEASURES, Basis, Measure, Verdict
from evidence.wire import FiguresShown, StatisticsShown

_MS = timedelta(milliseconds=1)
_ENDS = [int(each / _MS) for each in DELAYS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of what figures are wanted; None does not narrow."""

    span: Span
    by: By = By.MONTH
    unit: str | None = None
    officer: str | None = None
    without: frozenset[By] = field(default_factory=frozenset)
    """``unit``: only what no unit is known of; ``officer`` likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The figures of one unit, officer or period."""

    name: str | None
    """None: of those of which no unit, or no officer, is known."""
    span: Span
    """Over which they were counted."""
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What was found."""

    asked: Asked
    groups: Sequence[Group]
    total: Figures
    bases: Mapping[Basis, int]
    """By what the delays were measured, and how many."""
    disposed: int
    """How many clips came in within the span and were disposed of since: they count for nothing."""


def statistics(tx: Transaction, asked: Asked) -> Statistics:
    """The figures of the span, group by group, and of all together."""
    clips, incidents = facts(asked)
    parts = asked.span.parts(asked.by)
    keys = [key_of(each, asked) for each in (clips, incidents)]
    found = _added(tx, (clips, keys[0]), (incidents, keys[1]))
    whole = _added(tx, (clips, literal("")), (incidents, literal("")))
    names = _names(tx, clips, incidents) if asked.by is By.OFFICER else {}
    return Statistics(
        asked=asked,
        groups=_groups(found, asked, parts, names),
        total=whole.get("") or _nothing(),
        bases=_bases(tx, clips),
        disposed=_disposed(tx, asked.span),
    )


def shown(found: Statistics) -> StatisticsShown:
    """*found* as a message."""
    asked = found.asked
    return StatisticsShown(
        by=asked.by.value,
        utc_offset_minutes=asked.span.minutes,
        groups=[_message(each.figures, each.name, each.span) for each in found.groups],
        total=_message(found.total, None, asked.span),
        bases={basis.value: count for basis, count in found.bases.items()},
        disposed=found.disposed,
    )


def _message(figures: Figures, name: str | None, span: Span) -> FiguresShown:
    return FiguresShown.of(figures, name, span.first.isoformat(), span.last.isoformat())


def facts(asked: Asked) -> tuple[CTE, CTE]:
    """The clips and the incidents that *asked* is about, for a query."""
    found = (clip_facts.of_span(asked.span), incident_facts.of_span(asked.span))
    clips, incidents = (_narrowed(each, asked) for each in found)
    return clips, incidents


def _narrowed(found: CTE, asked: Asked) -> CTE:
    every = select(found)
    if asked.unit is not None:
        every = every.where(found.c.unit == asked.unit)
    if asked.officer is not None:
        every = every.where(found.c.officer_key == folded(asked.officer))
    if By.UNIT in asked.without:
        every = every.where(found.c.unit.is_(None))
    if By.OFFICER in asked.without:
        every = every.where(found.c.officer_key.is_(None))
    return every.cte(f"asked_{found.name}")


def key_of(found: CTE, asked: Asked) -> ColumnElement[str | None]:
    """What tells the groups of *asked* apart, in a query of its clips or incidents."""
    match asked.by:
        case By.UNIT:
            return found.c.unit
        case By.OFFICER:
            return found.c.officer_key
        case _:
            parts = asked.span.parts(asked.by)
            ends = [(found.c.at < stamp(part.until), part.name(asked.by)) for part in parts]
            return case(*ends)


_Keyed = tuple[CTE, ColumnElement[str | None]]


def _added(tx: Transaction, clips: _Keyed, incidents: _Keyed) -> dict[str | None, Figures]:
    """Key -> figures; keys of which there is nothing are left out."""
    of_clips = {row.key: row for row in tx.session.execute(_of_clips(*clips))}
    of_incidents = {row.key: row for row in tx.session.execute(_of_incidents(*incidents))}
    counted = tx.session.execute(_officers(clips, incidents))
    officers: dict[str | None, int] = {row.key: row.officers for row in counted}
    return {
        key: _figures(of_clips.get(key), of_incidents.get(key), officers.get(key, 0))
        for key in of_clips.keys() | of_incidents.keys()
    }


def _of_clips(found: CTE, key: ColumnElement[str | None]) -> Select[*tuple[Any, ...]]:
    counts = [
        _sum(found.c[measure.value] == verdict.value).label(f"{measure.value}_{verdict.value}")
        for measure in CLIP_MEASURES
        for verdict in Verdict
    ]
    classes = [_sum(each).label(f"delay_{n}") for n, each in enumerate(delay_classes(found))]
    return select(
        key.label("key"),
        func.count().label("clips"),
        func.sum(found.c.size).label("size"),
        func.coalesce(func.sum(found.c.duration_ms), 0).label("duration_ms"),
        func.sum(found.c.unmeasured).label("unmeasured"),
        *counts,
        *classes,
    ).group_by(key)


def _of_incidents(found: CTE, key: ColumnElement[str | None]) -> Select[*tuple[Any, ...]]:
    counts = [
        _sum(found.c.coverage == each.value).label(f"coverage_{each.value}") for each in Verdict
    ]
    return select(key.label("key"), *counts).group_by(key)


def _officers(clips: _Keyed, incidents: _Keyed) -> Select[*tuple[Any, ...]]:
    """Key -> how many different officers; those of withdrawn incidents alone are none."""
    (held, held_key), (told, told_key) = clips, incidents
    both = union(
        select(held_key.label("key"), held.c.officer_key),
        select(told_key.label("key"), told.c.officer_key).where(
            told.c.coverage != Verdict.WITHDRAWN.value
        ),
    ).subquery("whose")
    return select(both.c.key, func.count(both.c.officer_key).label("officers")).group_by(both.c.key)


def delay_classes(found: CTE) -> list[ColumnElement[bool]]:
    """Of each class of delays whether a clip is in it."""
    bounds = [None, *_ENDS], [*_ENDS, None]
    classes: list[ColumnElement[bool]] = []
    for above, end in zip(*bounds, strict=True):
        inside = found.c.delay_ms >= 0 if above is None else found.c.delay_ms > above
        classes.append(inside if end is None else and_(inside, found.c.delay_ms <= end))
    return classes


def _sum(is_so: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((is_so, 1), else_=0))


def _figures(clips: Row[Any] | None, incidents: Row[Any] | None, officers: int) -> Figures:
    rates = {measure: _rate(clips, measure) for measure in CLIP_MEASURES}
    rates[Measure.COVERAGE] = _rate(incidents, Measure.COVERAGE)
    if clips is None:
        return Figures(officers=officers, rates=rates)
    return Figures(
        clips=clips.clips,
        size=int(clips.size),
        duration=timedelta(milliseconds=int(clips.duration_ms)),
        unmeasured=clips.unmeasured,
        officers=officers,
        rates=rates,
        delays=tuple(getattr(clips, f"delay_{n}") for n in range(len(DELAYS) + 1)),
    )


def _rate(row: Row[Any] | None, measure: Measure) -> Rate:
    if row is None:
        return Rate()
    return Rate.of({each: getattr(row, f"{measure.value}_{each.value}") for each in Verdict})


def _groups(
    found: Mapping[str | None, Figures],
    asked: Asked,
    parts: Sequence[Span],
    names: Mapping[str | None, str],
) -> list[Group]:
    """Periods in their order, empty ones too; units and officers by name, the unknown last."""
    if asked.by in {By.MONTH, By.WEEK}:
        return [
            Group(name=name, span=part, figures=found.get(name) or _nothing())
            for part, name in ((part, part.name(asked.by)) for part in parts)
        ]
    keys = sorted(found, key=lambda key: (key is None, key or ""))
    return [Group(name=names.get(key, key), span=asked.span, figures=found[key]) for key in keys]


def _nothing() -> Figures:
    return _figures(None, None, 0)


def _names(tx: Transaction, *found: CTE) -> dict[str | None, str]:
    """Officer number as compared -> one as it was written."""
    names: dict[str | None, str] = {}
    for each in found:
        rows = select(each.c.officer_key, func.min(each.c.officer)).group_by(each.c.officer_key)
        names |= {key: name for key, name in tx.session.execute(rows) if key is not None}
    return names


def _bases(tx: Transaction, clips: CTE) -> dict[Basis, int]:
    rows = select(clips.c.basis, func.count()).group_by(clips.c.basis)
    counted: dict[str | None, int] = {row[0]: row[1] for row in tx.session.execute(rows)}
    return {basis: counted.get(basis.value, 0) for basis in Basis}


def _disposed(tx: Transaction, span: Span) -> int:
    gone = select(func.count()).where(
        ClipRow.state == ClipState.DISPOSED.value,
        ClipRow.clip_class.in_(sorted(FOOTAGE)),
        ClipRow.received >= stamp(span.since),
        ClipRow.received < stamp(span.until),
    )
    return tx.session.scalar(gone) or 0
