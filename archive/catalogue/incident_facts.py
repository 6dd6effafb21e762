"""What figures count of incidents: one row an incident, with its verdict, in the database."""

from __future__ import annotations

from sqlalchemy import CTE, and_, case, exists, func, select

from archive.catalogue.counting import is_counted, stands
from archive.catalogue.feed_tables import DutyRow
from archive.catalogue.linked import counts
from archive.catalogue.tables import ClipRow, IncidentRow, LinkRow
from evidence.clock import stamp
from evidence.statistics.periods import Span
from evidence.statistics.verdicts import Verdict


def of_span(span: Span) -> CTE:
    """The incidents dispatched in *span*, withdrawn ones too.

    Columns: ``id``, ``at``, ``officer_key``, ``officer``, ``unit``, ``coverage``.
    """
    covered = exists(
        select(LinkRow.clip)
        .join(ClipRow, ClipRow.id == LinkRow.clip)
        .where(LinkRow.incident == IncidentRow.id, counts(), is_counted())
    )
    on_duty = (
        select(DutyRow.unit)
        .where(
            DutyRow.officer_key == IncidentRow.officer_key,
            DutyRow.withdrawn_entry.is_(None),
            and_(DutyRow.since <= IncidentRow.dispatched, DutyRow.until > IncidentRow.dispatched),
        )
        .order_by(DutyRow.since.desc(), DutyRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            IncidentRow.id,
            IncidentRow.dispatched.label("at"),
            IncidentRow.officer_key,
            IncidentRow.officer,
            func.coalesce(IncidentRow.unit, on_duty).label("unit"),
            case(
                (~stands(), Verdict.WITHDRAWN.value),
                (covered, Verdict.MET.value),
                else_=Verdict.UNMET.value,
            ).label("coverage"),
        )
        .where(
            IncidentRow.dispatched >= stamp(span.since), IncidentRow.dispatched < stamp(span.until)
        )
        .cte("incident_facts")
        .prefix_with("MATERIALIZED")
    )
