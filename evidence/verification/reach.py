"""How far a package reaches: up to which entry and moment it can be complete.

One rule: a statement is of the moment at which it was made.  One that is old, or that counts the
log only to where it suits, is no statement about the log of today, and is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from evidence.census import Census
from evidence.clock import unstamp
from evidence.custody import EntryKind
from evidence.errors import LogBroken
from evidence.package import Statement
from evidence.verification import facts
from evidence.verification.case import Case
from evidence.verification.proven import Proven
from evidence.verification.verdict import Open

SOON = timedelta(minutes=15)
"""What belongs to one export lies no further apart, where nothing long comes between."""
LONGEST = timedelta(days=1)
"""Between the selection and its ``export`` entry the archive looks for every original."""
MOST_BEHIND = 1000
"""So many entries may come in while a census is counted and before it is on record."""


def check_moment(case: Case, statement: Statement, proven: Proven, exported: int) -> None:
    """The statement was made when its ``export`` entry was; LogBroken else, or if it is not fresh.

    Its time is the archive's own word; the entry's is in the log, where witnesses saw it grow.
    """
    made, taken_out = unstamp(statement.made), _at(proven, exported)
    if not made - SOON <= taken_out <= made + LONGEST:
        raise LogBroken(f"says it was made at {statement.made}; it was taken out at {taken_out}")
    hours = case.brought.fresh_hours
    if hours is not None and case.brought.now - taken_out > timedelta(hours=hours):
        raise LogBroken(f"it was taken out at {taken_out}, more than {hours} hours ago")


def check_later(statement: Statement, proven: Proven, exported: int, step: Open) -> str:
    """Name the clips of a whole log that the statement should have counted; how far it reaches."""
    made, taken_out, meanwhile = unstamp(statement.made), _at(proven, exported), 0
    for index in proven.kinds.get(EntryKind.ARCHIVED.value, ()):
        if index < statement.size:
            continue
        at = _at(proven, index)
        if at < made - SOON:
            step.found(f"entry {index}", "a clip came in before the package was made; it is left")
        elif index > exported and at > taken_out + SOON:
            step.found(f"entry {index}", "a clip came in later: an old statement in a newer log")
        else:
            meanwhile += 1
    more = f"; {meanwhile} clips came in while it was made" if meanwhile else ""
    return f"complete up to entry {statement.size} of the log, {statement.made}{more}"


def check_recent(statement: Statement, proven: Proven, censuses: Mapping[int, Census]) -> None:
    """The last census was taken for this export, of the log as it was; LogBroken if not."""
    last = max(censuses)
    at = _at(proven, last)
    if at < unstamp(statement.made) - SOON:
        raise LogBroken(f"the last census is of {at}, the package of {statement.made}: one is left")
    if last - censuses[last].end > MOST_BEHIND:
        raise LogBroken(f"the census in entry {last} counts only up to {censuses[last].end}")


def _at(proven: Proven, index: int) -> datetime:
    """When an entry was written, by the archive's clock."""
    return unstamp(msgspec.json.decode(proven.raw(index), type=facts.Recorded).at)
