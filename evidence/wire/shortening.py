"""Footage that is to be kept for less: what the law in force would allow, and who wants it."""

from __future__ import annotations

from evidence.wire.message import Message


class ShorterShown(Message, frozen=True, kw_only=True):
    """A clip that would be kept for less."""

    clip: str
    now: str
    """Until when it is kept; 9999-12-31: for ever."""
    now_rule: str
    then: str
    """Until when it would be."""
    then_rule: str


class ImpactPage(Message, frozen=True, kw_only=True):
    """GET /v1/retention/impact, and of one list GET /v1/proposals/{proposal}/impact."""

    sha256: str
    """Of the whole list: whoever proposes it names it, and whoever approves sees it."""
    law: int
    """Log index of the ``law.publish`` entry by which it was worked out."""
    count: int
    """How many clips the whole list has."""
    clips: list[ShorterShown]
    next: str | None = None
    """``after`` of the next page; None: this is the last."""


class ShorteningWanted(Message, frozen=True, kw_only=True):
    """POST /v1/retention/shortening."""

    impact: str
    """SHA-256 of the list as it was shown."""
    reason: str


class ClipShorteningWanted(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/shortening."""

    categories: list[str]
    """What the clip is to be."""
    reason: str
