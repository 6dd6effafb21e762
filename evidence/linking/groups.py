"""The cameras of one event: which of its clips were recorded at the same time and place.

Derived whenever it is asked for: it follows from the links and from what the clips tell.
"""

from __future__ import annotations

from collections.abc import Iterable

from evidence.linking.facts import ClipSpan
from evidence.linking.places import metres
from evidence.linking.recordings import ends

TOGETHER = 300
"""Metres within which two cameras are at one place: two fixes of a street canyon and a corner."""


def groups(clips: Iterable[ClipSpan]) -> list[tuple[ClipSpan, ...]]:
    """The clips of an event, as groups of at least two cameras that saw the same; by time.

    Two clips of different cameras belong together if they overlap in time and no two places say
    otherwise; whoever belongs to one of a group belongs to the group.
    """
    found: list[list[ClipSpan]] = []
    for clip in sorted(clips, key=lambda each: (each.begin, each.clip)):
        joined = [group for group in found if any(_together(clip, other) for other in group)]
        rest = [group for group in found if group not in joined]
        found = [*rest, [*(each for group in joined for each in group), clip]]
    several = [group for group in found if len({each.camera for each in group}) > 1]
    ordered = [tuple(sorted(group, key=lambda each: (each.begin, each.clip))) for group in several]
    return sorted(ordered, key=lambda group: (group[0].begin, group[0].clip))


def _together(one: ClipSpan, other: ClipSpan) -> bool:
    if one.camera == other.camera:
        return False
    if one.begin > ends(other) or other.begin > ends(one):
        return False
    if one.place is None or other.place is None:
        return True
    return metres(one.place, other.place) <= TOGETHER
