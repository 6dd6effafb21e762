"""What a dispatch window may be."""

from __future__ import annotations

from datetime import datetime, timedelta

LONGEST_WINDOW = timedelta(hours=8)
"""A window this long is a feed error (an incident never cleared), not a fact to link by."""


def window_problem(dispatched: datetime, cleared: datetime) -> str | None:
    """What is wrong with a dispatch window, in words, or None."""
    if cleared <= dispatched:
        return "cleared is not after dispatched"
    if cleared - dispatched >= LONGEST_WINDOW:
        return f"window of {cleared - dispatched} is not shorter than {LONGEST_WINDOW}"
    return None
