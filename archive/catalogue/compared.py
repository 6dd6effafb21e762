"""The rows behind the figures of a span, one by one: to be held against what the log tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from archive.catalogue import clip_facts, entries, incident_facts
from archive.catalogue.catalogue import Transaction
from evidence.statistics.periods import Span
from evidence.statistics.verdicts import MARKED, Measure, Verdict

TOLD = (Measure.LINK, Measure.CATEGORY, Measure.REVIEW, *MARKED)
"""The measures of clips that entries tell; no entry tells a length, so no delay either."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One clip, or one incident, as figures count it."""

    officer: str | None
    """Folded."""
    size: int
    """Bytes; 0 for an incident."""
    verdicts: Mapping[Measure, Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the tables say."""

    clips: Mapping[str, Counted]
    incidents: Mapping[str, Counted]
    entries: int
    """How many entries there were then."""


def held(tx: Transaction, span: Span) -> Held:
    """All that figures of *span* count."""
    clips, incidents = clip_facts.of_span(span), incident_facts.of_span(span)
    return Held(
        clips={
            row.id: Counted(
                row.officer_key,
                row.size,
                {each: Verdict(getattr(row, each.value)) for each in TOLD},
            )
            for row in tx.session.execute(select(clips))
        },
        incidents={
            row.id: Counted(row.officer_key, 0, {Measure.COVERAGE: Verdict(row.coverage)})
            for row in tx.session.execute(select(incidents))
        },
        entries=entries.count(tx),
    )
