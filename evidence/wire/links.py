"""Links of clips and incidents, whatever they are worth, and the cameras of one event."""

from __future__ import annotations

from evidence.wire.message import Message


class LinkPart(Message, frozen=True, kw_only=True):
    """One reason of a link: see :class:`evidence.linking.PartCode`."""

    code: str
    points: int
    value: int
    """Seconds, metres, or how many."""


class LinkShown(Message, frozen=True, kw_only=True):
    """That a clip belongs to an incident, may, or does not, and why."""

    incident: str
    number: str
    """Of the event."""
    standing: str
    """``proposed``, ``automatic``, ``confirmed`` or ``rejected``: the second and third count."""
    reason: str
    seconds_outside: int
    points: int
    parts: list[LinkPart]
    """All that gave or took points when the rule last had the say; empty: it never had."""
    entry: int
    """Log index of what made it so."""
    case: str | None = None
    call_type: str | None = None


class GroupedClip(Message, frozen=True, kw_only=True):
    """A clip of a group."""

    clip: str
    camera: str
    officer: str | None
    begins: str
    """On the station's clock."""


class EventGroups(Message, frozen=True, kw_only=True):
    """GET /v1/groups?event=NUMBER: its clips that several cameras saw at one time and place."""

    event: str
    groups: list[list[GroupedClip]]
