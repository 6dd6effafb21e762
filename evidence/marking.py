"""Markers: what a person says that a clip shows, at a moment of it or as a whole.

A kind is a code, and codes are data: they name what happened, nobody's name and no place, so they
may stand in the log.  A marker is somebody's word: it changes nothing in the clip and no date.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

CODES: Mapping[str, tuple[str, str]] = {
    "identity-shown": ("Identity shown", "表明身份"),
    "rights-told": ("Rights told", "告知权利义务"),
    "use-of-force": ("Use of force", "使用武力"),
    "weapon": ("Weapon", "武器或警械"),
    "injury": ("Injury", "人员受伤"),
    "refusal": ("Refusal", "拒绝配合"),
    "handover": ("Handover", "移交"),
    "look-here": ("Look here", "请看此处"),
}
"""Code -> its words in English and in Chinese."""
LONGEST = timedelta(days=7)
"""No clip is longer; a moment beyond that is a mistake."""
SLACK_MS = 1000
"""A player rounds: a moment may lie so far behind the end of a rendition."""


def problem(code: str, at_ms: int | None, length_ms: int | None) -> str | None:
    """What is wrong with a marker *code* at *at_ms* (None: the whole clip); None if nothing is.

    *length_ms*: of the clip, where it is known.
    """
    if code not in CODES:
        return f"code: {code[:40]!r} is none of {', '.join(CODES)}"
    if at_ms is None:
        return None
    end = LONGEST / timedelta(milliseconds=1) if length_ms is None else length_ms + SLACK_MS
    if not 0 <= at_ms <= end:
        return f"at_ms: {at_ms} does not lie within the clip (0 to {int(end)})"
    return None
