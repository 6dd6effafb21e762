"""The service itself."""

from __future__ import annotations

from evidence.wire.message import Message


class Health(Message, frozen=True, kw_only=True):
    """GET /v1/health: whether the archive does its work, without telling about evidence."""

    status: str
    """``ok``, or ``failing`` while background work or intake is stopped or tried again."""
    entries: int
    """Custody entries committed."""
    sequenced: int
    """Custody entries under the published checkpoint."""
    problems: int
    """For a person in charge to look at: copies in the vault that were not accepted or failed a
    fixity round, what the second vault lacks, why intake is stopped, and renditions that are not
    what their original holds."""
