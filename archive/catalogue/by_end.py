"""The clips in the order in which their time ends, page by page.

One rule: a page begins behind the last clip of the one before, by an index; it is never counted off
from the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import ColumnElement, tuple_

from archive.catalogue.tables import ClipRow


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which clip a page begins; written ``DATE CLIP``, empty for the first page."""

    until: str = ""
    clip: str = ""

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that :meth:`behind` wrote."""
        until, _, clip = text.partition(" ")
        return cls(until, clip)

    @staticmethod
    def behind(rows: Sequence[ClipRow], most: int) -> str | None:
        """The next page's, if these are all of *most* that were asked for; None: the last page."""
        return f"{rows[-1].retain_until} {rows[-1].id}" if len(rows) == most else None

    @property
    def is_ahead(self) -> ColumnElement[bool]:
        """Whether a row of clips comes behind it, for a query."""
        return tuple_(ClipRow.retain_until, ClipRow.id) > (self.until, self.clip)


ORDER = (ClipRow.retain_until, ClipRow.id)
"""What such a page is ordered by."""
