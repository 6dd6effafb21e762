"""The list behind a figure: exactly the clips or the incidents that it counts, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import CTE, ColumnElement, func, select, true, tuple_

from archive.catalogue.catalogue import Transaction
from archive.catalogue.statistics import Asked, delay_classes, facts
from archive.catalogue.tables import ClipRow, IncidentRow
from evidence.statistics.verdicts import COUNTED, Measure, Verdict
from evidence.wire import CountedClip, CountedIncident, CountedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Which part of a figure."""

    measure: Measure | None
    """None: all clips."""
    verdict: Verdict | None
    """None: all that the measure counts, met or not."""
    delay: int | None = None
    """Only uploads of that class of formula 9, the first being 0."""

    def of(self, found: CTE) -> ColumnElement[bool]:
        """Whether a row is in it."""
        if self.delay is not None:
            return delay_classes(found)[self.delay]
        if self.measure is None:
            return true()
        wanted = COUNTED if self.verdict is None else (self.verdict,)
        return found.c[self.measure.value].in_([each.value for each in wanted])


def page(tx: Transaction, asked: Asked, part: Part, after: str, most: int) -> CountedPage:
    """The next *most* behind cursor *after* (empty: the first), in the order of their moments."""
    clips, incidents = facts(asked)
    if part.measure is Measure.COVERAGE:
        return _incidents(tx, incidents, part, after, most)
    return _clips(tx, clips, part, after, most)


def _clips(tx: Transaction, found: CTE, part: Part, after: str, most: int) -> CountedPage:
    verdict = found.c[part.measure.value] if part.measure else found.c.category
    asked = (
        select(found, verdict.label("verdict"), ClipRow.name, ClipRow.received)
        .join(ClipRow, ClipRow.id == found.c.id)
        .where(part.of(found), _behind(found, after))
        .order_by(found.c.at, found.c.id)
        .limit(most + 1)
    )
    rows = tx.session.execute(asked).all()
    shown = [
        CountedClip(
            clip=row.id,
            name=row.name,
            officer=row.officer,
            unit=row.unit,
            at=row.at,
            received=row.received,
            verdict=row.verdict if part.measure else None,
            delay_ms=row.delay_ms,
            basis=row.basis,
        )
        for row in rows[:most]
    ]
    following = _cursor(shown[-1].at, shown[-1].clip) if len(rows) > most else None
    return CountedPage(clips=shown, incidents=[], total=_total(tx, found, part), next=following)


def _incidents(tx: Transaction, found: CTE, part: Part, after: str, most: int) -> CountedPage:
    asked = (
        select(found, IncidentRow.number)
        .join(IncidentRow, IncidentRow.id == found.c.id)
        .where(part.of(found), _behind(found, after))
        .order_by(found.c.at, found.c.id)
        .limit(most + 1)
    )
    rows = tx.session.execute(asked).all()
    shown = [
        CountedIncident(
            id=row.id,
            number=row.number,
            officer=row.officer,
            unit=row.unit,
            at=row.at,
            verdict=row.coverage,
        )
        for row in rows[:most]
    ]
    following = _cursor(shown[-1].at, shown[-1].id) if len(rows) > most else None
    return CountedPage(clips=[], incidents=shown, total=_total(tx, found, part), next=following)


def _total(tx: Transaction, found: CTE, part: Part) -> int:
    every = select(func.count()).select_from(found).where(part.of(found))
    return tx.session.scalar(every) or 0


def _cursor(at: str, name: str) -> str:
    return f"{at} {name}"


def _behind(found: CTE, after: str) -> ColumnElement[bool]:
    if not after:
        return true()
    at, _, name = after.partition(" ")
    return tuple_(found.c.at, found.c.id) > tuple_(at, name)
