"""Which links count, for every question that goes by links."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

from archive.catalogue.tables import LinkRow
from evidence.linking import COUNTS, Standing

_COUNTS = sorted(COUNTS)


def counts() -> ColumnElement[bool]:
    """Whether the link of a row of links counts: the rule is sure of it, or a person is."""
    return LinkRow.standing.in_(_COUNTS)


def is_proposed() -> ColumnElement[bool]:
    """Whether people have to decide about it, for a query that an index of those alone answers."""
    return LinkRow.standing == literal_column(f"'{Standing.PROPOSED.value}'")
