"""What every feed is: rows with their place, told in batches that may be told again.

The contract of an adapter: it yields what it was told, in order, and is told what became of it
only when that is durable.  Cut off before that, it yields the same again; so whatever is behind it
must take the same row twice without making two of anything.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from archive.catalogue.assignments import AssignmentTold, AssignmentWithdrawn
from archive.catalogue.duties import DutyTold, DutyWithdrawn
from archive.catalogue.feeds import RowProblem
from archive.catalogue.incidents import Told, Withdrawn
from archive.catalogue.noting import Outcome
from archive.catalogue.stays import StayTold, StayWithdrawn
from archive.catalogue.told_cases import CaseTold, CaseWithdrawn

Fact = (
    Told
    | Withdrawn
    | CaseTold
    | CaseWithdrawn
    | DutyTold
    | DutyWithdrawn
    | AssignmentTold
    | AssignmentWithdrawn
    | StayTold
    | StayWithdrawn
)
"""What one row tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A row as it was told."""

    row: int
    """Its line in the file, or its place in what was sent, from 1."""
    cells: Mapping[str, str]
    """Column, folded -> what stands there, without outer blanks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Rows that were told together."""

    rows: Iterable[Raw | RowProblem]
    """Read once, in order; a row that is no row is a problem at its place."""
    columns: tuple[str, ...] | None = None
    """The columns, folded, where a header names them for all rows."""
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A sheet, and where it came from."""

    source: str
    """File or address, so that a person finds the row."""
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a sheet says, right or wrong."""

    facts: tuple[tuple[int, Fact], ...]
    """Place of the row, and what it tells."""
    problems: tuple[RowProblem, ...]
    """At most one for each row, and one for all that are too many."""
    unused: int
    """How many rows could not be used, those too many included."""
    ignored_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a batch."""

    reading: Reading
    outcomes: Mapping[int, Outcome] = field(default_factory=dict)
    """Place of the row -> what became of it; a row that a later one replaced is ``same``."""

    @property
    def changed(self) -> int:
        """How many rows were new, other than before, or withdrawn."""
        return sum(each is not Outcome.SAME for each in self.outcomes.values())


class Adapter(Protocol):
    """A source of rows."""

    def batches(self) -> AsyncIterator[Batch]:
        """What was told and not taken yet; TemporaryError if it cannot be had now."""
        ...

    async def taken(self, batch: Batch, what: Taken) -> None:
        """*batch* is on record: it need not be told again."""
        ...


def unreadable(reason: str, *, encoding: str = "") -> Sheet:
    """The sheet of which no row can be read, and why."""
    return Sheet(rows=[RowProblem(row=0, reason=reason)], encoding=encoding)
