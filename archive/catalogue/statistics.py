"""Figures of a span, added up by the database from the rows of clips and incidents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import CTE, ColumnElement, Label, and_, case, func, select

from archive.catalogue import clip_facts, incident_facts
from archive.catalogue.catalogue import Transaction
from archive.catalogue.tables import ClipRow
from evidence.clip import FOOTAGE, ClipState
from evidence.clock import stamp
from evidence.names import folded
from evidence.statistics.figures import DELAYS, Figures, Rate
from evidence.statistics.periods import By, Span
from evidence.statistics.verdicts import CLIP_MEASURES, GIVEN, Basis, Measure, Verdict
from evidence.wire import FiguresShown, StatisticsShown

_MS = timedelta(milliseconds=1)
_WITHDRAWN = f"{Measure.COVERAGE.value}_{Verdict.WITHDRAWN.value}"
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

    @property
    def is_narrowed(self) -> bool:
        """Whether it leaves anything of the days out."""
        return bool(self.unit is not None or self.officer is not None or self.without)


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
    disposed: int | None
    """How many clips came in within the span and were disposed of since: they count for nothing.
    None where a unit or an officer is asked for: whose they were is forgotten with them."""


def statistics(tx: Transaction, asked: Asked) -> Statistics:
    """The figures of the span, group by group, and of all together; each row is read once."""
    found = _heaps(tx, asked)
    whole = _Heap()
    for heap in found.values():
        whole.add(heap.counts, heap.officers)
    return Statistics(
        asked=asked,
        groups=_groups({key: heap.figures for key, heap in found.items()}, asked, whole.officers),
        total=whole.figures,
        bases={basis: whole.counts[f"basis_{basis.value}"] for basis in Basis},
        disposed=None if asked.is_narrowed else _disposed(tx, asked.span),
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


@dataclass(slots=True)
class _Heap:
    """What was counted of one group so far."""

    counts: Counter[str] = field(default_factory=Counter)
    officers: dict[str, str] = field(default_factory=dict)
    """Officer number as compared -> as it was written."""

    def add(self, counts: Mapping[str, int], officers: Mapping[str, str]) -> None:
        """Count these, too."""
        self.counts.update(counts)
        self.officers |= officers

    @property
    def figures(self) -> Figures:
        counts = self.counts
        return Figures(
            clips=counts["clips"],
            size=counts["size"],
            duration=timedelta(milliseconds=counts["duration_ms"]),
            unmeasured=counts["unmeasured"],
            officers=len(self.officers),
            rates={
                measure: Rate.of({each: counts[f"{measure.value}_{each.value}"] for each in given})
                for measure, given in GIVEN.items()
            },
            delays=tuple(counts[f"delay_{n}"] for n in range(len(DELAYS) + 1)),
        )


def _heaps(tx: Transaction, asked: Asked) -> dict[str | None, _Heap]:
    """Key of a group -> what is in it; groups of which there is nothing are left out."""
    heaps: defaultdict[str | None, _Heap] = defaultdict(_Heap)
    clips, incidents = facts(asked)
    for found, sums in (_of_clips(clips), _of_incidents(incidents)):
        key, whose = key_of(found, asked).label("key"), found.c.officer_key.label("whose")
        named = func.min(found.c.officer).label("named")
        rows = tx.session.execute(select(key, whose, named, *sums).group_by(key, whose))
        for row in rows.mappings():
            counts = {each.name: int(row[each.name]) for each in sums}
            stands = counts["clips"] if found is clips else counts["told"] - counts[_WITHDRAWN]
            is_known = row["whose"] is not None and stands
            heaps[row["key"]].add(counts, {row["whose"]: row["named"]} if is_known else {})
    return heaps


def _of_clips(found: CTE) -> tuple[CTE, list[Label[int]]]:
    """What is summed up of clips."""
    sums = [
        func.count().label("clips"),
        func.sum(found.c.size).label("size"),
        func.coalesce(func.sum(found.c.duration_ms), 0).label("duration_ms"),
        func.sum(found.c.unmeasured).label("unmeasured"),
    ]
    sums += [label for measure in CLIP_MEASURES for label in _verdicts(found, measure)]
    sums += [_sum(each).label(f"delay_{n}") for n, each in enumerate(delay_classes(found))]
    sums += [_sum(found.c.basis == each.value).label(f"basis_{each.value}") for each in Basis]
    return found, sums


def _of_incidents(found: CTE) -> tuple[CTE, list[Label[int]]]:
    """What is summed up of incidents."""
    return found, [func.count().label("told"), *_verdicts(found, Measure.COVERAGE)]


def _verdicts(found: CTE, measure: Measure) -> list[Label[int]]:
    """How often each verdict was given that the measure can give."""
    return [
        _sum(found.c[measure.value] == each.value).label(f"{measure.value}_{each.value}")
        for each in GIVEN[measure]
    ]


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


def _groups(
    found: Mapping[str | None, Figures], asked: Asked, names: Mapping[str, str]
) -> list[Group]:
    """Periods in their order, empty ones too; units and officers by name, the unknown last."""
    if asked.by in {By.MONTH, By.WEEK}:
        parts = [(part, part.name(asked.by)) for part in asked.span.parts(asked.by)]
        nothing = _Heap().figures
        return [
            Group(name=name, span=part, figures=found.get(name, nothing)) for part, name in parts
        ]
    called = names if asked.by is By.OFFICER else {}
    return [
        Group(
            name=None if key is None else called.get(key, key),
            span=asked.span,
            figures=found[key],
        )
        for key in sorted(found, key=lambda key: (key is None, key or ""))
    ]


def _disposed(tx: Transaction, span: Span) -> int:
    gone = select(func.count()).where(
        ClipRow.state == ClipState.DISPOSED.value,
        ClipRow.clip_class.in_(sorted(FOOTAGE)),
        ClipRow.received >= stamp(span.since),
        ClipRow.received < stamp(span.until),
    )
    return tx.session.scalar(gone) or 0
