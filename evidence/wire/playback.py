"""Verifying what is watched, and telling when it was refused."""

from __future__ import annotations

from evidence.wire.message import Message


class ProvenEntry(Message, frozen=True, kw_only=True):
    """One custody entry of a clip's chain, with its proof."""

    link: str
    """``dock``, ``archive``, ``compared`` or ``derived``."""
    index: int
    text: str
    """The leaf, byte for byte."""
    receipt: str | None
    """Its C2SP tlog-proof; null while it is not under a checkpoint."""


class Provenance(Message, frozen=True, kw_only=True):
    """GET /v1/clips/{clip}/provenance: from the camera to the rendition, entry by entry."""

    log_key: str
    """The log's verifier key (C2SP); whoever checks pins one of their own."""
    entries: list[ProvenEntry]


class PlaybackRefusal(Message, frozen=True, kw_only=True):
    """POST /v1/clips/{clip}/refusals: a player was given bytes that are not those on record."""

    object: str
    offset: int
    length: int
    """The byte range that was asked for."""
    received: int
    """Bytes that came."""
    expected: str
    """Their SHA-256 by the record."""
    found: str
    """Their SHA-256 as they came."""


class PlaybackRefused(Message, frozen=True, kw_only=True):
    """*entry* is the log index of the ``view.refused`` entry."""

    entry: int
