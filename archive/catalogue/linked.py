"""Which links count, for every question that goes by links."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from archive.catalogue.tables import LinkRow
from evidence.linking import COUNTS

_COUNTS = sorted(COUNTS)


def counts() -> ColumnElement[bool]:
    """Whether the link of a row of links counts: the rule is sure of it, or a person is."""
    return LinkRow.standing.in_(_COUNTS)
