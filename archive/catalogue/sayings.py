"""What people say for the record, and take back: rows whose texts their entries only commit to.

One row is one saying (a hold, the closing of a case): a first entry makes it, and a later one may
end it.  Rows, openings, fsck and rebuild all go by the table here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evidence.custody import EntryKind

Columns = tuple[str, str]
"""The column of a text, and that of its salt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One kind of entry of such a row."""

    table: str
    """Its table; entries name the row's id in a field called so."""
    column: str
    """The column that holds this entry's log index."""
    texts: Mapping[str, Columns]
    """What the entry commits to -> where the row holds it."""
    ends: bool = False
    """Whether it ends what an entry before it began."""


SAYINGS: Mapping[EntryKind, Saying] = {
    EntryKind.HOLD_SET: Saying(
        table="hold",
        column="by_entry",
        texts={"authority": ("authority", "authority_salt"), "reason": ("reason", "reason_salt")},
    ),
    EntryKind.HOLD_LIFTED: Saying(
        table="hold",
        column="lifted_entry",
        texts={"lift_reason": ("lift_reason", "lift_salt")},
        ends=True,
    ),
    EntryKind.CASE_CLOSED: Saying(
        table="closing",
        column="by_entry",
        texts={"case": ("case_id", "case_salt"), "reason": ("reason", "reason_salt")},
    ),
    EntryKind.CASE_REOPENED: Saying(
        table="closing",
        column="reopened_entry",
        texts={"reopen_reason": ("reopen_reason", "reopen_salt")},
        ends=True,
    ),
}
TABLES = tuple(dict.fromkeys(each.table for each in SAYINGS.values()))


def texts_of(table: str) -> Mapping[str, Columns]:
    """Every text of a row of *table*, by what its entries commit to."""
    return {
        name: columns
        for each in SAYINGS.values()
        if each.table == table
        for name, columns in each.texts.items()
    }


def ending_of(table: str) -> Saying:
    """The kind of entry that ends a row of *table*."""
    return next(each for each in SAYINGS.values() if each.table == table and each.ends)
