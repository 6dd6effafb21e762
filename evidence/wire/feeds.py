"""Feeds: rows that other systems push, and what people see of how feeds are."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from evidence.wire.message import Message


class RowsPushed(Message, frozen=True, kw_only=True):
    """POST /v1/feeds/rows, with a header ``Idempotency-Key``: name of a column -> its value."""

    rows: Annotated[list[Any], Meta(min_length=1, max_length=1000)]
    """Each a JSON object; one that is none is a row that cannot be used."""


class RowTaken(Message, frozen=True, kw_only=True):
    """What became of one row."""

    row: int
    """Its place, from 1; 0: of rows that are too many to be named."""
    outcome: str
    """``new``, ``changed``, ``withdrawn``, ``same`` or ``unused``."""
    field: str = ""
    """Of an unused row: the column that is wrong, if it is a single one,"""
    reason: str = ""
    """and why."""


class RowsTaken(Message, frozen=True, kw_only=True):
    """The answer to a push."""

    feed: str
    used: int
    unused: int
    rows: list[RowTaken]


class FeedShown(Message, frozen=True, kw_only=True):
    """How one feed is."""

    name: str
    kind: str
    how: str
    source: str
    """Where it comes from: a path or an address; empty: it is pushed."""
    heard: str | None
    """When it last told anything."""
    used: int
    """Rows that it ever told and that were used, told again or not,"""
    unused: int
    """and that could not be."""
    open_problems: int
    """Rows that cannot be used as it stands now."""
    problem: str
    """Why nothing can be had of it now; empty: something can."""
    ignored_columns: list[str] = []
    """Columns that are no field of ours, of the files that were read."""


class RowProblemShown(Message, frozen=True, kw_only=True):
    """A row that could not be used."""

    feed: str
    source: str
    row: int
    """Its line or place, from 1; 0: the whole."""
    field: str
    reason: str


class GapShown(Message, frozen=True, kw_only=True):
    """Event numbers that no feed told, from *first* to *last*."""

    first: str
    last: str
    missing: int


class FeedPage(Message, frozen=True, kw_only=True):
    """GET /v1/feeds."""

    feeds: list[FeedShown]
    problems: list[RowProblemShown]
    """The first of all of them."""
    gaps: list[GapShown]
