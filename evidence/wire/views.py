"""Watching: each is on record before it is answered."""

from __future__ import annotations

from evidence.wire.message import Message, WireRequest


class WatchRequest(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/views: committed as a ``view`` entry before it is answered."""

    reason: str | None = None


class WatchGrant(Message, frozen=True, kw_only=True):
    """name of the rendition's object -> a GET of it, good for a short while."""

    entry: int
    expires: str
    objects: dict[str, WireRequest]


class ThumbnailsWanted(Message, frozen=True, kw_only=True):
    """POST /v1/thumbnails: one ``view.list`` entry names all clips."""

    clips: list[str]


class ThumbnailGrant(Message, frozen=True, kw_only=True):
    """clip id -> a GET of its thumbnail."""

    entry: int
    objects: dict[str, WireRequest]
