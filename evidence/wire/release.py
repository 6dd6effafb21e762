"""Release: what a station asks of the archive before it lets a camera forget."""

from __future__ import annotations

from evidence.wire.message import Message


class ReleaseWanted(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/release: read your copy back whole, now, and say so in the log."""

    challenge: str
    """32 hexadecimal digits nobody used before: the entry repeats them, so no old one will do."""


class ReleaseGranted(Message, frozen=True, kw_only=True):
    """The answer to ReleaseWanted: the archive vouched for its copy just now."""

    clip: str
    entry: int
    """Log index of the ``release.grant`` entry."""
    entry_text: str
    """That entry, byte for byte; GET /v1/clips/{clip}/receipts/{entry} proves it."""
