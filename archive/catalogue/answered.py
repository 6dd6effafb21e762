"""Which findings about what lacks the record has answered, and in what words.

One rule: nothing is answered because it is not looked at any more.  What cannot be seen now (its
clips were destroyed, or are gone from the list) stays open for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from archive.catalogue.catalogue import Transaction
from archive.catalogue.coverage import Covered, of_incidents
from archive.catalogue.lacking import subject_of_camera, subject_of_gap, subject_of_part
from archive.catalogue.review_tables import FindingRow
from archive.catalogue.tables import ClipRow, IncidentRow, OfferRow
from archive.catalogue.withheld import DockTerms, cameras, numbers
from evidence.clip import ClipState
from evidence.coverage import Outcome, Terms
from evidence.finding_code import LATE, MISSING, NUMBERS, UNDOCKED, WAITING

_EVER = datetime(1, 1, 1, tzinfo=UTC)


def answered(
    tx: Transaction, rows: Sequence[FindingRow], terms: Terms, docking: DockTerms
) -> dict[str, str]:
    """Finding -> why the record answers it, of open ones; those that it does not are left out."""
    of_code = {row.code: [each for each in rows if each.code == row.code] for row in rows}
    found = _recordings(tx, [*of_code.get(MISSING, ()), *of_code.get(LATE, ())], terms)
    found |= _numbers(tx, of_code.get(NUMBERS, ()))
    if theirs := of_code.get(UNDOCKED, ()):
        still = {subject_of_camera(each) for each in cameras(tx, docking)}
        why = "The camera was docked, or is no longer issued to that officer."
        found |= {row.id: why for row in theirs if row.subject not in still}
    for row in of_code.get(WAITING, ()):
        clip = str(row.source)
        if tx.session.get(OfferRow, clip) is None and tx.session.get(ClipRow, clip) is not None:
            found[row.id] = f"It is archived: {clip}."
    return found


def _recordings(tx: Transaction, rows: Sequence[FindingRow], terms: Terms) -> dict[str, str]:
    ids = sorted({str(row.source) for row in rows})
    parts = of_incidents(tx, ids, terms)
    found = {}
    for row in rows:
        part = parts.get(str(row.source))
        why = _gone(tx, str(row.source)) if part is None else _why(row, part)
        if why is not None:
            found[row.id] = why
    return found


def _gone(tx: Transaction, incident: str) -> str | None:
    row = tx.session.get(IncidentRow, incident)
    is_withdrawn = row is not None and row.withdrawn_entry is not None
    return "The dispatch system withdrew the incident." if is_withdrawn else None


def _why(row: FindingRow, part: Covered) -> str | None:
    """Why the finding about a recording is answered; that it came late is for people to answer."""
    judged = [each for each in part.judged if subject_of_part(part, each) == row.subject]
    if not judged:
        return "Nobody expects this recording any more: feeds tell of other cameras."
    [each] = judged
    if each.outcome is Outcome.EXCUSED:
        return "Two persons answered why: see the excuse of the incident."
    if row.code == MISSING and each.clips:
        return f"It is there: {', '.join(each.clips)}."
    return None


def _numbers(tx: Transaction, rows: Sequence[FindingRow]) -> dict[str, str]:
    """Of numbers: by all that their cameras handed in, as long as the clips around are there."""
    found: dict[str, str] = {}
    for row in rows:
        around = row.subject.split()[-2:]
        live = tx.session.execute(
            select(ClipRow.camera_key).where(
                ClipRow.id.in_(around), ClipRow.state != ClipState.DISPOSED.value
            )
        ).all()
        if len(live) < len(around):
            continue
        of_camera = numbers(tx, _EVER, camera=live[0][0])
        if row.subject not in {subject_of_gap(each.gap) for each in of_camera}:
            found[row.id] = "These numbers do not lack any more, or fewer of them do."
    return found
