"""What a station asks and sends for the officer who stands at its board."""

from __future__ import annotations

from evidence.wire.message import Message


class KioskAsked(Message, frozen=True, kw_only=True):
    """POST /v1/kiosk/incidents: what was this officer sent to?"""

    officer: str
    since: str
    until: str
    """RFC 3339 UTC; no more than five days after *since*."""


class KioskIncident(Message, frozen=True, kw_only=True):
    """One dispatch of the officer; nothing of anybody."""

    incident: str
    number: str
    dispatched: str
    cleared: str
    call_type: str | None


class KioskIncidents(Message, frozen=True, kw_only=True):
    """The answer, in order of time."""

    incidents: list[KioskIncident]


class ChoiceShown(Message, frozen=True, kw_only=True):
    """What somebody said at a station's board of a clip."""

    id: str
    entry: int
    at: str
    """When the archive heard of it."""
    number: str | None
    """Of the event, if it was typed."""
    incident: str | None
    """Id of the incident, if it was chosen."""
    code: str | None
    """Of the marker, if it was one."""
    ended: str | None
    """What came of it: see :class:`archive.catalogue.choices.Ended`; None: it waits."""
