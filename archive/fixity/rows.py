"""Steps 4 and 5: rows held against what the true entries say of one clip."""

from __future__ import annotations

from collections.abc import Sequence

from archive.catalogue.stored import Row
from archive.fixity import ROWS, Finding, Step
from archive.fixity.record import Record, subject_of
from archive.fixity.told import Told, differing

NO_ENTRY = "has no entry that made it"


def compared(table: str, subject: str, wanted: Row | None, held: Row | None) -> list[Finding]:
    """What is wrong with one row, given what it must be."""
    if wanted is None:
        return [wrong(table, subject, NO_ENTRY)]
    if held is None:
        return [wrong(table, subject, "is missing, though its entry is there")]
    names = differing(wanted, held)
    if not names:
        return []
    return [wrong(table, subject, f"{', '.join(names)}: not what the log says")]


async def clip_rows(record: Record, told: Sequence[Told]) -> list[Finding]:
    """Step 4 and a part of 5: the rows of these clips, and all that hangs on them."""
    ids = [each.id for each in told]
    found: list[Finding] = []
    tables: dict[str, list[Row]] = {}
    for table in ("clip", "rendition", "derived", "look", "link", "copy", "legal_hold"):
        column = "id" if table == "clip" else "clip"
        tables[table], unreadable = await record.rows(table, column, ids)
        found += unreadable
    silent = {(finding.component, finding.subject.split(" ")[-1]) for finding in found}
    for table, held in tables.items():
        wanted = {subject_of(table, row): row for each in told for row in _wanted(table, each)}
        there = {subject_of(table, row): row for row in held}
        for subject in sorted(wanted.keys() | there.keys()):
            if (ROWS[table], subject.split(" ")[0]) not in silent:
                found += compared(table, subject, wanted.get(subject), there.get(subject))
    return found


def _wanted(table: str, told: Told) -> Sequence[Row]:
    if table == "derived":
        return list(told.derived.values())
    if table == "link":
        return list(told.links.values())
    if table == "legal_hold":
        return list(told.legal_holds.values())
    single = {
        "clip": told.clip,
        "rendition": told.rendition,
        "look": told.look,
        "copy": told.copy,
    }
    row = single[table]
    return [row] if row else []


def wrong(table: str, subject: str, problem: str) -> Finding:
    """That the row *subject* of *table* is wrong, and how."""
    step = Step.CLIPS if table == "clip" else Step.ROWS
    return Finding(step=step, component=ROWS[table], subject=subject, problem=problem)
