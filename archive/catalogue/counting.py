"""Which clips and incidents count for figures, for a query: said once, here."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from archive.catalogue.tables import ClipRow, IncidentRow
from evidence.clip import FOOTAGE, ClipState


def is_counted() -> ColumnElement[bool]:
    """Whether a clip counts: it shows or lets hear something, and was not disposed of."""
    return ClipRow.clip_class.in_(sorted(FOOTAGE)) & (ClipRow.state != ClipState.DISPOSED.value)


def stands() -> ColumnElement[bool]:
    """Whether an incident counts: the feed has not taken it back."""
    return IncidentRow.withdrawn_entry.is_(None)
