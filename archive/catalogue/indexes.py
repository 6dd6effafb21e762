"""Indexes of a few rows among very many: clips that are not gone, proposals that stand.

One rule: a query finds its rows by such an index only if it says the same in the same words, so the
words are here, for tables and queries alike.
"""

from __future__ import annotations

from sqlalchemy import Index, text

LIVE = "state != 'DISPOSED'"
"""Of rows of clips: those that are not gone."""
UNTAGGED = f"categories IS NULL AND {LIVE}"
"""Of rows of clips: those of which nobody has said what they are, while there was time."""
OPEN = "ended_entry IS NULL"
"""Of rows of proposals: those that stand."""
PROPOSED = "standing = 'proposed'"
"""Of rows of links: those that people have to decide."""


def partial(name: str, *columns: str, of: str) -> Index:
    """An index of the rows *of* which that is so."""
    return Index(name, *columns, sqlite_where=text(of), postgresql_where=text(of))
