"""Markers: what people say that a clip shows (:mod:`evidence.marking`)."""

from __future__ import annotations

from evidence.wire.message import Message


class MarkerWanted(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/markers."""

    code: str
    """One of :data:`evidence.marking.CODES`."""
    at_ms: int | None = None
    """From the beginning of its rendition; None: the clip as a whole."""
    note: str = ""
    """In words; only committed to."""


class MarkerShown(Message, frozen=True, kw_only=True):
    """A marker; withdrawn ones stay."""

    id: str
    entry: int
    at: str
    """When it was said."""
    code: str
    at_ms: int | None
    note: str | None
    by: str
    """Id of the person, or of the station at whose board it was said."""
    by_name: str
    withdrawn: str | None
    """When it was; None: it stands."""
    withdrawn_by_name: str | None
