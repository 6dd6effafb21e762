"""How a camera cuts one long recording into several files, as a profile writes it down.

One rule: either the name counts the parts, or the camera cuts after a fixed time and the name tells
when each part began.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from station.profile.table import Table

COUNTED = frozenset({"recording", "part"})
TIMED = frozenset({"date", "time"})


class Segments(Table, frozen=True):
    """[segments]: which files are parts of one recording."""

    pattern: Annotated[str, msgspec.Meta(max_length=500)]
    """Regular expression searched in the file's name; a file without it is whole by itself.

    Its groups are ``recording`` and ``part``, the part a number; or ``date`` and ``time``.
    """
    first: Annotated[int, msgspec.Meta(ge=0, le=1)] | None = None
    """Number of a recording's first part; unset: not known, and its lack is not told."""
    every_seconds: Annotated[int, msgspec.Meta(ge=10, le=86_400)] | None = None
    """After so long the camera begins a new file; with ``date`` and ``time`` only."""

    @property
    def is_counted(self) -> bool:
        """Whether the name counts the parts."""
        return self.every_seconds is None

    @property
    def groups(self) -> frozenset[str]:
        """What the pattern must name."""
        return COUNTED if self.is_counted else TIMED
