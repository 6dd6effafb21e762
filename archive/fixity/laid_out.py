"""Step 5: what cases name, laid out to be joined with, held against the rows of the cases."""

from __future__ import annotations

from collections.abc import Mapping

from archive.catalogue.stored import Row
from archive.catalogue.told_cases import numbers_in
from archive.fixity import Finding
from archive.fixity.record import Record
from archive.fixity.rows import compared

_TABLE = "case_incident"


async def laid_out(record: Record) -> list[Finding]:
    """What of ``case_incident`` is not what cases that stand name.

    It is read before the cases are, so that one that comes meanwhile is among these.
    """
    held, unreadable = await _all(record, _TABLE, "case_id")
    cases, lost = await _all(record, "police_case", "id")
    if unreadable or lost:
        return [*unreadable, *lost]
    ids = {str(row["number"]): str(row["id"]) for row in cases}
    wanted: dict[str, Row] = {}
    for case in cases:
        if case["withdrawn_entry"] is None:
            for event in numbers_in(str(case["incidents"])):
                wanted[f"{case['id']} {event}"] = {"by_entry": case["by_entry"]}
    there = {_subject(row, ids): row for row in held}
    return [
        finding
        for subject in sorted(wanted.keys() | there.keys())
        for finding in compared(_TABLE, subject, wanted.get(subject), there.get(subject))
    ]


def _subject(row: Row, ids: Mapping[str, str]) -> str:
    """Whose row it is: the case by its id, which entries name, where there is one."""
    return f"{ids.get(str(row['case_id']), row['case_id'])} {row['number']}"


async def _all(record: Record, table: str, column: str) -> tuple[list[Row], list[Finding]]:
    keys, lost = await record.keys(table, column, [])
    rows, unreadable = await record.rows(table, column, list(dict.fromkeys(keys)))
    return rows, [*lost, *unreadable]
