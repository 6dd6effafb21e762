"""Step 12: what was selected is all that the log knows of it.

One rule: completeness is shown from the log, or not at all.  A whole package brings the whole log,
so that it can be counted; what a selection by its content claims, only the log can show.
"""

from __future__ import annotations

from evidence.custody import EntryKind
from evidence.package import Selection, Statement
from evidence.verification.case import Case
from evidence.verification.proven import Proven
from evidence.verification.verdict import DONE, Ending, Open, impossible, waits


def check_completeness(case: Case, step: Open) -> Ending:
    """Step 12."""
    if case.statement is None or case.proven is None:
        return impossible("without a statement nothing says what was selected")
    for clip in case.statement.clips:
        step.checked += 1
        if clip.without == "left out":
            step.found(clip.clip, "its original was left out of the package")
    match case.statement.selection.kind:
        case "all":
            _check_all(case.statement, case.proven, step)
        case "clips":
            _check_ids(case.statement.selection, case.statement, step)
        case kind:
            return waits(f"a selection by {kind} shows no completeness in this version")
    return DONE


def _check_all(statement: Statement, proven: Proven, step: Open) -> None:
    """Every clip that was archived when the selection was made is listed, with all its entries."""
    listed = {clip.clip: clip for clip in statement.clips}
    archived: set[str] = set()
    entries = set(proven.kinds.get(EntryKind.ARCHIVED.value, ()))
    for name, indexes in proven.clips.items():
        known = [index for index in indexes if index < statement.size]
        if not entries.intersection(known):
            continue
        archived.add(name)
        if name not in listed:
            step.found(name, "the log knows this clip, and the package does not hold it")
        elif listed[name].entries != known:
            step.found(name, "the statement does not list all entries about it")
    for name in sorted(listed.keys() - archived):
        step.found(name, "the log did not know this clip when the selection was made")


def _check_ids(selection: Selection, statement: Statement, step: Open) -> None:
    wanted, held = set(selection.clips), {clip.clip for clip in statement.clips}
    for name in sorted(wanted - held):
        step.found(name, "was selected, and the package does not hold it")
    for name in sorted(held - wanted):
        step.found(name, "is in the package, and was not selected")
