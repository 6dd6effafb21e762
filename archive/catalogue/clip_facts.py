"""What figures count of clips: one row a clip with every verdict, in the database.

The formulas are those of :mod:`evidence.statistics.verdicts`, word for word in SQL; tests compare
the two on made-up archives, and ``evidock statistics --check`` does on this one.  One rule: figures
and the lists behind them are read from these same rows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, exists, func, or_, select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.counting import is_counted, stands
from archive.catalogue.feed_tables import DutyRow
from archive.catalogue.linked import counts
from archive.catalogue.marker_tables import MarkerRow
from archive.catalogue.moments import milliseconds, moved
from archive.catalogue.tables import (
    ClipRow,
    EntryRow,
    IncidentRow,
    LinkRow,
    PersonRow,
    RenditionRow,
)
from evidence.acquisition import Acquisition
from evidence.clock import stamp
from evidence.custody import EntryKind
from evidence.statistics.facts import OLDEST, RECORDINGS
from evidence.statistics.periods import Span
from evidence.statistics.verdicts import MARKED, TIMELY_WITHIN, Basis, Verdict

MOST = 100_000
"""Clips that are read at once where everybody waits for it: five seconds of one core."""
_MS = timedelta(milliseconds=1)
_NEEDED = (
    "id",
    "archived_entry",
    "clip_class",
    "size",
    "officer",
    "officer_key",
    "received",
    "acquisition",
    "categories",
)
"""Columns of a clip: the whole row, several times over, is what takes the time."""


def of_span(span: Span) -> CTE:
    """The clips that count and belong to *span*.

    Columns: ``id``, ``archived_entry``, ``at``, ``officer_key``, ``officer``, ``unit``, ``size``,
    ``duration_ms``, ``unmeasured`` (0 or 1), ``delay_ms``, ``basis``, and one a measure.
    """
    held = _with_duty(_within(_dated(span), span))
    delay = _delay(held)
    judged = _ids(held, "archived_entry", "at", "officer_key", "officer", "size", "duration_ms")
    basis = case(
        (delay.is_(None), None),
        (held.c.duty_end_ms.is_not(None), Basis.DUTY.value),
        else_=Basis.RECORDING.value,
    )
    unmeasured = and_(held.c.recording, held.c.duration_ms.is_(None))
    return (
        judged.add_columns(
            func.coalesce(held.c.duty_unit, _unit_of_incident(held.c.id)).label("unit"),
            case((unmeasured, 1), else_=0).label("unmeasured"),
            delay.label("delay_ms"),
            basis.label("basis"),
            _timeliness(held, delay).label("timeliness"),
            case(
                (~held.c.recording, Verdict.NOT_A_RECORDING.value),
                else_=_met(_is_linked(held.c.id)),
            ).label("link"),
            _met(held.c.categories.is_not(None)).label("category"),
            _met(held.c.reviewed.is_not(None)).label("review"),
            *(
                case(
                    (~held.c.recording, Verdict.NOT_A_RECORDING.value),
                    else_=_met(_is_marked(held.c.id, code)),
                ).label(measure.value)
                for measure, code in MARKED.items()
            ),
        )
        .cte("clip_facts")
        .prefix_with("MATERIALIZED")
    )


def _delay(held: CTE) -> ColumnElement[int | None]:
    """Of an upload, in milliseconds; NULL where formula 4 leaves it out."""
    ended = held.c.begun_ms + held.c.duration_ms
    later = case((ended > held.c.duty_end_ms, ended), else_=held.c.duty_end_ms)
    since = case((held.c.duty_end_ms.is_not(None), later), else_=ended)
    waited = held.c.received_ms - since
    is_imported = held.c.acquisition == Acquisition.IMPORTED.value
    is_asked = and_(held.c.recording, ~is_imported, held.c.begun.is_not(None))
    return case((~is_asked, None), (waited < 0, 0), else_=waited)


def _dated(span: Span) -> CTE:
    """The clips that may belong to *span*, each with the start that it claims, on our clock."""
    claimed = func.coalesce(ClipRow.started, ClipRow.claimed_start)
    offset = func.coalesce(ClipRow.clock_offset_ms, 0)
    start = case((offset == 0, claimed), else_=moved(claimed, offset))
    oldest = moved(ClipRow.received, int(OLDEST / _MS))
    return (
        select(
            *(getattr(ClipRow, name) for name in _NEEDED),
            RenditionRow.duration_ms,
            case((and_(start <= ClipRow.received, start >= oldest), start)).label("begun"),
        )
        .outerjoin(RenditionRow, RenditionRow.clip == ClipRow.id)
        .where(is_counted(), *_came_in(span))
        .cte("dated")
        .prefix_with("MATERIALIZED")
    )


def _came_in(span: Span) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """When what may belong to *span* was received."""
    return ClipRow.received >= stamp(span.since), ClipRow.received < stamp(span.until + OLDEST)


def must_be_few(tx: Transaction, span: Span, most: int = MOST) -> None:
    """ValueError if more than *most* clips have to be read for *span*."""
    some = select(ClipRow.id).where(*_came_in(span)).limit(most + 1).subquery()
    if (tx.session.scalar(select(func.count()).select_from(some)) or 0) > most:
        raise ValueError(
            f"since {span.first} more than {most:,} clips came in, and all others would wait while"
            " they are counted: ask for later days, or at the command line (evidock statistics)"
        )


def _within(dated: CTE, span: Span) -> CTE:
    at = func.coalesce(dated.c.begun, dated.c.received)
    return (
        select(dated, at.label("at"))
        .where(at >= stamp(span.since), at < stamp(span.until))
        .cte("in_span")
    )


def _with_duty(held: CTE) -> CTE:
    """The duty in which each began, of several the one that began last; and who watched it."""
    duty = (
        select(DutyRow.id)
        .where(
            DutyRow.officer_key == held.c.officer_key,
            DutyRow.withdrawn_entry.is_(None),
            DutyRow.since <= held.c.begun,
            DutyRow.until > held.c.begun,
        )
        .order_by(DutyRow.since.desc(), DutyRow.id.desc())
        .limit(1)
        .correlate(held)
        .scalar_subquery()
    )
    seen = _watched().subquery("watched")
    return (
        select(
            held,
            DutyRow.unit.label("duty_unit"),
            milliseconds(DutyRow.until).label("duty_end_ms"),
            milliseconds(held.c.begun).label("begun_ms"),
            milliseconds(held.c.received).label("received_ms"),
            held.c.clip_class.in_(sorted(RECORDINGS)).label("recording"),
            seen.c.clip.label("reviewed"),
        )
        .select_from(held)
        .outerjoin(DutyRow, DutyRow.id == duty)
        .outerjoin(seen, seen.c.clip == held.c.id)
        .cte("with_duty")
        .prefix_with("MATERIALIZED")
    )


def _watched() -> Select[str | None]:
    """The clips that somebody other than their officer was given to watch.

    Officer numbers are compared as :func:`evidence.names.folded` does it, but for letters beyond
    ASCII, which the database may hold apart by their case.
    """
    own = or_(
        PersonRow.officer == ClipRow.officer,
        func.lower(func.trim(PersonRow.officer)) == ClipRow.officer_key,
    )
    return (
        select(EntryRow.clip.label("clip"))
        .join(ClipRow, ClipRow.id == EntryRow.clip)
        .outerjoin(PersonRow, and_(PersonRow.id == EntryRow.by, own))
        .where(EntryRow.kind == EntryKind.VIEWED.value, PersonRow.id.is_(None))
        .distinct()
    )


def _unit_of_incident(clip: ColumnElement[str]) -> ColumnElement[str | None]:
    """The unit of the first incident that *clip* is linked to, for clips of no known duty."""
    return (
        select(IncidentRow.unit)
        .join(LinkRow, LinkRow.incident == IncidentRow.id)
        .where(LinkRow.clip == clip, counts(), stands(), IncidentRow.unit.is_not(None))
        .order_by(IncidentRow.dispatched, IncidentRow.id)
        .limit(1)
        .scalar_subquery()
    )


def _is_linked(clip: ColumnElement[str]) -> ColumnElement[bool]:
    return exists(
        select(LinkRow.clip)
        .join(IncidentRow, IncidentRow.id == LinkRow.incident)
        .where(LinkRow.clip == clip, counts(), stands())
    )


def _is_marked(clip: ColumnElement[str], code: str) -> ColumnElement[bool]:
    return exists().where(
        MarkerRow.clip == clip, MarkerRow.code == code, MarkerRow.withdrawn_entry.is_(None)
    )


def _timeliness(held: CTE, delay: ColumnElement[int | None]) -> ColumnElement[str]:
    """Formula 4, in the order of :func:`evidence.statistics.verdicts.delay`."""
    return case(
        (~held.c.recording, Verdict.NOT_A_RECORDING.value),
        (held.c.acquisition == Acquisition.IMPORTED.value, Verdict.IMPORTED.value),
        (held.c.begun.is_(None), Verdict.NO_START.value),
        (delay.is_(None), Verdict.NO_END.value),
        else_=_met(delay <= int(TIMELY_WITHIN / _MS)),
    )


def _met(is_met: ColumnElement[bool]) -> ColumnElement[str]:
    return case((is_met, Verdict.MET.value), else_=Verdict.UNMET.value)


def _ids(held: CTE, *names: str) -> Select[*tuple[Any, ...]]:
    return select(held.c.id, *(held.c[name] for name in names))
