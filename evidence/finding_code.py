"""What kinds of things findings are about: a closed list, since a code stands in the clear.

One rule: what a person can write freely is a commitment in the log; so a code is chosen, and those
of the product and of sheets are not a person's to choose.
"""

from __future__ import annotations

import re
from typing import Final

MISSING, LATE = "coverage.missing", "coverage.late"
"""A recording lacks; it was docked too late."""
NUMBERS, UNDOCKED, WAITING = "coverage.numbers", "coverage.undocked", "coverage.waiting"
"""Numbers lack; a camera has not come back; a listed clip was never archived."""
ROOM_GAP, ROOM_LATE = "coverage.room-gap", "coverage.room-late"
"""A stay has a time that nothing shows or explains; its recordings came too late."""
OURS: Final = (MISSING, LATE, NUMBERS, UNDOCKED, WAITING, ROOM_GAP, ROOM_LATE)
"""What the archive opens by itself."""
CHOSEN: Final = (
    "access",
    "conduct",
    "equipment",
    "footage.misfiled",
    "footage.unusable",
    "incident.no-footage",
    "other",
)
"""What a person may open one about."""
SHEET: Final = "sheet."
"""What the code begins with of one that a sheet opened; the point's id follows."""
_POINT = re.compile(r"[a-z][a-z0-9-]{0,62}")


def is_code(code: str) -> bool:
    """Whether a finding may have it."""
    if code.startswith(SHEET):
        return _POINT.fullmatch(code.removeprefix(SHEET)) is not None
    return code in OURS or code in CHOSEN
