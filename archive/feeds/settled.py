"""What rows told together come to: the last word on each thing, so that telling all again is quiet.

Without this, a file that corrects or withdraws a row of its own would put both on record whenever
it is read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from archive.catalogue.assignments import AssignmentTold, AssignmentWithdrawn
from archive.catalogue.duties import DutyTold, DutyWithdrawn
from archive.catalogue.incidents import Told, Withdrawn
from archive.catalogue.stays import StayTold, StayWithdrawn
from archive.catalogue.told_cases import CaseTold, CaseWithdrawn
from archive.feeds.contract import Fact
from evidence.names import folded

Placed = tuple[int, Fact]


def settled(facts: Sequence[Placed]) -> tuple[Placed, ...]:
    """Of *facts*, in the order told, those that no later one replaces; dispatches are counted."""
    last: dict[tuple[object, ...], Placed] = {}
    told_again: dict[str, set[tuple[str, int]]] = {}
    for place, each in reversed(_counted(facts)):
        about = _about(each)
        if about in last or (isinstance(each, Told) and _gone_after(each, last)):
            continue
        if isinstance(each, Told):
            told_again.setdefault(each.number, set()).add((folded(each.officer), each.nth))
        elif isinstance(each, Withdrawn):
            each = replace(each, but=frozenset(told_again.get(each.number, ())))  # noqa: PLW2901
        last[about] = (place, each)
    return tuple(sorted(last.values(), key=lambda placed: placed[0]))


def _counted(facts: Sequence[Placed]) -> list[Placed]:
    """Each officer's dispatches to one event that have no number, counted in order of time.

    Nobody is dispatched twice at one moment: the later of two such rows corrects the other.
    """
    uncounted = [each for _, each in facts if isinstance(each, Told) and each.nth == 0]
    count: Counter[tuple[str, str]] = Counter()
    nth: dict[Told, int] = {}
    starts: dict[tuple[object, ...], int] = {}
    for each in sorted(uncounted, key=lambda told: told.dispatched):
        part = (each.number, folded(each.officer))
        if (begun := (*part, each.dispatched)) not in starts:
            count[part] += 1
            starts[begun] = count[part]
        nth[each] = starts[begun]
    return [
        (place, replace(each, nth=nth[each]) if isinstance(each, Told) and each in nth else each)
        for place, each in facts
    ]


def _about(each: Fact) -> tuple[object, ...]:
    """What tells of the same thing has the same."""
    match each:
        case Told():
            return (each.number, folded(each.officer), each.nth)
        case Withdrawn():
            officer = None if each.officer is None else folded(each.officer)
            if officer is not None and each.nth is not None:
                return (each.number, officer, each.nth)
            return (each.number, officer, each.nth, each.dispatched)
        case CaseTold() | CaseWithdrawn():
            return (each.number,)
        case DutyTold() | DutyWithdrawn() | AssignmentTold() | AssignmentWithdrawn():
            return (each.reference,)
        case StayTold() | StayWithdrawn():
            return (each.reference,)
        case _:
            assert_never(each)


def _gone_after(told: Told, last: dict[tuple[object, ...], Placed]) -> bool:
    """Whether a row that came after *told* withdraws it with others."""
    officer = folded(told.officer)
    ways = [
        (told.number, who, nth, when)
        for who in (None, officer)
        for nth in (None, told.nth)
        for when in (None, told.dispatched)
    ]
    return any(way in last for way in ways)
